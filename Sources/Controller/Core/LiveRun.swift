import Engine
import PipelineModel
import PluginKit

/// A run in the controller's hands, with where its entries stand in the journal. One owner, the conductor, changes it in
/// place.
final class LiveRun {
  let id: RunID
  private var current: Run
  /// Sequence numbers of its first and last entries.
  private(set) var first: Int64
  private(set) var last: Int64
  /// Of the last entry.
  private(set) var time: Timestamp
  private(set) var endedAt: Timestamp?
  /// The last turn that touched it.
  var turn = 0
  /// The same for every order, so it is made once; a run that waited begins with other slots than it was admitted with.
  private var commission: Commission?

  /// A run whose entries so far are these; none yet: 0.
  init(_ run: Run, first: Int64 = 0, last: Int64 = 0, time: Timestamp, endedAt: Timestamp? = nil) {
    id = run.id
    current = run
    self.first = first
    self.last = last
    self.time = time
    self.endedAt = endedAt
  }

  var run: Run { current }

  /// Looks at the run where it is. A copy would take hold of everything in it, and that costs more than most looks.
  private func withRun<Result>(_ look: (inout Run) -> Result) -> Result { look(&current) }

  var outcome: Outcome? { current.outcome }
  var plan: Plan { current.plan }
  var pending: [Effect] { current.pending }
  var isWaiting: Bool { current.phase == .waiting }
  var environment: String { current.start.target.environment }
  var uses: [ServiceUse] { withRun { $0.uses } }

  /// When the run wants to be woken; see `Run.alarm`.
  func alarm(after now: Timestamp) -> Timestamp? { withRun { $0.alarm(after: now) } }

  /// The try of an effect that is awaited; `nil`: not any more.
  func awaited(_ id: EffectID, attempt: Int) -> Effect? {
    current.pending.first { $0.id == id && $0.attempt == attempt }
  }

  /// Whether an effect still matters. The end of a command or step always does: nothing comes back of it.
  func awaits(_ effect: Effect) -> Bool {
    switch effect.work {
    case .cancelCheck, .cancelStep: return true
    case .measure, .setWeight, .setMirror, .setHeaderRoute, .deploy, .retire, .check, .switchOff, .step: break
    }
    return current.pending.contains { $0.id == effect.id && $0.attempt == effect.attempt }
  }

  func apply(
    _ fact: Fact, by actor: Principal, at now: Timestamp, into reaction: inout Reaction
  ) throws(IllegalTransition) {
    try current.apply(fact, by: actor, at: now, into: &reaction)
    if case .begun = fact { commission = nil }
  }

  /// Takes note of where its newest entry stands.
  func written(at sequence: Int64, _ now: Timestamp) {
    if first == 0 { first = sequence }
    last = sequence
    time = now
    endedAt = outcome == nil ? nil : endedAt ?? now
  }

  func order(for effect: Effect, store: String) -> WorkOrder {
    let commission = commission ?? Commission(run: id, plan: run.plan, start: run.start, store: store)
    self.commission = commission
    return withRun {
      WorkOrder(
        commission, effect, weight: $0.weight, interval: $0.interval(of: effect), stage: $0.lastStage ?? 0,
        look: $0.look(of: effect))
    }
  }

  var record: RunRecord {
    let run = run
    return RunRecord(
      id: id, pipeline: run.start.pipeline, target: run.start.target, version: run.start.version,
      stable: run.start.stable, startedBy: run.startedBy, startedAt: run.startedAt, status: run.status,
      stage: run.stageName, weight: run.exposure, endedAt: endedAt, first: first, last: last)
  }

  var progress: RunProgress {
    withRun { [last, endedAt] run in
      RunProgress(
        run: run.id, status: run.status, stage: run.stageName, weight: run.exposure, last: last, endedAt: endedAt)
    }
  }
}

extension Run {
  /// How often the gate looks that asked for a measurement, or what its metric says instead.
  fileprivate func interval(of effect: Effect) -> Interval {
    guard case .measure(let site, let metric) = effect.work else { return .zero }
    return plan.pipeline.metrics[metric].interval ?? every(at: site) ?? .zero
  }

  /// The look a measurement is for. The gate over a stage judges what the step in progress shows too.
  fileprivate func look(of effect: Effect) -> MetricQuery.Look? {
    guard case .measure(let site, _) = effect.work, case .working(let working) = phase,
      let every = plan.gate(site, stage: working.stage, move: working.move)?.every,
      let since = [site, .move].compactMap({ working.watching(at: $0)?.since }).max()
    else { return nil }
    return .init(at: effect.notBefore, every: every, since: since)
  }

  /// The largest share that a router was seen to give the candidate.
  fileprivate var exposure: Weight { routes.reduce(.none) { max($0, $1.given) } }

  /// The share asked for on the route moved last.
  fileprivate var weight: Weight { routes.last { $0.wanted != nil }?.wanted ?? .none }

  package var status: RunRecord.Status {
    switch phase {
    case .waiting: .queued
    case .working(let working): working.held != nil ? .held : paused ? .paused : .running
    case .rollingBack: .rollingBack
    case .ended(.promoted): .promoted
    case .ended(.rolledBack): .rolledBack
    case .ended(.failed): .failed
    case .ended(.aborted): .aborted
    }
  }

  /// The stage in progress, or the last one that was.
  package var stageName: String? { lastStage.map { plan.pipeline.stages[$0].name } }
}
