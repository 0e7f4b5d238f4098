/// A share of bad requests so small that nobody minds it, however little the control has.
///
/// Where neither arm shows anything bad there is no ratio of rates to speak of; what can be known is that the canary's own
/// share is small, by a test martingale with alternatives at a third and at a thirtieth of `limit`; see `LeastShare`.
package struct NegligibleRate: Hashable, Sendable {
  private let share: LeastShare
  package var limit: Double { share.limit }

  /// - Parameter limit: more than 0, less than 1.
  package init(limit: Double) { share = LeastShare(limit: limit, parts: [1.0 / 3, 1.0 / 30]) }

  /// How many requests a canary is expected to need until it passes; infinite where its share of bad ones is not small.
  package func requestsToPass(rate: Double, beta: Double, over dispersion: Double = 1) -> Double {
    let gain = share.logGain(rate: rate)
    return gain > 0 ? dispersion * (ln(2) - ln(beta) - Self.logWeight) / gain : .infinity
  }

  /// ln of the e-value of `bad` of `all` requests.
  package func logEvidence(_ counts: ArmCounts, over dispersion: Double = 1) -> Double {
    share.logEvidence(counts, over: dispersion)
  }

  /// The pass side: against "as bad as `detect`, and more than is negligible". A mixture of two e-values against one
  /// hypothesis is one; the comparison has four fifths of it.
  func logMixture(relative: Double, _ canary: ArmCounts, over dispersion: Double) -> Double {
    logSum(relative + Self.logRest, logEvidence(canary, over: dispersion) + Self.logWeight)
  }

  static let logWeight = ln(0.2)
  static let logRest = ln(0.8)
}
