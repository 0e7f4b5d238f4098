/// Boundaries in closed form, and intervals made of them. Sources as for `MixtureMartingale`, and S. Howard, A. Ramdas,
/// "Sequential estimation of quantiles with applications to A/B testing and best-arm identification", Bernoulli 28
/// (2022).
package enum Boundaries {
  /// Polynomial stitching: a boundary for a sub-gamma sum with scale `c`, from intrinsic time `vMin` on.
  package static func polynomialStitching(
    _ v: Double, alpha: Double, vMin: Double, c: Double = 0, s: Double = 1.4, eta: Double = 2
  ) -> Double {
    let (k1, k2) = stitching(eta)
    let time = max(v, vMin)
    let ell = s * ln(ln(eta * time / vMin)) + ln(Special.zeta(s)) - s * ln(ln(eta)) - ln(alpha)
    let linear = k2 * c * ell
    return (k1 * k1 * time * ell + linear * linear).squareRoot() + linear
  }

  private static func stitching(_ eta: Double) -> (Double, Double) {
    ((power(eta, 0.25) + power(eta, -0.25)) / 2.0.squareRoot(), (eta.squareRoot() + 1) / 2)
  }

  /// How far the empirical distribution function of `t` observations may ever be from the true one, from `tMin` on;
  /// infinite before.
  package static func empiricalProcess(_ t: Double, alpha: Double, tMin: Double, a: Double = 0.85) -> Double {
    guard t >= tMin else { return .infinity }
    var high = 5.0
    while lawOfIteratedLogarithmError(high, a) > alpha { high *= 2 }
    let c = Search.root(high / 2, high) { lawOfIteratedLogarithmError($0, a) - alpha }
    return a * ((ln1p(ln(t / tMin)) + c) / t).squareRoot()
  }

  private static func lawOfIteratedLogarithmError(_ c: Double, _ a: Double) -> Double {
    func error(_ eta: Double) -> Double {
      let reach = a - (2 * (eta - 1) / c).squareRoot()
      let square = 2 / eta * reach * reach
      guard square > 1, reach > 0 else { return .infinity }
      return 4 * exponential(-square * c) * (1 + 1 / ((square - 1) * ln(eta)))
    }
    let limit = Search.root(1, 2 * a * a) { ($0 / 2).squareRoot() + (2 * ($0 - 1) / c).squareRoot() - a }
    return error(Search.minimum(1, limit, error))
  }

  /// A boundary for the count of observations below the p-quantile, uniform over all quantiles and times.
  package static func doubleStitching(
    _ p: Double, _ t: Double, alpha: Double, tOpt: Double, delta: Double = 0.5, s: Double = 1.4, eta: Double = 2
  ) -> Double {
    let (k1, k2) = stitching(eta)
    let time = max(t, tOpt)
    let logit = ln(p / (1 - p))
    let raised = 1 / (1 + exponential(-(logit + 2 * delta * (tOpt * eta / time).squareRoot())))
    let r = p >= 0.5 ? p : min(0.5, raised)
    let variance = r * (1 - r)
    let j = (time / tOpt).squareRoot() * logit.magnitude / (2 * delta) + 1
    let zeta = Special.zeta(s)
    let ell = s * ln(ln(eta * time / tOpt)) + s * ln(j) + ln(2 * zeta * (2 * zeta + 1) / alpha) - s * ln(ln(eta))
    let linear = k2 * (1 - 2 * p) / 3 * ell
    return delta * (eta * time * variance / tOpt).squareRoot()
      + (k1 * k1 * variance * time * ell + linear * linear).squareRoot() + linear
  }

  /// A confidence sequence for a share: holds at all times together with chance 1 − `alpha`. Tightest around `tOpt`
  /// trials.
  package static func share(
    _ successes: Double, of trials: Double, alpha: Double, tOpt: Double, alphaOpt: Double = 0.05
  ) -> ClosedRange<Double> {
    guard trials > 0 else { return 0...1 }
    let seen = successes / trials
    func excess(_ p: Double) -> Double {
      let variance = p * (1 - p)
      let mixture = MixtureMartingale.betaBinomial(
        tightestAt: variance * tOpt, alpha: alphaOpt, g: p, h: 1 - p, isOneSided: false)
      return mixture.logValue((seen - p) * trials, variance * trials) + ln(alpha)
    }
    let low = seen > 0 ? Search.root(0, seen) { $0 <= 0 ? 1 : $0 >= 1 ? -1 : excess($0) } : 0
    let high = seen < 1 ? Search.root(seen, 1) { $0 >= 1 ? 1 : $0 <= 0 ? -1 : excess($0) } : 1
    return low...high
  }
}
