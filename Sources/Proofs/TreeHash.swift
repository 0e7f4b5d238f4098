import Crypto
import Foundation

/// A node of a Merkle tree: SHA-256, with leaves and inner nodes kept apart as RFC 6962, section 2.1, has it.
package struct TreeHash: Hashable, Sendable {
  package static let size = 32

  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  private init() {}

  /// `nil` for anything but 32 bytes.
  package init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.size else { return nil }
    withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
  }

  package init?(_ bytes: [UInt8]) {
    guard let hash = bytes.withUnsafeBytes(TreeHash.init) else { return nil }
    self = hash
  }

  /// Standard base 64 with its padding, in the one form it has.
  package init?(base64 text: String) {
    guard let data = Data(base64Encoded: text), let hash = TreeHash(Array(data)), hash.base64 == text else {
      return nil
    }
    self = hash
  }

  /// Of a tree without leaves: SHA-256 of nothing.
  package static let empty = TreeHash(SHA256().finalize())

  /// SHA-256(0x00 ‖ leaf)
  @inline(__always)
  package static func leaf(_ bytes: UnsafeRawBufferPointer) -> TreeHash {
    withUnsafeTemporaryAllocation(byteCount: 1 + bytes.count, alignment: 16) { buffer in
      buffer[0] = 0
      UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: bytes)
      return TreeHash(of: UnsafeRawBufferPointer(buffer))
    }
  }

  package static func leaf(_ bytes: [UInt8]) -> TreeHash { bytes.withUnsafeBytes { leaf($0) } }

  /// SHA-256(0x01 ‖ left ‖ right)
  @inline(__always)
  package static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
    withUnsafeTemporaryAllocation(byteCount: 1 + 2 * size, alignment: 16) { buffer in
      buffer[0] = 1
      left.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: $0) }
      right.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[(1 + size)...]).copyMemory(from: $0) }
      return TreeHash(of: UnsafeRawBufferPointer(buffer))
    }
  }

  @inline(__always)
  private init(of bytes: UnsafeRawBufferPointer) {
    var hasher = SHA256()
    hasher.update(bufferPointer: bytes)
    self.init(hasher.finalize())
  }

  @inline(__always)
  private init(_ digest: SHA256Digest) {
    digest.withUnsafeBytes { digest in Swift.withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: digest) } }
  }

  @inline(__always)
  package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try Swift.withUnsafeBytes(of: words, body)
  }

  package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
  package var base64: String { Data(bytes).base64EncodedString() }

  package static func == (a: TreeHash, b: TreeHash) -> Bool { a.words == b.words }
  package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
