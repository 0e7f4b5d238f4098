package import Analysis
package import PipelineModel

/// A gate in progress, with what its metrics have shown so far.
///
/// Kept beside the run's phase and not within it: looks are most of what happens to a run, and each changes a tally and
/// nothing else.
package struct Judging: Hashable, Sendable {
  package let gate: Gate
  /// One for each of the gate's metrics, in its order.
  package private(set) var tallies: [Tally]

  init(_ gate: Gate, _ stakes: [Stakes]) {
    self.gate = gate
    tallies = gate.metrics.map { Tally(isCarried: stakes[$0].isCarried) }
  }

  /// Counts a judgement of a metric, and says whether the metric now fails the gate.
  mutating func count(_ judgement: Judgement, _ value: Double?, of metric: Int, _ stakes: Stakes) -> Bool {
    guard let position = gate.metrics.firstIndex(of: metric) else { return false }
    tallies[position].record(judgement, value: value)
    return gate.isFailed(by: stakes, tallies[position])
  }
}

extension Run {
  /// The gate that judges at a site now; `nil` where there is none, or every gate is waved through.
  package func judging(at site: GateSite) -> Judging? {
    switch site {
    case .move: moveGate
    case .background: backgroundGate
    }
  }

  mutating func setJudging(_ judging: Judging?, at site: GateSite) {
    switch site {
    case .move: moveGate = judging
    case .background: backgroundGate = judging
    }
    lookAhead()
  }

  /// Counts in place; see `Judging.count`.
  mutating func count(_ judgement: Judgement, _ value: Double?, _ site: GateSite, _ metric: Int) -> Bool {
    let stakes = plan.stakes[metric]
    switch site {
    case .move: return moveGate?.count(judgement, value, of: metric, stakes) ?? false
    case .background: return backgroundGate?.count(judgement, value, of: metric, stakes) ?? false
    }
  }

  /// What a gate says as things stand; `nil` without a gate, or when every gate was waved through.
  package func verdict(_ site: GateSite) -> Verdict? {
    judging(at: site).map { $0.gate.verdict($0.tallies, of: plan.stakes) }
  }
}
