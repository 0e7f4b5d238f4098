package import Engine
import PipelineModel

/// Follows one run through its entries, and tells it in sentences. The only place that makes them.
///
/// Folds the entries as it goes, so that it knows what an outcome is an outcome of; `show --replay` is this fold, held
/// against the decisions that were recorded.
package struct Chronicle {
  package let plan: Plan
  package private(set) var run: Run?
  /// Sequence numbers of entries from which this engine concludes something else than was recorded.
  package private(set) var divergences: [Int64] = []
  /// The last number measured for each metric of the pipeline, for views.
  package private(set) var readings: [Reading?]
  private var reaction = Reaction()

  package init(plan: Plan) {
    self.plan = plan
    readings = plan.pipeline.metrics.map { _ in nil }
  }

  /// Takes the run's next entry.
  ///
  /// - Throws: `IllegalTransition` when it cannot be one of this run's.
  package mutating func take(_ entry: Entry) throws -> [Sentence] {
    let before = run
    reaction.clear()
    // No fold leads there: the engine could not follow the run when a person freed its target.
    if let run, entry.decisions.contains(.released) {
      return Teller(plan: plan, before: run, run: run, entry: entry).sentences
    }
    if case .started(let start) = entry.fact, let id = entry.run {
      run = Run(id: id, plan: plan, start: start, by: entry.actor, at: entry.time, into: &reaction)
    } else {
      try run?.apply(entry.fact, by: entry.actor, at: entry.time, into: &reaction)
    }
    if reaction.decisions != entry.decisions.filter(\.isOfTheRun) { divergences.append(entry.sequence) }
    note(entry.fact, before)
    guard let run else { return [] }
    return Teller(plan: plan, before: before ?? run, run: run, entry: entry).sentences
  }

  private mutating func note(_ fact: Fact, _ before: Run?) {
    guard case .measured(let id, let reading) = fact, let effect = before?.pending.first(where: { $0.id == id }),
      case .measure(_, let metric) = effect.work
    else { return }
    readings[metric] = reading
  }
}
