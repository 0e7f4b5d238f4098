/// A test martingale made by mixing over alternatives, for a sum `s` with intrinsic time `v`.
///
/// Source: S. Howard, A. Ramdas, J. McAuliffe, J. Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence
/// sequences", Annals of Statistics 49 (2021), section 3.2 and appendix A. By Ville's inequality the chance that its
/// logarithm ever reaches ln(1/α) is at most α.
package enum MixtureMartingale: Hashable, Sendable {
  case twoSidedNormal(rho: Double)
  case oneSidedNormal(rho: Double)
  /// For sums that are sub-exponential with scale `c`.
  case gammaExponential(rho: Double, c: Double)
  /// For sums that are sub-Poisson with scale `c`.
  case gammaPoisson(rho: Double, c: Double)
  /// For observations between −g and h.
  case betaBinomial(r: Double, g: Double, h: Double, isOneSided: Bool)

  /// The ρ at which a two-sided boundary of level `alpha` is tightest at intrinsic time `v`.
  package static func bestRho(_ v: Double, alpha: Double) -> Double {
    let need = -2 * ln(alpha)
    return v / (need + ln1p(need))
  }

  /// A beta-binomial mixture that is tightest at intrinsic time `v`.
  package static func betaBinomial(
    tightestAt v: Double, alpha: Double, g: Double, h: Double, isOneSided: Bool
  ) -> MixtureMartingale {
    let rho = bestRho(v, alpha: isOneSided ? 2 * alpha : alpha)
    return .betaBinomial(r: max(rho - g * h, 1e-3 * g * h), g: g, h: h, isOneSided: isOneSided)
  }

  /// ln of the martingale's value.
  package func logValue(_ s: Double, _ v: Double) -> Double {
    switch self {
    case .twoSidedNormal(let rho):
      return 0.5 * ln(rho / (v + rho)) + s * s / (2 * (v + rho))
    case .oneSidedNormal(let rho):
      let scale = v + rho
      return 0.5 * ln(4 * rho / scale) + s * s / (2 * scale) + Normal.logCDF(s / scale.squareRoot())
    case .gammaExponential(let rho, let c):
      let (prior, shape) = (rho / (c * c), (v + rho) / (c * c))
      let rate = (c * s + v) / (c * c)
      return Self.gammaConstant(prior, Special.logGammaP) + Special.logGamma(shape)
        + Special.logGammaP(shape, rate + prior) - shape * ln(rate + prior) + rate
    case .gammaPoisson(let rho, let c):
      let (prior, rate) = (rho / (c * c), (v + rho) / (c * c))
      let shape = s / c + rate
      return Self.gammaConstant(prior, Special.logGammaQ) + Special.logGamma(shape) + Special.logGammaQ(shape, rate)
        - shape * ln(rate) + v / (c * c)
    case .betaBinomial(let r, let g, let h, let isOneSided):
      return Self.betaBinomial(s, v, r, g, h, isOneSided)
    }
  }

  private static func gammaConstant(_ prior: Double, _ tail: (Double, Double) -> Double) -> Double {
    prior * ln(prior) - Special.logGamma(prior) - tail(prior, prior)
  }

  private static func betaBinomial(
    _ s: Double, _ v: Double, _ r: Double, _ g: Double, _ h: Double, _ isOneSided: Bool
  ) -> Double {
    let (a, b) = (g * (g + h), h * (g + h))
    let x = isOneSided ? h / (g + h) : 1
    return v / (g * h) * ln(g + h) - (v + h * s) / b * ln(g) - (v - g * s) / a * ln(h)
      + Special.logIncompleteBeta((r + v - g * s) / a, (r + v + h * s) / b, x)
      - Special.logIncompleteBeta(r / a, r / b, x)
  }

  /// The smallest sum at which the martingale reaches 1/α: a boundary that is crossed with chance α at most, ever.
  package func bound(_ v: Double, alpha: Double) -> Double {
    let need = -ln(alpha)
    if case .twoSidedNormal(let rho) = self { return ((v + rho) * (ln1p(v / rho) + 2 * need)).squareRoot() }
    var high = v
    if case .betaBinomial(_, let g, _, _) = self {
      high = v / g
      if logValue(high, v) < need { return high }
    }
    while logValue(high, v) < need { high *= 2 }
    return Search.root(0, high) { logValue($0, v) - need }
  }
}
