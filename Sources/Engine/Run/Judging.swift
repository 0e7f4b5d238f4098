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
  /// Where the gate makes a score of its metrics.
  package private(set) var board: ScoreBoard?

  init(_ gate: Gate, _ stakes: [Stakes], _ board: ScoreBoard?) {
    self.gate = gate
    self.board = board
    tallies = gate.metrics.map { Tally(isCarried: stakes[$0].isCarried) }
  }

  /// Counts a judgement of a metric, and says whether the metric now fails the gate.
  mutating func count(_ judgement: Judgement, _ value: Double?, of metric: Int, _ stakes: Stakes) -> Bool {
    guard let position = gate.metrics.firstIndex(of: metric) else { return false }
    tallies[position].record(judgement, value: value)
    if let board, board.metrics.contains(metric) {
      return board.hasFailed(gate) || gate.isFailedForWant(of: stakes, tallies[position])
    }
    return gate.isFailed(by: stakes, tallies[position])
  }

  mutating func score(_ ranked: ScoreBoard.Ranked, of metric: Int) -> ScoreReport? {
    board?.take(ranked, of: metric)
  }

  func verdict(_ stakes: [Stakes]) -> Verdict {
    board?.verdict(gate, tallies, of: stakes) ?? gate.verdict(tallies, of: stakes)
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
    horizon[site] = judging.map { Horizon.Pace($0.gate) }
    switch site {
    case .move: moveGate = judging
    case .background: backgroundGate = judging
    }
  }

  /// Counts in place; see `Judging.count`.
  mutating func count(_ judgement: Judgement, _ value: Double?, _ site: GateSite, _ metric: Int) -> Bool {
    let stakes = plan.stakes[metric]
    switch site {
    case .move: return moveGate?.count(judgement, value, of: metric, stakes) ?? false
    case .background: return backgroundGate?.count(judgement, value, of: metric, stakes) ?? false
    }
  }

  /// Takes a look into the gate's score, and gives the score if it was the last look that it waited for.
  mutating func scored(_ ranked: ScoreBoard.Ranked, of metric: Int, at site: GateSite) -> ScoreReport? {
    switch site {
    case .move: moveGate?.score(ranked, of: metric)
    case .background: backgroundGate?.score(ranked, of: metric)
    }
  }

  /// What a gate says as things stand; `nil` without a gate, or when every gate was waved through.
  package func verdict(_ site: GateSite) -> Verdict? {
    switch site {
    case .move: moveGate?.verdict(plan.stakes)
    case .background: backgroundGate?.verdict(plan.stakes)
    }
  }
}
