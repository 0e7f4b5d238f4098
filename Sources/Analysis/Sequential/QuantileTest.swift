/// Whether a quantile is the same in both arms, asked at any time and as often as one likes.
///
/// Source: S. Howard, A. Ramdas, "Sequential estimation of quantiles", Bernoulli 28 (2022), section 5. For every value x
/// that the common quantile may have, the two arms' martingales are multiplied; the smallest product counts.
package struct QuantileTest: Sendable {
  package let quantile: Double
  private let mixture: MixtureMartingale

  /// - Parameter tOpt: observations in an arm around which the test is sharpest.
  package init(quantile: Double, tOpt: Double, alphaOpt: Double = 0.05) {
    self.quantile = quantile
    mixture = .betaBinomial(
      tightestAt: tOpt * quantile * (1 - quantile), alpha: alphaOpt, g: quantile, h: 1 - quantile, isOneSided: false)
  }

  /// An anytime-valid p-value; 1 where an arm has nothing. Values that are not finite are left out.
  package func pValue(_ a: [Double], _ b: [Double]) -> Double {
    min(1, exponential(-logEvidence(a, b)))
  }

  /// ln of the e-value against a common quantile; −∞ where an arm has nothing.
  package func logEvidence(_ a: [Double], _ b: [Double]) -> Double {
    logEvidence(ofSorted: a.filter(\.isFinite).sorted(), b.filter(\.isFinite).sorted())
  }

  /// The same of finite values in rising order.
  package func logEvidence(ofSorted a: [Double], _ b: [Double]) -> Double {
    guard let first = Arm(a, mixture, quantile), let second = Arm(b, mixture, quantile) else { return -.infinity }
    let (lower, upper) = first.flatEnd <= second.flatEnd ? (first, second) : (second, first)
    var least = min(total(lower, upper, lower.flatEnd), total(lower, upper, upper.flatStart))
    // Between the two valleys the lower arm's part rises only, so the sum is least where the upper arm's part drops.
    for x in upper.values where x >= lower.flatEnd && x <= upper.flatStart {
      least = min(least, total(lower, upper, x))
    }
    return least
  }

  private func total(_ a: Arm, _ b: Arm, _ x: Double) -> Double { a.logValue(at: x) + b.logValue(at: x) }

  /// One arm: its values in order, and where its martingale is lowest.
  private struct Arm {
    var values: [Double]
    var flatStart, flatEnd: Double
    private var mixture: MixtureMartingale
    private var quantile: Double
    private var valley: Double

    init?(_ sorted: [Double], _ mixture: MixtureMartingale, _ quantile: Double) {
      guard !sorted.isEmpty else { return nil }
      values = sorted
      self.mixture = mixture
      self.quantile = quantile
      let count = Double(values.count)
      valley = Search.minimum(0, 1) { Self.logValue($0, count, mixture, quantile) }
      let last = values.count - 1
      flatStart = values[min(last, max(0, Int((valley * count).rounded(.up)) - 1))]
      flatEnd = values[min(last, Int(valley * count))]
    }

    func logValue(at x: Double) -> Double {
      let count = Double(values.count)
      var below = valley
      if x < flatStart { below = Double(rank(x, orEqual: true)) / count }
      if x > flatEnd { below = Double(rank(x, orEqual: false)) / count }
      return Self.logValue(below, count, mixture, quantile)
    }

    private static func logValue(_ below: Double, _ count: Double, _ mixture: MixtureMartingale, _ p: Double) -> Double
    {
      mixture.logValue((below - p) * count, p * (1 - p) * count)
    }

    /// How many values are less than x, or equal to it where that is asked.
    private func rank(_ x: Double, orEqual: Bool) -> Int {
      var (low, high) = (0, values.count)
      while low < high {
        let middle = (low + high) / 2
        if values[middle] < x || (orEqual && values[middle] == x) { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }
}
