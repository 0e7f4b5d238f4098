/// Tells, in whole numbers and without making text, whether a decimal is the one that is written for its double: of all
/// that read back as it the shortest, and of those the nearest.
enum ShortestDecimal {
  /// The double nearest to `all` / 10^`decimals`, when the decimal is certainly the one written for it and its form is
  /// that without an exponent; `nil` for any other, and where it is not certain.
  ///
  /// - Parameter all: the digits before and behind the point, the last not 0 unless it is the only one behind it.
  /// - Parameter digits: how many of them there are after leading zeros; `all` counts for nothing beyond 17.
  @inline(__always)
  static func value(of all: UInt64, digits: Int, decimals: Int) -> Double? {
    guard digits <= 17, decimals <= 22 else { return nil }
    // A quotient of two numbers that are exact is the double nearest to it, and no two decimals of 15 digits are
    // nearest to the same double.
    let quotient = Double(all) / powersOfTen[decimals]
    guard quotient >= 0.0001 || all == 0 else { return nil }
    return digits <= 15 ? quotient : proved(all, decimals, near: quotient)
  }

  /// For 16 and 17 digits.
  ///
  /// Everything is multiplied by 2^(`shift` + 1) × 10^`decimals`, which makes whole numbers of it: the double m / 2^shift,
  /// the decimal, half the distance of two doubles, half a step of the decimal's last digit.
  private static func proved(_ all: UInt64, _ decimals: Int, near quotient: Double) -> Double? {
    // Both are rounded here, so it may be the double beside the nearest.
    let shift = 1075 - Int(quotient.bitPattern >> 52)
    guard 1...66 ~= shift else { return nil }
    var significand = Int128(quotient.significandBitPattern | 1 << 52)
    let halfDouble = Int128(wholePowersOfTen[min(decimals, 19)]) &* Int128(wholePowersOfTen[max(decimals - 19, 0)])
    let halfDigit = Int128(1) &<< Int128(shift)
    var ahead = Int128(all) &* 2 &* halfDigit &- significand &* 2 &* halfDouble
    if ahead > halfDouble {
      significand += 1
      ahead -= 2 &* halfDouble
    } else if ahead < -halfDouble {
      significand -= 1
      ahead += 2 &* halfDouble
    }
    // At a power of two the doubles below are nearer than those above.
    guard significand > 1 << 52, significand < 1 << 53 else { return nil }
    guard ahead.magnitude < halfDouble.magnitude, ahead.magnitude < halfDigit.magnitude else { return nil }
    // The nearest with one digit less, below and above, are other doubles.
    let below = Int128(all % 10) &* 2 &* halfDigit
    let above = 20 &* halfDigit &- below
    guard below &- ahead > halfDouble, above &+ ahead > halfDouble else { return nil }
    let significandOnly = (UInt64(1) << 52) - 1
    return Double(bitPattern: quotient.bitPattern & ~significandOnly | UInt64(significand) & significandOnly)
  }

  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  private static let wholePowersOfTen: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
    100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
    10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
  ]
}
