package import PipelineModel

/// Who may run where: at most one run in flight for each target, and what each target runs now.
package struct Fleet: Equatable, Sendable {
  private var lanes: [Target: Lane] = [:]

  private struct Lane: Equatable, Sendable {
    var record: TargetRecord
    var active: RunID?
    var queue: [RunID] = []

    init(_ target: Target) { record = TargetRecord(target: target) }
    init(record: TargetRecord) { self.record = record }
  }

  package init(_ records: [TargetRecord] = []) {
    for record in records { lanes[record.target] = Lane(record: record) }
  }

  /// How a run may be started.
  package enum Admission: Hashable, Sendable {
    case now
    case queued
    /// After these runs have been taken back: the one in flight, and those that wait for it to end.
    case instead(of: [RunID])
  }

  package func record(of target: Target) -> TargetRecord { lanes[target]?.record ?? TargetRecord(target: target) }

  package func active(on target: Target) -> RunID? { lanes[target]?.active }

  /// Decides on a wish to start `version`.
  ///
  /// - Throws: `Refusal` when another run is in flight and the policy says so, or when the version was rolled back here
  ///   before and nobody insists.
  package func admission(
    of version: String, to target: Target, policy: BusyPolicy, again: Bool
  ) throws(Refusal) -> Admission {
    guard let lane = lanes[target] else { return .now }
    if lane.record.reverted.contains(version), !again {
      throw Refusal(
        "version \(version) of \(target) was rolled back before; "
          + "start it with --again and a reason if something has changed since")
    }
    let busy = (lane.active.map { [$0] } ?? []) + lane.queue
    guard let first = busy.first else { return .now }
    switch policy {
    case .refuse:
      throw Refusal(
        "run \(first) of \(target) is in flight, and the pipeline says `whenBusy: refuse`; "
          + "wait for it, end it with `headgate abort \(first)`, or set whenBusy to queue or supersede")
    case .queue: return .queued
    case .supersede: return .instead(of: busy)
    }
  }

  /// Why a promoted run cannot be rolled back any more; `nil` when it can.
  package func refusalOfRollback(of run: RunID, on target: Target) -> Refusal? {
    guard let lane = lanes[target], lane.record.stable.last?.run == run else {
      return Refusal(
        "another version has been promoted since; roll that one back, or start a run of the version you want")
    }
    if let active = lane.active { return Refusal("run \(active) of \(target) is in flight") }
    guard lane.record.stable.count > 1 else {
      return Refusal(
        "\(target) has no stable version before it that is still in place; start a run of the one you want")
    }
    return nil
  }

  /// The slot a run's candidate takes on each route: the one that is not live.
  package func slots(for routes: [RouteName], of target: Target) -> [Slot] {
    let live = record(of: target).live
    return routes.map { route in (live.first { $0.route == route }?.slot ?? .blue).other }
  }

  /// The run whose turn it is, if the target is free and one waits.
  package func next(on target: Target) -> RunID? {
    guard let lane = lanes[target], lane.active == nil else { return nil }
    return lane.queue.first
  }

  /// The fact that lets a waiting run begin, with what its target runs now.
  package func turn(of run: Run) -> Fact {
    let target = run.start.target
    return .begun(stable: record(of: target).stable.last?.version, slots: slots(for: run.plan.routes, of: target))
  }

  package var targets: [Target] {
    lanes.keys.sorted { ($0.service, $0.environment) < ($1.service, $1.environment) }
  }

  // MARK: What happened

  package mutating func started(_ run: RunID, on target: Target, queued: Bool) {
    if queued { lanes[target, default: Lane(target)].queue.append(run) } else { begun(run, on: target) }
  }

  /// A run has the target now: its turn has come, or it was promoted and is being taken back.
  package mutating func begun(_ run: RunID, on target: Target) {
    lanes[target, default: Lane(target)].queue.removeAll { $0 == run }
    lanes[target, default: Lane(target)].active = run
  }

  /// A run ended. `routes` are those that it moved.
  package mutating func ended(_ run: Run, _ outcome: Outcome) {
    var lane = lanes[run.start.target] ?? Lane(run.start.target)
    if lane.active == run.id { lane.active = nil }
    lane.queue.removeAll { $0 == run.id }
    switch outcome {
    case .promoted: lane.record.promoted(run)
    case .rolledBack: lane.record.rolledBack(run)
    case .failed, .aborted: if run.hasChangedAnything { lane.record.slotWasUsed() }
    }
    lanes[run.start.target] = lane
  }
}

extension TargetRecord {
  private static let remembered = 20

  fileprivate mutating func promoted(_ run: Run) {
    stable.append(Promoted(version: run.start.version, run: run.id))
    stable = stable.suffix(Self.remembered)
    reverted.removeAll { $0 == run.start.version }
    setLive(run) { slot, state in state.wanted == .all ? slot : slot.other }
  }

  fileprivate mutating func rolledBack(_ run: Run) {
    if stable.last?.run == run.id { stable.removeLast() }
    slotWasUsed()
    setLive(run) { slot, _ in slot.other }
    guard run.withdrawn?.isVerdict ?? true, run.start.version != run.start.stable else { return }
    reverted.removeAll { $0 == run.start.version }
    reverted = (reverted + [run.start.version]).suffix(Self.remembered)
  }

  /// A run took the slot beside the live one and did not stay: what the live version replaced is not there any more,
  /// so there is nothing to go back to at once.
  fileprivate mutating func slotWasUsed() { stable = stable.suffix(1) }

  private mutating func setLive(_ run: Run, _ slot: (Slot, RouteState) -> Slot) {
    for ((route, state), candidate) in zip(zip(run.plan.routes, run.routes), run.start.slots) where state.moved {
      live.removeAll { $0.route == route }
      live.append(LiveSlot(route: route, slot: slot(candidate, state)))
    }
  }
}

extension Cause {
  /// Whether a rollback for this cause says something about the version, rather than about the moment.
  fileprivate var isVerdict: Bool {
    switch self {
    case .gate, .stageDeadline, .runDeadline, .effect, .check, .rejected, .asked: true
    case .expired, .aborted, .superseded: false
    }
  }
}
