import Analysis
package import PipelineModel

/// Who may run where: at most one run in flight for each target and for each route, and what each target runs now.
package struct Fleet: Equatable, Sendable {
  private var lanes: [Target: Lane] = [:]
  /// Who moves each route now. Two targets may name the same route, and two runs on one would undo each other.
  private var holders: [RouteName: Holder] = [:]
  private var uses = ServiceUses()
  /// Targets where somebody waits.
  private var waiting: Set<Target> = []

  private struct Holder: Equatable, Sendable {
    var run: RunID
    var target: Target
  }

  private struct Waiting: Equatable, Sendable {
    var run: RunID
    var routes: [RouteName]
    /// What must not be going on when its turn comes.
    var uses: [ServiceUse]
  }

  private struct Lane: Equatable, Sendable {
    var record: TargetRecord
    var active: RunID?
    var queue: [Waiting] = []

    init(_ target: Target) { record = TargetRecord(target: target) }
    init(record: TargetRecord) { self.record = record }

    /// Whether nobody waits any more.
    mutating func begin(_ run: RunID) -> Bool {
      active = run
      return dequeue(run)
    }

    /// As `begin`.
    mutating func dequeue(_ run: RunID) -> Bool {
      queue.removeAll { $0.run == run }
      return queue.isEmpty
    }
  }

  package init(_ records: [TargetRecord] = []) {
    for record in records { lanes[record.target] = Lane(record: record) }
  }

  /// How a run may be started.
  package enum Admission: Hashable, Sendable {
    case now
    case queued
    /// After these runs have been taken back: the one in flight, those that wait for it to end, and those of other
    /// targets that move one of its routes.
    case instead(of: [RunID])
  }

  package func record(of target: Target) -> TargetRecord { lanes[target]?.record ?? TargetRecord(target: target) }

  package func active(on target: Target) -> RunID? { lanes[target]?.active }

  /// Decides on a wish to start `version`.
  ///
  /// - Parameter routes: those the run would move.
  /// - Throws: `Refusal` when another run is in flight on the target or one of the routes and the policy says so, or when
  ///   the version was rolled back here before and nobody insists.
  package func admission(
    of version: String, to target: Target, moving routes: [RouteName] = [], policy: BusyPolicy, again: Bool
  ) throws(Refusal) -> Admission {
    let lane = lanes[target] ?? Lane(target)
    if lane.record.reverted.contains(version), !again {
      throw Refusal(
        "version \(version) of \(target) was rolled back before; "
          + "start it with --again and a reason if something has changed since")
    }
    let here = (lane.active.map { [$0] } ?? []) + lane.queue.map(\.run)
    let elsewhere = strangers(on: routes, to: here)
    guard let first = here.first ?? elsewhere.first?.run else { return .now }
    switch policy {
    case .refuse:
      let what = here.isEmpty ? elsewhere.first?.description : "run \(first) of \(target) is in flight"
      throw Refusal(
        "\(what ?? ""), and the pipeline says `whenBusy: refuse`; "
          + "wait for it, end it with `headgate abort \(first)`, or set whenBusy to queue or supersede")
    case .queue: return .queued
    case .supersede: return .instead(of: here + elsewhere.map(\.run))
    }
  }

  private struct Stranger {
    var run: RunID
    var description: String
  }

  /// Other runs that move one of the routes, each once.
  private func strangers(on routes: [RouteName], to here: [RunID]) -> [Stranger] {
    var strangers: [Stranger] = []
    for route in routes {
      guard let holder = holders[route], !here.contains(holder.run),
        !strangers.contains(where: { $0.run == holder.run })
      else { continue }
      strangers.append(
        Stranger(run: holder.run, description: "run \(holder.run) of \(holder.target) moves route \(route) now"))
    }
    return strangers
  }

  /// Why a promoted run cannot be rolled back any more; `nil` when it can.
  package func refusalOfRollback(of run: RunID, on target: Target, moving routes: [RouteName] = []) -> Refusal? {
    guard let lane = lanes[target], lane.record.stable.last?.run == run else {
      return Refusal(
        "its version is not the stable one: another version has been promoted since, or it never got all traffic; "
          + "roll that one back, or start a run of the version you want")
    }
    if let active = lane.active { return Refusal("run \(active) of \(target) is in flight") }
    if let stranger = strangers(on: routes, to: [run]).first { return Refusal(stranger.description) }
    guard lane.record.stable.count > 1 || (!routes.isEmpty && routes.allSatisfy(\.isFlag)) else {
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

  /// The run whose turn it is, if one waits and the target is free, and every route the run moves.
  package func next(on target: Target) -> RunID? {
    guard let lane = lanes[target], lane.active == nil, let first = lane.queue.first,
      first.routes.allSatisfy({ holders[$0] == nil }), uses.collisions(of: first.uses, besides: first.run).isEmpty
    else { return nil }
    return first.run
  }

  /// Runs that do the other thing to the same services now: a ramp where this deploys, a deployment where this ramps.
  package func collisions(of uses: [ServiceUse], besides run: RunID? = nil) -> [Collision] {
    self.uses.collisions(of: uses, besides: run)
  }

  /// The run that moves a route now.
  package func holder(of route: RouteName) -> RunID? { holders[route]?.run }

  /// Targets where a run waits for its turn, in order.
  package var targetsWithQueue: [Target] { Self.sorted(waiting) }

  /// The fact that lets a waiting run begin, with what its target runs now.
  package func turn(of run: Run) -> Fact {
    let lane = run.plan.lane
    let record = record(of: lane)
    let stable = run.plan.isRamp ? run.start.stable : record.stable.last?.version
    return .begun(stable: stable, slots: slots(for: run.plan.routes, of: lane), spent: record.spent)
  }

  package var targets: [Target] { Self.sorted(lanes.keys) }

  private static func sorted(_ targets: some Collection<Target>) -> [Target] {
    targets.sorted { ($0.service, $0.environment) < ($1.service, $1.environment) }
  }

  // MARK: What happened

  /// - Parameter yields: whether it waits for runs that do the other thing to its services.
  package mutating func started(
    _ run: RunID, on target: Target, moving routes: [RouteName] = [], using uses: [ServiceUse] = [],
    yields: Bool = true, queued: Bool
  ) {
    guard queued else { return begun(run, on: target, moving: routes, using: uses) }
    lanes[target, default: Lane(target)].queue.append(Waiting(run: run, routes: routes, uses: yields ? uses : []))
    waiting.insert(target)
  }

  /// A run has the target and its routes now: its turn has come, or it was promoted and is being taken back.
  package mutating func begun(
    _ run: RunID, on target: Target, moving routes: [RouteName] = [], using uses: [ServiceUse] = []
  ) {
    if lanes[target, default: Lane(target)].begin(run), !waiting.isEmpty { waiting.remove(target) }
    for route in routes { holders[route] = Holder(run: run, target: target) }
    self.uses.add(uses, of: run)
  }

  /// So many runs more are to come.
  package mutating func reserveCapacity(_ count: Int) {
    lanes.reserveCapacity(lanes.count + count)
    holders.reserveCapacity(holders.count + count)
    uses.reserveCapacity(count)
  }

  /// Takes target and routes away from a run.
  private mutating func free(_ run: RunID, _ routes: [RouteName], _ lane: inout Lane) {
    if lane.active == run { lane.active = nil }
    if lane.dequeue(run) { waiting.remove(lane.record.target) }
    uses.remove(run)
    for route in routes where holders[route]?.run == run { holders[route] = nil }
  }

  /// A person took the target away from a run that could not be followed. What it did to the slot beside the live one
  /// is not known, so it counts as used.
  package mutating func released(_ run: RunID, on target: Target) {
    var lane = lanes[target] ?? Lane(target)
    let routes = holders.filter { $0.value.run == run }.map(\.key)
    free(run, routes, &lane)
    lane.record.slotWasUsed()
    lanes[target] = lane
  }

  /// A run ended.
  package mutating func ended(_ run: Run, _ outcome: Outcome) {
    var lane = lanes[run.plan.lane] ?? Lane(run.plan.lane)
    free(run.id, run.plan.routes, &lane)
    if let budgets = run.budgets { lane.record.spent = budgets.spent }
    switch outcome {
    case .promoted where run.plan.isRamp: lane.record.ramped(run)
    case .rolledBack where run.plan.isRamp: lane.record.stable.removeAll { $0.run == run.id }
    case .failed where run.plan.isRamp, .aborted where run.plan.isRamp: break
    case .promoted: lane.record.promoted(run)
    case .rolledBack: lane.record.rolledBack(run)
    case .failed, .aborted: if run.hasChangedAnything { lane.record.slotWasUsed() }
    }
    lanes[run.plan.lane] = lane
  }
}

extension TargetRecord {
  private static let remembered = 20

  /// A flag is where the run took it. Any ramp can be taken back: what was before is in the flag's own definition.
  fileprivate mutating func ramped(_ run: Run) {
    stable.append(Promoted(version: run.start.version, run: run.id))
    stable = stable.suffix(Self.remembered)
  }

  fileprivate mutating func promoted(_ run: Run) {
    if zip(run.plan.routes, run.routes).allSatisfy({ $0.isFlag || $1.wanted == .all }) {
      stable.append(Promoted(version: run.start.version, run: run.id))
      stable = stable.suffix(Self.remembered)
    } else {
      // Somewhere the version before it still has traffic, and is the one to go back to.
      slotWasUsed()
    }
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
    for ((route, state), candidate) in zip(zip(run.plan.routes, run.routes), run.start.slots)
    where state.moved && !route.isFlag {
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
    case .step(_, let end): end != .inconclusive
    case .expired, .aborted, .superseded, .split, .overruled: false
    }
  }
}
