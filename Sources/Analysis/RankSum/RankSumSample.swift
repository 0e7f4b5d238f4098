/// Two samples in order, ready to be asked how they compare under a shift. Lives within one call: its memory is scratch.
///
/// `z` is asked some thirty times for one verdict, each time at a shift near one of those before. So for every x the
/// number of y below it is kept, and only what moved is counted anew.
struct RankSumSample: ~Copyable {
  /// Both in rising order; `y` with −∞ before its first element and +∞ after its last.
  private let x: UnsafePointer<Double>
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
  init(
    x: UnsafePointer<Double>, count n: Int, y: UnsafePointer<Double>, count m: Int, below: UnsafeMutablePointer<Int32>
  ) {
    self.x = x
    self.y = y
    self.below = below
    self.n = n
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
    return merge(shift)
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

  /// From nothing: four pieces of the merged order at a time, all of the same length, so that one need not wait for
  /// the other and none has to be asked whether it is done.
  private func merge(_ shift: Double) -> (pairs: Double, ties: Double) {
    let length = (n + m) / 4
    let (starts1, starts2, starts3) = (split(length, shift), split(2 * length, shift), split(3 * length, shift))
    var (i0, i1, i2, i3) = (0, starts1, starts2, starts3)
    var (c0, c1, c2, c3) = (0, length - starts1, 2 * length - starts2, 3 * length - starts3)
    for _ in 0..<length {
      step(&i0, &c0, shift)
      step(&i1, &c1, shift)
      step(&i2, &c2, shift)
      step(&i3, &c3, shift)
    }
    for _ in 4 * length..<n + m { step(&i3, &c3, shift) }
    // Where a piece ends, it has written what it knew by then over what the next one found.
    for index in [starts1, starts2, starts3] where index < n {
      below[index] = Int32(truncatingIfNeeded: rank(index, shift))
    }
    return tally(shift)
  }

  /// How many of the first `length` of the merged order are of x, equal ones of x first.
  private func split(_ length: Int, _ shift: Double) -> Int {
    var (low, high) = (max(0, length - m), min(n, length))
    while low < high {
      let middle = (low + high) / 2
      if x[middle] - shift <= y[length - middle - 1] { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Either the next y is below this x, or this x has its count.
  @inline(__always)
  private func step(_ index: inout Int, _ count: inout Int, _ shift: Double) {
    let isBelow = y[count] < x[index] - shift ? 1 : 0
    below[index] = Int32(truncatingIfNeeded: count)
    count &+= isBelow
    index &+= 1 &- isBelow
  }

  private func rank(_ index: Int, _ shift: Double) -> Int {
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
    for index in 0..<n {
      let count = Int(below[index])
      whole &+= count
      isTied = isTied || y[count] == x[index] - shift
    }
    if !isTied { isTied = isTiedWithinX(shift) }
    return total(whole, isTied, shift)
  }

  private func isTiedWithinX(_ shift: Double) -> Bool {
    var isTied = false
    for index in 1..<max(1, n) where x[index] - shift == x[index - 1] - shift { isTied = true }
    return isTied
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
