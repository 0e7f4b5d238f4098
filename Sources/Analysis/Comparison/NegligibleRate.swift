/// A share of bad requests so small that nobody minds it, however little the control has.
///
/// Where neither arm shows anything bad there is no ratio of rates to speak of; what can be known is that the canary's own
/// share is small. A test martingale against "the share is at least `limit`", with alternatives at a third and at a
/// thirtieth of it: the mean of an increment under any share from `limit` up is at most 1, since the increments fall with
/// every bad request.
package struct NegligibleRate: Hashable, Sendable {
  /// More than 0, less than 1.
  package let limit: Double

  package init(limit: Double) { self.limit = limit }

  /// How many requests a canary is expected to need until it passes; infinite where its share of bad ones is not small.
  package func requestsToPass(rate: Double, beta: Double) -> Double {
    let gain = Self.parts.map { rate * ln($0) + (1 - rate) * ln1p(limit * (1 - $0) / (1 - limit)) }.max() ?? 0
    return gain > 0 ? (ln(2) - ln(beta) - Self.logWeight) / gain : .infinity
  }

  /// ln of the e-value of `bad` of `all` requests.
  package func logEvidence(_ counts: ArmCounts, over dispersion: Double = 1) -> Double {
    guard counts.isSound, counts.all > 0 else { return 0 }
    let bad = min(counts.bad, counts.all)
    func logRatio(_ part: Double) -> Double {
      (bad * ln(part) + (counts.all - bad) * ln1p(limit * (1 - part) / (1 - limit))) / dispersion
    }
    return logSum(logRatio(Self.parts[0]), logRatio(Self.parts[1])) - ln(2)
  }

  /// The pass side: against "as bad as `detect`, and more than is negligible". A mixture of two e-values against one
  /// hypothesis is one; the comparison has four fifths of it.
  func logMixture(relative: Double, _ canary: ArmCounts, over dispersion: Double) -> Double {
    logSum(relative + Self.logRest, logEvidence(canary, over: dispersion) + Self.logWeight)
  }

  private static let parts = [1.0 / 3, 1.0 / 30]
  static let logWeight = ln(0.2)
  static let logRest = ln(0.8)
}
