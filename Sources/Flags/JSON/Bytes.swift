/// Texts compared as JsonLogic compares them, by their UTF-8 bytes: `String ==` and `hasPrefix` go by canonical
/// equivalence and by grapheme, so that `e` + accent would name the same user as `é`.
extension String {
  /// Hands the UTF-8 bytes to `body`, without a copy where the text is stored as such.
  @inline(__always)
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
    return Array(utf8).withUnsafeBufferPointer(body)
  }

  @inline(__always)
  func hasSameBytes(as other: String) -> Bool {
    utf8.count == other.utf8.count && withBytes { a in other.withBytes { b in Bytes.areEqual(a, b) } }
  }

  /// In the order of bytes, which for UTF-8 is that of code points.
  func standsBefore(_ other: String) -> Bool { comparedByBytes(with: other) < 0 }

  /// Negative, zero or positive.
  func comparedByBytes(with other: String) -> Int {
    withBytes { a in
      other.withBytes { b in
        for index in 0..<min(a.count, b.count) where a[index] != b[index] { return Int(a[index]) - Int(b[index]) }
        return a.count - b.count
      }
    }
  }

  func beginsWithBytes(of other: String) -> Bool {
    withBytes { a in
      other.withBytes { b in a.count >= b.count && Bytes.areEqual(.init(rebasing: a[..<b.count]), b) }
    }
  }

  func endsWithBytes(of other: String) -> Bool {
    withBytes { a in
      other.withBytes { b in a.count >= b.count && Bytes.areEqual(.init(rebasing: a[(a.count - b.count)...]), b) }
    }
  }

  /// Time grows with the product of the lengths at worst; whoever calls accounts for it.
  func containsBytes(of other: String) -> Bool {
    withBytes { a in
      other.withBytes { b in
        guard let first = b.first else { return true }
        guard a.count >= b.count else { return false }
        for start in 0...(a.count - b.count) where a[start] == first {
          if Bytes.areEqual(.init(rebasing: a[start..<(start + b.count)]), b) { return true }
        }
        return false
      }
    }
  }
}

enum Bytes {
  @inline(__always)
  static func areEqual(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    let (rawA, rawB) = (UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b))
    var index = 0
    while index + 8 <= a.count {
      if rawA.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        != rawB.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      {
        return false
      }
      index += 8
    }
    while index < a.count {
      if a[index] != b[index] { return false }
      index += 1
    }
    return true
  }
}

/// A name in a dictionary, equal by its bytes.
struct ByteKey: Hashable {
  var text: String

  init(_ text: String) { self.text = text }

  static func == (a: ByteKey, b: ByteKey) -> Bool { a.text.hasSameBytes(as: b.text) }

  func hash(into hasher: inout Hasher) {
    text.withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
