/// Brent's root finder as R's `uniroot` and Kayenta have it, with a tolerance of 1e-4: the same points are asked in the
/// same order, so that the same root comes out to the last digit.
///
/// Source: R. Brent, "Algorithms for minimization without derivatives", 1973, chapter 4.
struct BrentRoot {
  static let tolerance = 1e-4

  private struct Point {
    var x, y: Double
  }

  /// A point where `function` changes its sign between `low` and `high`, given its values there.
  static func find(
    _ low: Double, _ high: Double, _ atLow: Double, _ atHigh: Double, _ function: (Double) -> Double
  ) -> Double {
    if atLow == 0 { return low }
    if atHigh == 0 { return high }
    var before = Point(x: low, y: atLow)
    var best = Point(x: high, y: atHigh)
    var other = before
    for _ in 0..<1001 {
      let previous = best.x - before.x
      if other.y.magnitude < best.y.magnitude { (before, best, other) = (best, other, best) }
      let least = 2 * 2.220446049250313e-16 * best.x.magnitude + tolerance / 2
      let half = (other.x - best.x) / 2
      if half.magnitude <= least || best.y == 0 { return best.x }
      var step = half
      if previous.magnitude >= least, before.y.magnitude > best.y.magnitude,
        let shorter = interpolated(before, best, other, previous, least)
      {
        step = shorter
      }
      if step.magnitude < least { step = step > 0 ? least : -least }
      before = best
      best.x += step
      best.y = function(best.x)
      if (best.y > 0 && other.y > 0) || (best.y < 0 && other.y < 0) { other = before }
    }
    return best.x
  }

  /// A step by the secant or the inverse parabola; `nil` where halving is safer.
  private static func interpolated(
    _ before: Point, _ best: Point, _ other: Point, _ previous: Double, _ least: Double
  ) -> Double? {
    let width = other.x - best.x
    var p, q: Double
    if before.x == other.x {
      let ratio = best.y / before.y
      p = width * ratio
      q = 1 - ratio
    } else {
      let (r, s, t) = (before.y / other.y, best.y / other.y, best.y / before.y)
      p = t * (width * r * (r - s) - (best.x - before.x) * (s - 1))
      q = (r - 1) * (s - 1) * (t - 1)
    }
    if p > 0 { q = -q } else { p = -p }
    let isSafe = p < 0.75 * width * q - (least * q).magnitude / 2 && p < (previous * q / 2).magnitude
    return isSafe ? p / q : nil
  }
}
