/// Reads up to eight decimal digits in one go.
///
/// Source of the method: D. Lemire, "Quickly parsing eight digits", 2018; the bytes of a word are worked on side by side.
enum EightDigits {
  /// How many digits stand at the beginning of the eight bytes at `offset`, and their number.
  @inline(__always)
  static func leading(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> (count: Int, number: UInt64) {
    let text = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    // Digits become 0 to 9. The lowest byte that is more has its highest bit set here; what a carry makes of those
    // above it does not matter.
    let digits = text ^ 0x3030_3030_3030_3030
    let others = ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
    let count = others.trailingZeroBitCount >> 3
    guard count > 0 else { return (0, 0) }
    // The first digit is in the lowest byte; zeros come in before it.
    var word = digits &<< UInt64(64 - count * 8)
    word = (word &* 10 &+ (word >> 8)) & 0x00FF_00FF_00FF_00FF
    word = (word &* 100 &+ (word >> 16)) & 0x0000_FFFF_0000_FFFF
    word = (word &* 10_000 &+ (word >> 32)) & 0xFFFF_FFFF
    return (count, word)
  }

  /// 10 to the power of `count`, 0 to 8.
  @inline(__always)
  static func scale(_ count: Int) -> UInt64 {
    let few: UInt64 = count & 1 == 0 ? 1 : 10
    let more: UInt64 = count & 2 == 0 ? 1 : 100
    let many: UInt64 = count & 4 == 0 ? 1 : 10_000
    return count == 8 ? 100_000_000 : few &* more &* many
  }
}
