/// What is known of one arm's values: their number, their mean, and the sum of squares about it.
///
/// Merged by the formula of T. Chan, G. Golub and R. LeVeque, "Updating formulae and a pairwise algorithm for computing
/// sample variances" (1979), which keeps its digits where the values are large and differ little.
package struct Moments: Hashable, Sendable {
  package private(set) var count = 0.0
  package private(set) var mean = 0.0
  private var squaresAboutMean = 0.0

  package init() {}

  package init(_ values: [Double]) {
    for value in values {
      count += 1
      let distance = value - mean
      mean += distance / count
      squaresAboutMean += distance * (value - mean)
    }
  }

  /// From sums; of no use where the values are large and differ little, since their digits are gone by then.
  package init(count: Double, sum: Double, squares: Double) {
    guard count > 0 else { return }
    self.count = count
    mean = sum / count
    squaresAboutMean = max(0, squares - sum * mean)
  }

  package static func += (all: inout Moments, more: Moments) {
    guard more.count > 0 else { return }
    let count = all.count + more.count
    let distance = more.mean - all.mean
    all.squaresAboutMean += more.squaresAboutMean + distance * distance * all.count * (more.count / count)
    all.mean += distance * (more.count / count)
    all.count = count
  }

  /// Of the sample: n − 1.
  var variance: Double { squaresAboutMean / (count - 1) }
}
