/// The rank-sum test with its confidence interval for the shift of one sample beside the other.
///
/// Sources: H. Mann, D. Whitney, Annals of Mathematical Statistics 18 (1947); the interval by inverting the test with the
/// normal approximation, ties and continuity corrected, as R's `wilcox.test(conf.int = TRUE, exact = FALSE)` does.
package enum RankSumTest {
  package struct Shift: Hashable, Sendable {
    /// Confidence interval of x − y. The ends are root-finder results: `low` may exceed `high` by its tolerance.
    package var low, high: Double
    package var estimate: Double
    /// Share of the pairs in which x is the larger, ties half: the common-language effect size.
    package var shareAbove: Double
  }

  /// - Returns: `nil` for an empty sample. Values are finite.
  package static func shift(_ x: [Double], _ y: [Double], confidence: Double) -> Shift? {
    guard !x.isEmpty, !y.isEmpty else { return nil }
    return withSample(x, y) { sample in
      let (low, high) = (sample.lowest, sample.highest)
      let tail = -Normal.quantile((1 - confidence) / 2)
      let (atLow, atHigh) = (sample.z(low), sample.z(high))
      func root(_ level: Double) -> Double {
        BrentRoot.find(low, high, atLow - level, atHigh - level) { sample.z($0) - level }
      }
      func end(_ level: Double) -> Double { atLow <= level ? low : atHigh >= level ? high : root(level) }
      let ends = (end(tail), end(-tail))
      let estimate = root(0)
      let above = sample.pairsAbove(0).pairs / (Double(x.count) * Double(y.count))
      return Shift(low: ends.0, high: ends.1, estimate: estimate, shareAbove: above)
    }
  }

  /// The standardised rank sum of x − `shift` beside y; `nil` for an empty sample.
  package static func z(_ x: [Double], _ y: [Double], shift: Double) -> Double? {
    guard !x.isEmpty, !y.isEmpty else { return nil }
    return withSample(x, y) { $0.z(shift) }
  }

  /// Puts both samples in order, in scratch memory.
  private static func withSample<Result>(
    _ x: [Double], _ y: [Double], _ body: (inout RankSumSample) -> Result
  ) -> Result {
    let (n, m) = (x.count, y.count)
    let longest = max(n, m)
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: n + m + 3) { room in
      let sortedX = UnsafeMutableBufferPointer(rebasing: room[..<n])
      let sortedY = UnsafeMutableBufferPointer(rebasing: room[(n + 2)..<(n + 2 + m)])
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * longest) { scratch in
        RadixSort.sort(x, into: sortedX, scratch)
        RadixSort.sort(y, into: sortedY, scratch)
      }
      room[n] = .infinity
      room[n + 1] = -.infinity
      room[n + 2 + m] = .infinity
      return withUnsafeTemporaryAllocation(of: Int32.self, capacity: n + 1) { below in
        guard let firstX = sortedX.baseAddress, let firstY = sortedY.baseAddress, let counts = below.baseAddress else {
          preconditionFailure("no room")
        }
        below.initialize(repeating: 0)
        var sample = RankSumSample(x: firstX, count: n, y: firstY, count: m, below: counts)
        return body(&sample)
      }
    }
  }
}
