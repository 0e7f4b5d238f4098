/// A set of metrics judged together.
package struct Gate: Hashable, Sendable {
  /// Indices into the pipeline's metrics, each once.
  package var metrics: [Int]
  /// Time between two looks.
  package var every: Interval
  /// Time from the gate's start to its first look.
  package var delay: Interval
  /// Measurements with evidence (pass, fail or inconclusive) each deciding metric needs before the gate can pass; ≥ 1.
  package var atLeast: Int
  package var allow: Allowance
  /// How much longer than the hold it may take, while it is inconclusive.
  package var patience: Interval
  /// `nil`: each metric decides by itself. Otherwise those that compare by ranks decide together, by their score.
  package var score: Scoring?

  package init(
    metrics: [Int], every: Interval, delay: Interval? = nil, atLeast: Int = 1, allow: Allowance = Allowance(),
    patience: Interval = .zero, score: Scoring? = nil
  ) {
    self.metrics = metrics
    self.every = every
    self.delay = delay ?? every
    self.atLeast = atLeast
    self.allow = allow
    self.patience = patience
    self.score = score
  }

  /// Looks that fit into `hold`, the one at its very end included.
  package func looks(in hold: Interval) -> Int64 {
    hold < delay ? 0 : 1 + (hold - delay).milliseconds / max(1, every.milliseconds)
  }
}

/// What a metric may show before it decides: the next one beyond a limit does. `nil`: no such limit.
package struct Allowance: Hashable, Sendable {
  package var failures: Int
  package var failuresInARow: Int?
  package var inconclusive: Int
  package var inconclusiveInARow: Int?
  package var noDataInARow: Int
  package var errorsInARow: Int

  package init(
    failures: Int = 0, failuresInARow: Int? = nil, inconclusive: Int = 0, inconclusiveInARow: Int? = nil,
    noDataInARow: Int = 4, errorsInARow: Int = 4
  ) {
    self.failures = failures
    self.failuresInARow = failuresInARow
    self.inconclusive = inconclusive
    self.inconclusiveInARow = inconclusiveInARow
    self.noDataInARow = noDataInARow
    self.errorsInARow = errorsInARow
  }
}
