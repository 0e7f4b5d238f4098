/// Two samples in order, ready to be asked how they compare under a shift. Lives within one call: its memory is scratch.
///
/// `z` is asked some thirty times for one verdict, each time at a shift near one of those before. So for every x the
/// number of y below it is kept, and only what moved is counted anew.
struct RankSumSample: ~Copyable {
  /// Both in rising order; `y` with −∞ before its first element and +∞ after its last.
  private let x: UnsafeBufferPointer<Double>
  private let y: UnsafePointer<Double>
  private let n, m: Int
  /// How many y are below x − shift, for the shift asked for last.
  private let below: UnsafeMutablePointer<Int32>
  private var asked = Double.nan
  /// Σ(t³ − t) over the groups of equal values within y.
  private let tiesOfY: Double

  /// - Parameters:
  ///   - y: points at the first element; one more element before and after is there and is ±∞.
  ///   - below: room for one number for each x.
  init(x: UnsafeBufferPointer<Double>, y: UnsafePointer<Double>, count m: Int, below: UnsafeMutablePointer<Int32>) {
    self.x = x
    self.y = y
    self.below = below
    n = x.count
    self.m = m
    tiesOfY = Self.ties(UnsafeBufferPointer(start: y, count: m))
  }

  private static func ties(_ values: UnsafeBufferPointer<Double>) -> Double {
    var sum = 0.0
    var run = 1.0
    for index in 1..<max(1, values.count) {
      if values[index] == values[index - 1] {
        run += 1
      } else if run > 1 {
        sum += run * run * run - run
        run = 1
      }
    }
    return run > 1 ? sum + (run * run * run - run) : sum
  }

  var lowest: Double { x[0] - y[m - 1] }
  var highest: Double { x[n - 1] - y[0] }

  /// Σ of the ranks of x − `shift` less n(n+1)/2: pairs in which x is the larger, ties half.
  mutating func pairsAbove(_ shift: Double) -> (pairs: Double, ties: Double) {
    let reach = (highest - lowest) / Double(m)
    let isNear = (shift - asked).magnitude < 6 * reach
    asked = shift
    if isNear { return walk(shift) }
    merge(shift)
    return tally(shift)
  }

  /// From the counts of the shift before; for a shift near it.
  private func walk(_ shift: Double) -> (pairs: Double, ties: Double) {
    var whole = 0
    var isTied = false
    var before = Double.nan
    for index in 0..<n {
      let value = x[index] - shift
      var count = Int(below[index])
      while y[count] < value { count += 1 }
      while y[count - 1] >= value { count -= 1 }
      below[index] = Int32(truncatingIfNeeded: count)
      whole += count
      isTied = isTied || y[count] == value || value == before
      before = value
    }
    return total(whole, isTied, shift)
  }

  /// From nothing: four pieces of x at a time, so that one need not wait for the other.
  private func merge(_ shift: Double) {
    let quarter = (n + 3) / 4
    var starts = (0, min(n, quarter), min(n, 2 * quarter), min(n, 3 * quarter))
    let ends = (starts.1, starts.2, starts.3, n)
    var counts = (
      rank(starts.0, shift), rank(starts.1, shift), rank(starts.2, shift), rank(starts.3, shift)
    )
    while starts.0 < ends.0 && starts.1 < ends.1 && starts.2 < ends.2 && starts.3 < ends.3 {
      step(&starts.0, &counts.0, shift)
      step(&starts.1, &counts.1, shift)
      step(&starts.2, &counts.2, shift)
      step(&starts.3, &counts.3, shift)
    }
    while starts.0 < ends.0 { step(&starts.0, &counts.0, shift) }
    while starts.1 < ends.1 { step(&starts.1, &counts.1, shift) }
    while starts.2 < ends.2 { step(&starts.2, &counts.2, shift) }
    while starts.3 < ends.3 { step(&starts.3, &counts.3, shift) }
  }

  /// Either the next y is below this x, or this x has its count.
  @inline(__always)
  private func step(_ index: inout Int, _ count: inout Int, _ shift: Double) {
    let isBelow = y[count] < x[index] - shift ? 1 : 0
    below[index] = Int32(truncatingIfNeeded: count)
    count += isBelow
    index += 1 - isBelow
  }

  private func rank(_ index: Int, _ shift: Double) -> Int {
    guard index < n else { return 0 }
    let value = x[index] - shift
    var (low, high) = (0, m)
    while low < high {
      let middle = (low + high) / 2
      if y[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func tally(_ shift: Double) -> (pairs: Double, ties: Double) {
    var whole = 0
    var isTied = false
    var before = Double.nan
    for index in 0..<n {
      let count = Int(below[index])
      let value = x[index] - shift
      whole += count
      isTied = isTied || y[count] == value || value == before
      before = value
    }
    return total(whole, isTied, shift)
  }

  private func total(_ whole: Int, _ isTied: Bool, _ shift: Double) -> (pairs: Double, ties: Double) {
    guard isTied else { return (Double(whole), tiesOfY) }
    let (halves, ties) = ties(shift)
    return (Double(whole) + halves / 2, tiesOfY + ties)
  }

  /// Pairs of equal values, and what groups with an x in them add to Σ(t³ − t).
  ///
  /// Values that differ may be equal once they are shifted far: they are compared as they are then.
  private func ties(_ shift: Double) -> (Double, Double) {
    var (pairs, ties) = (0.0, 0.0)
    var index = 0
    while index < n {
      let value = x[index] - shift
      var next = index + 1
      while next < n, x[next] - shift == value { next += 1 }
      let start = Int(below[index])
      var end = start
      while y[end] == value { end += 1 }
      let (a, b) = (Double(next - index), Double(end - start))
      pairs += a * b
      // a³ − a, and with b in the group (a + b)³ − (a + b) less what b alone gives.
      ties += a * a * a - a + 3 * a * b * (a + b)
      index = next
    }
    return (pairs, ties)
  }

  /// The standardised rank sum of x − `shift` beside y, corrected for continuity; falls as the shift grows.
  mutating func z(_ shift: Double) -> Double {
    let (n, m) = (Double(n), Double(m))
    let (pairs, ties) = pairsAbove(shift)
    let w = pairs - n * m / 2
    let variance = n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1)))
    let correction = w > 0 ? 0.5 : w < 0 ? -0.5 : 0
    return (w - correction) / variance.squareRoot()
  }
}
