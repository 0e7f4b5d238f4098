import Engine
import PipelineModel

/// A run in the controller's hands, with where its entries stand in the journal. One owner, the conductor, changes it in
/// place.
final class LiveRun {
  /// What a turn changes, and takes back when it cannot be written.
  struct State {
    var run: Run
    var first: Int64
    var last: Int64
    /// Of the last entry.
    var time: Timestamp
    var endedAt: Timestamp?
  }

  let id: RunID
  var state: State
  /// The last turn that touched it.
  var turn = 0
  /// The same for every order, so it is made once.
  private var commission: Commission?

  init(_ state: State) {
    id = state.run.id
    self.state = state
  }

  var run: Run { state.run }

  /// Looks at the run where it is. A copy would take hold of everything in it, and that costs more than most looks.
  func withRun<Result>(_ look: (inout Run) -> Result) -> Result { look(&state.run) }

  /// A run that waited begins with other slots than it was admitted with.
  func forgetCommission() { commission = nil }

  func order(for effect: Effect, store: String) -> WorkOrder {
    let commission = commission ?? Commission(run: id, plan: run.plan, start: run.start, store: store)
    self.commission = commission
    return withRun { WorkOrder(commission, effect, weight: $0.weight, interval: $0.interval(of: effect)) }
  }

  var record: RunRecord {
    withRun { [state = (state.first, state.last, state.endedAt)] run in
      RunRecord(
        id: run.id, pipeline: run.start.pipeline, target: run.start.target, version: run.start.version,
        stable: run.start.stable, startedBy: run.startedBy, startedAt: run.startedAt, status: run.status,
        stage: run.stageName, weight: run.weight, endedAt: state.2, first: state.0, last: state.1)
    }
  }
}

extension Run {
  /// How often the gate looks that asked for a measurement, or what its metric says instead.
  fileprivate func interval(of effect: Effect) -> Interval {
    guard case .measure(let site, let metric) = effect.work, case .working(let working) = phase else { return .zero }
    if let own = plan.pipeline.metrics[metric].interval { return own }
    return plan.gate(site, stage: working.stage, move: working.move)?.every ?? .zero
  }

  /// The share on the route moved last.
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
