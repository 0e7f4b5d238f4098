package import PipelineModel

/// What counts as an outlier: beyond `factor` times the interquartile range from the quartiles, or `factor` standard
/// deviations from the mean.
package struct OutlierFences: Hashable, Sendable {
  package var factor: Double
  package var measure: RankSum.OutlierMeasure
  /// Never cuts within the 1st and the 99th percentile, by quartiles.
  package var isCautious: Bool

  package init(factor: Double = 3, by measure: RankSum.OutlierMeasure = .quartiles, isCautious: Bool = true) {
    self.factor = factor
    self.measure = measure
    self.isCautious = isCautious
  }

  /// `nil` for fewer values than make a range.
  package func bounds(_ values: [Double]) -> ClosedRange<Double>? {
    guard values.count > 1 else { return nil }
    return switch measure {
    case .quartiles: aroundQuartiles(values)
    case .deviations: aroundMean(values)
    }
  }

  private func aroundQuartiles(_ values: [Double]) -> ClosedRange<Double> {
    let sorted = values.sorted()
    let (low, high) = (Samples.percentile(25, ofSorted: sorted), Samples.percentile(75, ofSorted: sorted))
    var (least, most) = (low - factor * (high - low), high + factor * (high - low))
    if isCautious {
      least = min(least, Samples.percentile(1, ofSorted: sorted))
      most = max(most, Samples.percentile(99, ofSorted: sorted))
    }
    return least...most
  }

  private func aroundMean(_ values: [Double]) -> ClosedRange<Double> {
    let (mean, count) = (Samples.mean(values), Double(values.count))
    // Of the values themselves, and not of what they are a sample of.
    let reach = factor * Samples.deviation(values) * ((count - 1) / count).squareRoot()
    return mean - reach...mean + reach
  }

  package func removed(from values: [Double]) -> [Double] {
    guard let bounds = bounds(values) else { return values }
    return values.filter(bounds.contains)
  }
}
