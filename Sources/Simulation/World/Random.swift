import Foundation

/// Chance that can be repeated: xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64.
package struct Random: RandomNumberGenerator, Sendable {
  private var a, b, c, d: UInt64
  /// The second of a pair of normal deviates, kept for the next call.
  private var spare: Double?

  package init(seed: UInt64) {
    var state = seed
    func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    (a, b, c, d) = (next(), next(), next(), next())
  }

  package mutating func next() -> UInt64 {
    let product = b &* 5
    let result = (product << 7 | product >> 57) &* 9
    let shifted = b << 17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = d << 45 | d >> 19
    return result
  }

  /// Uniform on [0, 1).
  package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Standard normal, by Marsaglia's polar method.
  package mutating func normal() -> Double {
    if let spare {
      self.spare = nil
      return spare
    }
    while true {
      let x = 2 * unit() - 1
      let y = 2 * unit() - 1
      let square = x * x + y * y
      if square > 0, square < 1 {
        let scale = (-2 * log(square) / square).squareRoot()
        spare = y * scale
        return x * scale
      }
    }
  }

  /// How many of `trials` come true with probability `p`.
  ///
  /// Exact by inversion where fewer than 30 are expected on either side; beyond, the normal approximation, rounded.
  package mutating func binomial(_ trials: Double, _ p: Double) -> Double {
    if p > 0.5 { return trials - binomial(trials, 1 - p) }
    if p <= 0 || trials < 1 { return 0 }
    let mean = trials * p
    if mean >= 30 {
      let drawn = (mean + normal() * (mean * (1 - p)).squareRoot()).rounded()
      return min(max(drawn, 0), trials)
    }
    var probability = exp(trials * log1p(-p))
    var left = unit() - probability
    var count = 0.0
    while left > 0, count < trials {
      probability *= (trials - count) / (count + 1) * p / (1 - p)
      count += 1
      left -= probability
    }
    return count
  }
}
