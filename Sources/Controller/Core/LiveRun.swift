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

  var run: Run { _read { yield state.run } }

  /// A run that waited begins with other slots than it was admitted with.
  func forgetCommission() { commission = nil }

  func order(for effect: Effect, store: String) -> WorkOrder {
    let commission = commission ?? Commission(run: id, plan: run.plan, start: run.start, store: store)
    self.commission = commission
    return WorkOrder(commission, effect, weight: weight, interval: interval(of: effect))
  }

  private func interval(of effect: Effect) -> Interval {
    guard case .measure(let site, let metric) = effect.work, case .working(let working) = run.phase else {
      return .zero
    }
    if let own = run.plan.pipeline.metrics[metric].interval { return own }
    return run.plan.gate(site, stage: working.stage, move: working.move)?.every ?? .zero
  }

  /// The share on the route moved last.
  var weight: Weight { run.routes.last { $0.wanted != nil }?.wanted ?? .none }

  var record: RunRecord {
    RunRecord(
      id: run.id, pipeline: run.start.pipeline, target: run.start.target, version: run.start.version,
      stable: run.start.stable, startedBy: run.startedBy, startedAt: run.startedAt, status: run.status,
      stage: run.stageName, weight: weight, endedAt: state.endedAt, first: state.first, last: state.last)
  }
}

extension Run {
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
