import Crypto
import Proofs

/// A link of the hash chain: SHA-256 over the hash before it and the canonical bytes of an entry.
struct ChainHash: Hashable, Sendable {
  static let size = 32

  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// What the first entry is chained to: 32 zero bytes.
  static let origin = ChainHash()

  private init() {}

  /// `nil` for anything but 32 bytes.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.size else { return nil }
    withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
  }

  /// Of 64 digits; `nil` for anything else.
  init?(hex: String) {
    guard let bytes = [UInt8](hex: hex), let hash = bytes.withUnsafeBytes({ ChainHash($0) }) else { return nil }
    self = hash
  }

  /// The link that follows this one, for the entry with these bytes.
  @inline(__always)
  func next(_ entry: UnsafeRawBufferPointer) -> ChainHash {
    // Taking them together first costs less than giving them to the hash one after the other.
    withUnsafeTemporaryAllocation(byteCount: Self.size + entry.count, alignment: 16) { link in
      withUnsafeBytes { link.copyMemory(from: $0) }
      UnsafeMutableRawBufferPointer(rebasing: link[Self.size...]).copyMemory(from: entry)
      var hasher = SHA256()
      hasher.update(bufferPointer: UnsafeRawBufferPointer(link))
      var next = ChainHash()
      hasher.finalize().withUnsafeBytes { digest in
        Swift.withUnsafeMutableBytes(of: &next.words) { $0.copyMemory(from: digest) }
      }
      return next
    }
  }

  @inline(__always)
  func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try Swift.withUnsafeBytes(of: words, body)
  }

  /// Lower-case hexadecimal, 64 digits.
  var hex: String { withUnsafeBytes { $0.hex } }

  static func == (a: ChainHash, b: ChainHash) -> Bool { a.words == b.words }

  func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

extension UnsafeRawBufferPointer {
  /// Lower-case hexadecimal, two digits a byte.
  var hex: String {
    String(unsafeUninitializedCapacity: count * 2) { digits in
      for (index, byte) in enumerated() {
        digits[index * 2] = Self.digit(byte >> 4)
        digits[index * 2 + 1] = Self.digit(byte & 15)
      }
      return count * 2
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }
}
