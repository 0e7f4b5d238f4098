import Analysis
import PipelineModel

/// Kayenta's whole verdict on a day of minutes against a day of minutes: sorting, interval, estimate and label. Beside it
/// SciPy's `mannwhitneyu`, which gives the plain test only.
func measureRankSum() throws -> [Figure] {
  let pairs = (0..<64).map { seed in (Minutes.day(seed: seed, median: 0.2), Minutes.day(seed: seed + 999, median: 0.2))
  }
  let judge = RankSumJudge()
  var labels = 0
  let rates = (0..<5).map { _ in
    let spent = Spent.on {
      for _ in 0..<16 {
        for (canary, control) in pairs where judge.judge(canary: canary, control: control).label == .pass {
          labels += 1
        }
      }
    }
    return Double(16 * pairs.count) / spent.cpu
  }
  guard labels > 0 else { throw Unexpected("no verdict was a pass") }
  let peer = Peer.measure("mannwhitneyu.py").map { (name: "SciPy mannwhitneyu, the test alone", value: $0) }
  return [
    Figure(
      name: "kayenta/verdicts on 1440 against 1440 points", value: rates.median, unit: "1/CPU-s", peer: peer,
      goal: ">= 5000, ratio >= 2")
  ]
}

/// Latencies of 1440 minutes, log-normal, by a small generator of its own.
private enum Minutes {
  static func day(seed: Int, median: Double) -> [Double] {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    func unit() -> Double {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(state >> 11) * 0x1p-53
    }
    return (0..<1440).map { _ in
      // The sum of twelve uniform numbers is nearly normal.
      let normal = (0..<12).reduce(-6.0) { sum, _ in sum + unit() }
      return median * (1 + 0.2 * normal + 0.02 * normal * normal)
    }
  }
}
