/// A guard rail: an absolute limit on the canary's share of bad requests, whatever the control does.
///
/// A test martingale against "the share is at most the limit", with alternatives at 1.5, 3 and 10 times it and half way
/// to 1 and near it; so a release that fails every request is caught after a handful of them.
package struct RateLimit: Hashable, Sendable {
  package let limit: Double
  package let alpha: Double
  private let alternatives: [Double]

  /// - Parameter limit: more than 0, less than 1.
  package init(limit: Double, alpha: Double) {
    self.limit = limit
    self.alpha = alpha
    let near = (1 + limit) / 2
    alternatives = [1.5 * limit, 3 * limit, 10 * limit].filter { $0 < near } + [near, 1 - (1 - limit) / 50]
  }

  /// ln of the e-value of `bad` of `all` requests.
  package func logEvidence(_ counts: ArmCounts) -> Double {
    guard counts.isSound, counts.all > 0 else { return 0 }
    let bad = min(counts.bad, counts.all)
    let good = counts.all - bad
    return logSumExp(
      alternatives.lazy.map { bad * ln($0 / limit) + good * ln1p((limit - $0) / (1 - limit)) })
      - ln(Double(alternatives.count))
  }

  package func isBroken(by counts: ArmCounts) -> Bool { logEvidence(counts) >= -ln(alpha) }

  /// The run as a whole, and the time since the canary is alone, each with half of the error: what was good beside the
  /// control must not make up for what is bad without it. A mean of two e-processes is one.
  func isBroken(by evidence: Evidence) -> Bool {
    logSumExp([logEvidence(evidence.rail), logEvidence(evidence.alone)]) - ln(2) >= -ln(alpha)
  }
}
