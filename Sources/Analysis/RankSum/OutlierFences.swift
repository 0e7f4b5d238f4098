/// What counts as an outlier: beyond `factor` times the interquartile range from the quartiles.
package struct OutlierFences: Hashable, Sendable {
  package var factor: Double
  /// Never cuts within the 1st and the 99th percentile.
  package var isCautious: Bool

  package init(factor: Double = 3, isCautious: Bool = true) {
    self.factor = factor
    self.isCautious = isCautious
  }

  /// `nil` for fewer values than make a range.
  package func bounds(_ values: [Double]) -> ClosedRange<Double>? {
    guard values.count > 1 else { return nil }
    let sorted = values.sorted()
    let (low, high) = (Samples.percentile(25, ofSorted: sorted), Samples.percentile(75, ofSorted: sorted))
    var (least, most) = (low - factor * (high - low), high + factor * (high - low))
    if isCautious {
      least = min(least, Samples.percentile(1, ofSorted: sorted))
      most = max(most, Samples.percentile(99, ofSorted: sorted))
    }
    return least...most
  }

  package func removed(from values: [Double]) -> [Double] {
    guard let bounds = bounds(values) else { return values }
    return values.filter(bounds.contains)
  }
}
