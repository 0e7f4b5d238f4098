/// One metric's verdict by the rules of Kayenta's `NetflixACAJudge-v1.0`, for those who come from there.
///
/// Where both arms are constant and differ, the original adds random noise; here the shift is their difference.
package struct RankSumJudge: Hashable, Sendable {
  package var tolerance: Double
  package var confidence: Double
  package var direction: Direction
  package var missing: Missing
  package var effect: Effect
  /// Effects that are allowed: down to, and up to.
  package var allowed: Allowed
  package var critical: Allowed
  package var isCritical: Bool
  package var mustHaveData: Bool
  package var outliers: OutlierFences?

  package enum Direction: String, Hashable, Sendable, CaseIterable { case increase, decrease, either }
  /// What a value that is no number counts as.
  package enum Missing: String, Hashable, Sendable, CaseIterable { case remove, replace }
  package enum Effect: String, Hashable, Sendable, CaseIterable { case meanRatio, cles }
  package enum Label: String, Hashable, Sendable, CaseIterable {
    case pass = "Pass", high = "High", low = "Low", noData = "Nodata", noDataFail = "NodataFailMetric"
  }

  package struct Allowed: Hashable, Sendable {
    package var decrease, increase: Double
    package init(decrease: Double = 1, increase: Double = 1) {
      self.decrease = decrease
      self.increase = increase
    }
  }

  package struct Verdict: Hashable, Sendable {
    package var label: Label
    /// The label is that of a critical metric, so it decides alone.
    package var isCritical = false
    package var shift: RankSumTest.Shift?
    /// Mean of the canary ÷ mean of the control; NaN if one of them is 0.
    package var meanRatio = 1.0
    package var effect = 1.0
  }

  package init(
    tolerance: Double = 0.25, confidence: Double = 0.98, direction: Direction = .either, missing: Missing = .remove,
    effect: Effect = .meanRatio, allowed: Allowed = Allowed(), critical: Allowed = Allowed(), isCritical: Bool = false,
    mustHaveData: Bool = false, outliers: OutlierFences? = nil
  ) {
    self.tolerance = tolerance
    self.confidence = confidence
    self.direction = direction
    self.missing = missing
    self.effect = effect
    self.allowed = allowed
    self.critical = critical
    self.isCritical = isCritical
    self.mustHaveData = mustHaveData
    self.outliers = outliers
  }

  package func judge(canary: [Double], control: [Double]) -> Verdict {
    let (x, y) = (prepared(canary), prepared(control))
    if x.isEmpty || y.isEmpty { return withoutData }
    if let same = alike(x, y) { return same }
    guard let shift = shift(x, y) else { return withoutData }
    let ratio = Samples.meanRatio(canary: x, control: y)
    let size = effect == .meanRatio ? ratio : shift.shareAbove
    let band = tolerance * shift.estimate.magnitude
    let isHigh = direction != .decrease && shift.low > band && !(size < allowed.increase)
    let isLow = direction != .increase && shift.high < -band && !(size > allowed.decrease)
    var verdict = Verdict(label: isHigh ? .high : isLow ? .low : .pass, shift: shift, meanRatio: ratio, effect: size)
    switch verdict.label {
    case .high: verdict.isCritical = isCritical && !(size < critical.increase)
    case .low: verdict.isCritical = isCritical && !(size > critical.decrease)
    case .pass, .noData, .noDataFail: break
    }
    return verdict
  }

  private func prepared(_ values: [Double]) -> [Double] {
    var values = values
    if !values.allSatisfy(\.isFinite) {
      values = missing == .remove ? values.filter(\.isFinite) : Samples.replacing(values, by: 0)
    }
    return outliers.map { $0.removed(from: values) } ?? values
  }

  private var withoutData: Verdict {
    if missing == .replace { return Verdict(label: .pass) }
    if mustHaveData, !isCritical { return Verdict(label: .noDataFail) }
    return Verdict(label: .noData, isCritical: isCritical)
  }

  /// `Pass` for samples that hold the same values; `nil` for others.
  private func alike(_ x: [Double], _ y: [Double]) -> Verdict? {
    guard x.count == y.count else {
      return Samples.isConstant(x) && Samples.isConstant(y) && x[0] == y[0] ? Verdict(label: .pass) : nil
    }
    // Most samples are told apart by their ends, without sorting.
    guard Samples.extremes(x) == Samples.extremes(y) else { return nil }
    return x.sorted() == y.sorted() ? Verdict(label: .pass) : nil
  }

  private func shift(_ x: [Double], _ y: [Double]) -> RankSumTest.Shift? {
    guard Samples.isConstant(x), Samples.isConstant(y) else {
      return RankSumTest.shift(x, y, confidence: confidence)
    }
    let difference = x[0] - y[0]
    return RankSumTest.Shift(
      low: difference, high: difference, estimate: difference, shareAbove: difference > 0 ? 1 : 0)
  }
}
