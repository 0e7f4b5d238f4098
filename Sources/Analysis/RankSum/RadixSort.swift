/// Puts numbers in order in time that grows with their number only, and without a branch that depends on them.
///
/// From the least significant byte to the most: H. Seward, "Information sorting in the application of electronic digital
/// computers to business operations", 1954. A byte that is the same in all numbers is passed over.
enum RadixSort {
  /// - Parameters:
  ///   - sorted: as long as `values`.
  ///   - scratch: twice as long at least.
  static func sort(
    _ values: [Double], into sorted: UnsafeMutableBufferPointer<Double>, _ scratch: UnsafeMutableBufferPointer<UInt64>
  ) {
    let count = values.count
    guard var from = scratch.baseAddress else { return }
    var to = from + count
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 8 * 256) { places in
      places.initialize(repeating: 0)
      for index in 0..<count {
        let key = key(values[index])
        from[index] = key
        for byte in 0..<8 { places[byte << 8 | Int(truncatingIfNeeded: key >> (8 * UInt64(byte)) & 255)] &+= 1 }
      }
      for byte in 0..<8 {
        let shift = 8 * UInt64(byte)
        let own = UnsafeMutableBufferPointer(rebasing: places[(byte << 8)..<(byte << 8 + 256)])
        if own[Int(truncatingIfNeeded: from[0] >> shift & 255)] == count { continue }
        var place: UInt32 = 0
        for digit in 0..<256 { (own[digit], place) = (place, place &+ own[digit]) }
        for index in 0..<count {
          let digit = Int(truncatingIfNeeded: from[index] >> shift & 255)
          to[Int(own[digit])] = from[index]
          own[digit] &+= 1
        }
        swap(&from, &to)
      }
    }
    for index in 0..<count { sorted[index] = number(from[index]) }
  }

  /// Bits whose order as whole numbers is the order of the numbers; −0 counts as 0.
  @inline(__always)
  private static func key(_ value: Double) -> UInt64 {
    let bits = (value + 0).bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  @inline(__always)
  private static func number(_ key: UInt64) -> Double {
    Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
  }
}
