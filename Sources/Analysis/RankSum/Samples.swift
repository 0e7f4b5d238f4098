/// Plain statistics of a sample.
package enum Samples {
  package static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// Of the sample: n − 1; 0 of a single value.
  package static func deviation(_ values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    let mean = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }

  /// By linear interpolation between the neighbours (R's type 7); `p` in percent. NaN of nothing.
  package static func percentile(_ p: Double, ofSorted values: [Double]) -> Double {
    guard let last = values.indices.last else { return .nan }
    let place = p / 100 * Double(last)
    let index = min(last, max(0, Int(place)))
    let rest = place - Double(index)
    return rest <= 0 || index == last ? values[index] : values[index] + rest * (values[index + 1] - values[index])
  }

  /// NaN if a mean is 0.
  package static func meanRatio(canary: [Double], control: [Double]) -> Double {
    let (above, below) = (mean(canary), mean(control))
    return above == 0 || below == 0 ? .nan : above / below
  }

  /// The share of pairs in which the canary's value is the larger, ties half; NaN where an arm is empty.
  package static func commonLanguageEffect(canary: [Double], control: [Double]) -> Double {
    RankSumTest.shift(canary, control, confidence: 0.95)?.shareAbove ?? .nan
  }

  /// The values, another in place of each that is no number.
  package static func replacing(_ values: [Double], by value: Double) -> [Double] {
    values.map { $0.isFinite ? $0 : value }
  }

  static func isConstant(_ values: [Double]) -> Bool { values.allSatisfy { $0 == values[0] } }

  static func extremes(_ values: [Double]) -> ClosedRange<Double> {
    var (low, high) = (values[0], values[0])
    for value in values {
      low = Swift.min(low, value)
      high = Swift.max(high, value)
    }
    return low...high
  }
}
