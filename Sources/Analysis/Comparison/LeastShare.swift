/// A test martingale against "the share of bad requests is at least `limit`".
///
/// Its alternatives are parts of the limit, equally weighted: pᵉ·((1 − p·limit) ÷ (1 − limit))ⁿ⁻ᵉ for e bad of n requests and
/// each part p. An increment falls with every bad request, so its mean under any share from the limit up is at most 1.
struct LeastShare: Hashable, Sendable {
  /// More than 0, less than 1.
  let limit: Double
  private let gains: [Gain]
  private let logWeight: Double

  /// What a bad and a good request add for a part.
  private struct Gain: Hashable, Sendable {
    var bad, good: Double
  }

  /// - Parameter parts: each more than 0, less than 1.
  init(limit: Double, parts: [Double]) {
    self.limit = limit
    gains = parts.map { Gain(bad: ln($0), good: ln1p(limit * (1 - $0) / (1 - limit))) }
    logWeight = -ln(Double(parts.count))
  }

  /// ln of the e-value of `bad` of `all` requests.
  func logEvidence(_ counts: ArmCounts, over dispersion: Double = 1) -> Double {
    guard counts.isSound, counts.all > 0 else { return 0 }
    let bad = min(counts.bad, counts.all)
    let good = counts.all - bad
    return logSumExp(gains.lazy.map { (bad * $0.bad + good * $0.good) / dispersion }) + logWeight
  }

  /// What a request is expected to add for the part that tells most, where so many of them are bad.
  func logGain(rate: Double) -> Double { gains.map { rate * $0.bad + (1 - rate) * $0.good }.max() ?? 0 }
}
