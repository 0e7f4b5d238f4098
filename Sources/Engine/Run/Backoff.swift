import PipelineModel

/// How long to wait before asking again: 1, 2, 4, 8 … s, at most 30 s, plus 0–500 ms of jitter.
package enum Backoff {
  /// Tries of one effect on the way forward, the first included.
  package static let tries = 5
  private static let longest: Int64 = 30_000

  /// The jitter comes from the run's seed, so that a replay waits as the run did.
  static func delay(after attempt: Int, seed: UInt64, effect: EffectID) -> Interval {
    let doubled: Int64 = attempt > 5 ? longest : min(longest, 1000 << Int64(max(0, attempt - 1)))
    let jitter = Int64(mixed(seed &+ UInt64(effect.number) &* 31 &+ UInt64(attempt)) % 501)
    return Interval(milliseconds: doubled + jitter)
  }

  /// SplitMix64's finalizer (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
