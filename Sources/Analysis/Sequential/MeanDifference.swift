/// A confidence sequence for a difference of means that holds at all times once the counts are large.
///
/// Source: I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy, A. Ramdas, "Time-uniform central limit theory and asymptotic
/// confidence sequences", Annals of Statistics 52 (2024), theorem 2.2 and, one-sided, proposition B.1; the relative
/// difference by the delta method.
package struct MeanDifference: Hashable, Sendable {
  package var estimate: Double
  package var standardError: Double
  /// Half the width of the two-sided interval, and the reach of a one-sided bound.
  package var reach, oneSidedReach: Double
  /// Anytime-valid, for "no difference", two-sided.
  package var pValue: Double

  /// - Parameters:
  ///   - tightestAt: observations in both arms together around which the interval is narrowest.
  ///   - relative: as a share of the control's mean.
  /// - Returns: `nil` where an arm has fewer than two values, nothing varies, or a relative difference has no base.
  package init?(control: Moments, canary: Moments, relative: Bool = false, tightestAt: Double, alpha: Double) {
    guard control.count >= 2, canary.count >= 2 else { return nil }
    let base = relative ? control.mean : 1
    let scale = relative ? canary.mean / control.mean : 1
    let n = control.count + canary.count
    let spread = canary.variance / canary.count + scale * scale * control.variance / control.count
    let variance = spread / (base * base)
    guard base != 0, variance > 0, variance.isFinite else { return nil }
    estimate = (canary.mean - control.mean) / base
    standardError = variance.squareRoot()
    let reach = n * Self.rho(alpha, tightestAt)
    self.reach = standardError * (2 * (reach + 1) / reach * ln((reach + 1).squareRoot() / alpha)).squareRoot()
    let oneSided = n * Self.rho(2 * alpha, tightestAt)
    oneSidedReach =
      standardError * (2 * (oneSided + 1) / oneSided * ln1p((oneSided + 1).squareRoot() / (2 * alpha))).squareRoot()
    let square = estimate * estimate / variance
    pValue = min(1, exponential(0.5 * ln1p(reach) - 0.5 * square * reach / (reach + 1)))
  }

  private static func rho(_ alpha: Double, _ n: Double) -> Double {
    let need = -2 * ln(alpha)
    return (need + ln1p(need)) / n
  }
}
