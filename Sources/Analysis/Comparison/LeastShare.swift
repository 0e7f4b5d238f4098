/// A test martingale against "the share of bad requests is at least `limit`".
///
/// Its alternatives are parts of the limit, equally weighted: pᵉ·((1 − p·limit) ÷ (1 − limit))ⁿ⁻ᵉ for e bad of n requests and
/// each part p. An increment falls with every bad request, so its mean under any share from the limit up is at most 1.
struct LeastShare: Hashable, Sendable {
  /// More than 0, less than 1.
  let limit: Double
  /// Each more than 0, less than 1.
  let parts: [Double]

  /// ln of the e-value of `bad` of `all` requests.
  func logEvidence(_ counts: ArmCounts, over dispersion: Double = 1) -> Double {
    guard counts.isSound, counts.all > 0 else { return 0 }
    let bad = min(counts.bad, counts.all)
    return logSumExp(parts.lazy.map { (bad * ln($0) + (counts.all - bad) * logGain($0)) / dispersion })
      - ln(Double(parts.count))
  }

  /// What a request is expected to add for the part that tells most, where so many of them are bad.
  func logGain(rate: Double) -> Double { parts.map { rate * ln($0) + (1 - rate) * logGain($0) }.max() ?? 0 }

  /// What a good request adds for a part.
  private func logGain(_ part: Double) -> Double { ln1p(limit * (1 - part) / (1 - limit)) }
}
