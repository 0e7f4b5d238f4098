import PipelineModel

/// The weights of two servers that together make a share: HAProxy's own go from 0 to 256.
struct WeightPair: Equatable {
  var stable: Int
  var candidate: Int

  static let largest = 256

  /// The pair whose share is nearest to `weight`.
  ///
  /// Whole percents are written as they are read, 95 and 5; of other pairs that are equally near, the one with the
  /// smallest numbers, since it mixes best.
  init(nearest weight: Weight) {
    let points = weight.basisPoints
    if points % 100 == 0 {
      self.init(stable: 100 - points / 100, candidate: points / 100)
      return
    }
    var best = WeightPair(stable: points < 5_000 ? 1 : 0, candidate: points < 5_000 ? 0 : 1)
    for candidate in 1...Self.largest {
      let ideal = Double(candidate * (10_000 - points)) / Double(points)
      let stable = max(1, min(Self.largest, Int(ideal.rounded())))
      let pair = WeightPair(stable: stable, candidate: candidate)
      if pair.error(from: points) < best.error(from: points) { best = pair }
    }
    self = best
  }

  init(stable: Int, candidate: Int) {
    self.stable = stable
    self.candidate = candidate
  }

  /// The candidate's share; `nil` when both are 0 and nobody is served.
  var share: Weight? {
    let sum = stable + candidate
    guard sum > 0 else { return nil }
    return Weight(basisPoints: (candidate * 10_000 + sum / 2) / sum)
  }

  /// Distance in basis points, with fractions; far enough apart to compare exactly for weights up to 256.
  private func error(from points: Int) -> Double {
    Double(abs(candidate * 10_000 - points * (stable + candidate))) / Double(stable + candidate)
  }
}
