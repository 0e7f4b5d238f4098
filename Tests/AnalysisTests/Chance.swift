import Foundation

/// Chance for tests, the same for the same seed: SplitMix64.
struct Chance {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func unit() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }

  /// A whole number from 1 to `limit`.
  mutating func next(_ limit: Double) -> Double { (unit() * limit).rounded(.down) + 1 }

  /// What comes in bursts of `size` on average, geometric from 1 up, `mean` of it in all.
  mutating func bursts(_ mean: Double, of size: Double) -> Double {
    guard size > 1 else { return poisson(mean) }
    return (0..<Int(poisson(mean / size))).reduce(0) { sum, _ in
      sum + 1 + (log(1 - unit()) / log(1 - 1 / size)).rounded(.down)
    }
  }

  /// Poisson, by inversion.
  mutating func poisson(_ mean: Double) -> Double {
    var left = unit()
    var chance = exp(-mean)
    var count = 0.0
    while left > chance, chance > 0 || count < mean {
      left -= chance
      count += 1
      chance *= mean / count
    }
    return count
  }
}
