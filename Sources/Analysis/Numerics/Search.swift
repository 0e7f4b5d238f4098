/// Roots and minima of functions of one number.
enum Search {
  /// Where `function` changes its sign between `low` and `high`, by halving; 200 times at most.
  ///
  /// The signs at the ends differ; otherwise the result is one of the ends.
  static func root(_ low: Double, _ high: Double, _ function: (Double) -> Double) -> Double {
    var (low, high) = (low, high)
    let isPositive = function(low) > 0
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { break }
      if (function(middle) > 0) == isPositive { low = middle } else { high = middle }
    }
    return low + (high - low) / 2
  }

  /// Where a function with one valley between `low` and `high` is lowest, by the golden section.
  static func minimum(_ low: Double, _ high: Double, _ function: (Double) -> Double) -> Double {
    let section = (5.0.squareRoot() - 1) / 2
    var (low, high) = (low, high)
    var (left, right) = (high - section * (high - low), low + section * (high - low))
    var (atLeft, atRight) = (function(left), function(right))
    for _ in 0..<90 {
      if atLeft <= atRight {
        (high, right, atRight) = (right, left, atLeft)
        left = high - section * (high - low)
        atLeft = function(left)
      } else {
        (low, left, atLeft) = (left, right, atRight)
        right = low + section * (high - low)
        atRight = function(right)
      }
    }
    return (low + high) / 2
  }
}
