import Foundation

/// The 64-bit xxHash with seed 0, as its specification has it:
/// <https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>.
enum XXH64 {
  private static let primes: [UInt64] = [
    0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x85eb_ca77_c2b2_ae63, 0x27d4_eb2f_1656_67c5,
  ]

  static func hash(_ data: Data) -> UInt64 {
    var rest = [UInt8](data)[...]
    var hash = rest.count < 32 ? primes[4] : stripes(&rest)
    hash &+= UInt64(data.count)
    while rest.count >= 8 {
      hash = rotated(hash ^ round(0, word(&rest, 8)), 27) &* primes[0] &+ primes[3]
    }
    if rest.count >= 4 {
      hash = rotated(hash ^ (word(&rest, 4) &* primes[0]), 23) &* primes[1] &+ primes[2]
    }
    for byte in rest { hash = rotated(hash ^ (UInt64(byte) &* primes[4]), 11) &* primes[0] }
    return avalanche(hash)
  }

  /// Takes all whole stripes of 32 bytes off the front.
  private static func stripes(_ rest: inout ArraySlice<UInt8>) -> UInt64 {
    var lanes = [primes[0] &+ primes[1], primes[1], 0, 0 &- primes[0]]
    while rest.count >= 32 {
      for lane in lanes.indices { lanes[lane] = round(lanes[lane], word(&rest, 8)) }
    }
    let turns: [UInt64] = [1, 7, 12, 18]
    let mixed = zip(lanes, turns).reduce(0 as UInt64) { $0 &+ rotated($1.0, $1.1) }
    return lanes.reduce(mixed) { ($0 ^ round(0, $1)) &* primes[0] &+ primes[3] }
  }

  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotated(lane &+ input &* primes[1], 31) &* primes[0]
  }

  private static func avalanche(_ hash: UInt64) -> UInt64 {
    var hash = (hash ^ (hash >> 33)) &* primes[1]
    hash = (hash ^ (hash >> 29)) &* primes[2]
    return hash ^ (hash >> 32)
  }

  private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { (value << bits) | (value >> (64 - bits)) }

  /// The next bytes as a number, the least significant first.
  private static func word(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> UInt64 {
    let word = rest.prefix(count).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    rest = rest.dropFirst(count)
    return word
  }
}
