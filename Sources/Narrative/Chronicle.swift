package import Engine
package import PipelineModel

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
  /// What each route of the plan was last confirmed to give the candidate; kept for `changes`.
  private var weights: [Weight]
  /// What each effect that is being tried again last failed with.
  private var failures: [EffectID: Failure] = [:]
  /// Of each metric that gives no answer now.
  private var outages: [Outage?]
  /// Who answers for each metric in its provider's stead.
  private var stands: [Reading.Notes.Stand?]
  private var reaction = Reaction()

  package init(plan: Plan) {
    self.plan = plan
    weights = plan.routes.map { _ in .none }
    readings = plan.pipeline.metrics.map { _ in nil }
    outages = plan.pipeline.metrics.map { _ in nil }
    stands = plan.pipeline.metrics.map { _ in nil }
  }

  /// Takes the run's next entry.
  ///
  /// - Throws: `IllegalTransition` when it cannot be one of this run's.
  package mutating func take(_ entry: Entry) throws -> [Sentence] { try teller(taking: entry)?.sentences ?? [] }

  /// Takes the run's next entry, and tells what a time line of the run's service shows of it.
  ///
  /// - Throws: `IllegalTransition` when it cannot be one of this run's.
  package mutating func moments(taking entry: Entry) throws -> [Moment] { try teller(taking: entry)?.moments ?? [] }

  /// Takes the run's next entry, and says what it changed of the traffic.
  ///
  /// - Throws: `IllegalTransition` when it cannot be one of this run's.
  package mutating func changes(taking entry: Entry) throws -> [ExposureChange] {
    guard let teller = try teller(taking: entry) else { return [] }
    let changes = teller.changes(from: weights)
    if let (route, weight) = teller.confirmed { weights[route] = weight }
    return changes
  }

  /// Takes the run's next entry, and tells nothing.
  ///
  /// - Throws: `IllegalTransition` when it cannot be one of this run's.
  package mutating func follow(_ entry: Entry) throws {
    if let (route, weight) = try teller(taking: entry)?.confirmed { weights[route] = weight }
  }

  /// - Returns: `nil` before the run's first entry.
  private mutating func teller(taking entry: Entry) throws -> Teller? {
    let before = run
    reaction.clear()
    // No fold leads there: the engine could not follow the run when a person freed its target.
    if let run, entry.decisions.contains(.released) {
      return Teller(plan: plan, before: run, run: run, entry: entry)
    }
    if case .started(let start) = entry.fact, let id = entry.run {
      run = Run(id: id, plan: plan, start: start, by: entry.actor, at: entry.time, into: &reaction)
    } else {
      try run?.apply(entry.fact, by: entry.actor, at: entry.time, into: &reaction)
    }
    if reaction.decisions != entry.decisions.filter(\.isOfTheRun) { divergences.append(entry.sequence) }
    let (outage, handover) = note(entry, before)
    return run.map {
      Teller(plan: plan, before: before ?? $0, run: $0, entry: entry, outage: outage, handover: handover)
    }
  }

  /// - Returns: of the metric that the entry measures, its outage as it was before, and whether another answers now.
  private mutating func note(_ entry: Entry, _ before: Run?) -> (Outage?, Handover?) {
    switch entry.fact {
    case .measured(let id, let reading):
      guard let effect = before?.pending.first(where: { $0.id == id }), case .measure(_, let metric) = effect.work
      else { return (nil, nil) }
      readings[metric] = reading
      let handover = Handover(of: metric, reading, after: stands[metric])
      if let handover { stands[metric] = handover.stand }
      defer { outages[metric] = Outage(entry, reading, after: outages[metric]) }
      return (outages[metric], handover)
    case .failed(_, let failure):
      failures = failures.filter { id, _ in run?.awaits(id) ?? false }
      for case .retrying(let id, _, _) in entry.decisions { failures[id] = failure }
      return (nil, nil)
    default: return (nil, nil)
    }
  }
}

extension Chronicle {
  /// An effect that did not come about so far, and is tried again.
  package struct Retry: Hashable, Sendable {
    package var work: Effect.Work
    /// What it is to do, after "could not".
    package var what: String
    /// How often it was tried in vain.
    package var failed: Int
    package var reason: String
    package var next: Timestamp
    /// A person was called because of it.
    package var isEscalated: Bool
  }

  /// What is tried again, in the order it was asked for.
  package var retries: [Retry] {
    guard let run else { return [] }
    return run.pending.compactMap { effect in
      guard effect.attempt > 1, let failure = failures[effect.id] else { return nil }
      return Retry(
        work: effect.work, what: run.phrase(of: effect.work), failed: effect.attempt - 1,
        reason: run.core(of: failure, in: effect.work), next: effect.notBefore,
        isEscalated: run.hasEscalated && effect.attempt > Backoff.tries)
    }
  }
}

extension Run {
  /// Whether it rolls back, does not get through, and a person was called.
  fileprivate var hasEscalated: Bool {
    if case .rollingBack(let rollback) = phase { rollback.isEscalated } else { false }
  }
}
