/// How single values of both versions, such as durations of requests, are compared: by a quantile or by their means, in a
/// test that may be looked at at any time. For values that are not negative.
package struct SampleComparison: Hashable, Sendable {
  package enum Measure: Hashable, Sendable {
    /// Between 0 and 1, neither of them.
    case quantile(Double)
    case mean
  }
  package enum Worse: String, Hashable, Sendable, CaseIterable { case higher, lower }

  package var measure: Measure
  package var worse: Worse
  /// How many times worse than the control's is still tolerated; ≥ 1.
  package var tolerate: Double
  /// What must not pass; > `tolerate`.
  package var detect: Double
  /// That a release that is no worse than tolerated is not failed in a whole rollout, all comparisons together.
  package var confidence: Double
  /// That one as bad as `detect` does not pass.
  package var passConfidence: Double
  /// How much of what may go wrong it takes, beside the other comparisons of the pipeline; > 0.
  package var share: Double
  /// Values that each arm needs before there is anything to say.
  package var minimum: Double
  /// The number of values of an arm around which it decides with the least.
  package var sharpestAt: Double

  package init(
    _ measure: Measure, worse: Worse = .higher, tolerate: Double = 1, detect: Double = 1.5, confidence: Double = 0.99,
    passConfidence: Double = 0.95, share: Double = 1, minimum: Double = 100, sharpestAt: Double = 5000
  ) {
    self.measure = measure
    self.worse = worse
    self.tolerate = tolerate
    self.detect = detect
    self.confidence = confidence
    self.passConfidence = passConfidence
    self.share = share
    self.minimum = minimum
    self.sharpestAt = sharpestAt
  }
}
