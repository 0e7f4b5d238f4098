package import Engine
package import PipelineModel

/// What a simulation came to.
package struct SimulationResult: Sendable {
  /// `nil`: the run did not end.
  package var outcome: Outcome?
  /// Virtual time from the run's start to its end.
  package var took: Interval
  /// The highest share the candidate ever had, on any route.
  package var highest: Weight
  /// Requests that reached the candidate.
  package var exposed: Double
  /// The last stage that was entered.
  package var stage: String?
  /// Whether it ever waited for a person to decide.
  package var wasHeld: Bool
  package var facts: Int
  /// What must never happen and did; empty for a sound engine.
  package var violations: [String]
}

extension Simulator {
  var result: SimulationResult {
    var violations = watch.violations
    if run.outcome == nil { violations.append("the run did not end") }
    return SimulationResult(
      outcome: run.outcome, took: now - Self.epoch, highest: watch.highest, exposed: watch.exposed,
      stage: run.lastStage.map { plan.pipeline.stages[$0].name }, wasHeld: watch.wasHeld, facts: watch.facts,
      violations: violations)
  }
}

extension Expectation {
  /// What was expected and did not come about, each in a sentence; empty when all of it did.
  package func disappointments(in result: SimulationResult) -> [String] {
    var sentences = result.violations
    func expect(_ holds: Bool, _ sentence: @autoclosure () -> String) { if !holds { sentences.append(sentence()) } }
    if let outcome {
      expect(
        outcome.holds(for: result), "expected \(outcome.rawValue), was \(result.outcome?.phrase ?? "still going on")")
    }
    if let before { expect(result.took < before, "expected to end before \(before), ended after \(result.took)") }
    if let after { expect(result.took > after, "expected to take more than \(after), took \(result.took)") }
    if let exposedAtMost {
      expect(result.highest <= exposedAtMost, "expected at most \(exposedAtMost) exposed, was \(result.highest)")
    }
    if let stage {
      expect(result.stage == stage, "expected to end in stage \"\(stage)\", was \"\(result.stage ?? "none")\"")
    }
    return sentences
  }
}

extension Expectation.Result {
  fileprivate func holds(for result: SimulationResult) -> Bool {
    switch self {
    case .promoted: result.outcome == .promoted
    case .rolledBack: result.outcome == .rolledBack
    case .failed: result.outcome == .failed
    case .aborted: result.outcome == .aborted
    case .held: result.wasHeld
    }
  }
}
