/// What is known of one arm's values: their number, their mean, and the sum of squares about it.
///
/// Merged by the formula of T. Chan, G. Golub and R. LeVeque, "Updating formulae and a pairwise algorithm for computing
/// sample variances" (1979), which keeps its digits where the values are large and differ little.
package struct Moments: Hashable, Sendable {
  package private(set) var count = 0.0
  package private(set) var mean = 0.0
  private var squaresAboutMean = 0.0
  /// Whether all values are the same, and not just so near to each other that their spread is lost.
  package private(set) var isConstant = true

  package init() {}

  package init(_ values: [Double]) {
    for value in values {
      count += 1
      let distance = value - mean
      mean += distance / count
      squaresAboutMean += distance * (value - mean)
      isConstant = isConstant && value == values[0]
    }
  }

  /// From sums; of no use where the values are large and differ little, since their digits are gone by then.
  package init(count: Double, sum: Double, squares: Double) {
    guard count > 0 else { return }
    self.count = count
    mean = sum / count
    squaresAboutMean = max(0, squares - sum * mean)
    isConstant = squares == sum * mean && (squares > 0 || sum == 0)
  }

  package static func += (all: inout Moments, more: Moments) {
    guard more.count > 0 else { return }
    all.isConstant = all.isConstant && more.isConstant && (all.count == 0 || all.mean == more.mean)
    let count = all.count + more.count
    let distance = more.mean - all.mean
    all.squaresAboutMean += more.squaresAboutMean + distance * distance * all.count * (more.count / count)
    all.mean += distance * (more.count / count)
    all.count = count
  }

  /// Of the sample: n − 1.
  var variance: Double { squaresAboutMean / (count - 1) }
}
