import PipelineModel

/// Reads what `JournalWriter` writes, and nothing else: bytes that are JSON but not canonical are refused.
struct JournalReader: ~Copyable {
  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  /// The byte that comes next, without taking it.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  var damaged: DamagedEntry { DamagedEntry(position: position) }

  /// Takes `text` if it comes next.
  @inline(__always) mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    let (here, there) = (UnsafeRawBufferPointer(bytes), UnsafeRawPointer(text.utf8Start))
    var index = 0
    while index + 8 <= count {
      let word = here.loadUnaligned(fromByteOffset: position + index, as: UInt64.self)
      guard word == there.loadUnaligned(fromByteOffset: index, as: UInt64.self) else { return false }
      index += 8
    }
    while index < count {
      guard bytes[position + index] == text.utf8Start[index] else { return false }
      index += 1
    }
    position += count
    return true
  }

  @inline(__always) mutating func expect(_ text: StaticString) throws(DamagedEntry) {
    if !take(text) { throw damaged }
  }

  mutating func integer() throws(DamagedEntry) -> Int64 {
    let negative = take("-")
    let magnitude = try unsigned()
    guard negative ? 1...Int64.min.magnitude ~= magnitude : magnitude <= Int64.max.magnitude else { throw damaged }
    return negative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(magnitude)
  }

  mutating func unsigned() throws(DamagedEntry) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    while position < bytes.count, case let digit = bytes[position] &- 48, digit < 10 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      if overflow || carry { throw damaged }
      value = sum
      position += 1
    }
    let leadingZero = position - start > 1 && bytes[start] == UInt8(ascii: "0")
    guard position > start, !leadingZero else { throw damaged }
    return value
  }

  mutating func double() throws(DamagedEntry) -> Double {
    if let value = shortDecimal() { return value }
    if take("\"NaN\"") { return .nan }
    if take("\"+Inf\"") { return .infinity }
    if take("\"-Inf\"") { return -.infinity }
    let start = position
    while position < bytes.count, Self.isNumberByte(bytes[position]) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite, value.description == text else { throw damaged }
    return value
  }

  /// A decimal of at most 15 digits from 0.0001 up: always the shortest for its number, which is its digits divided by
  /// a power of ten, both exact. Takes nothing and gives `nil` for any other form, or one that is not canonical.
  private mutating func shortDecimal() -> Double? {
    var end = position
    let negative = end < bytes.count && bytes[end] == UInt8(ascii: "-")
    if negative { end += 1 }
    let (first, whole) = (end, digits(from: &end, into: 0))
    guard end > first, end < bytes.count, bytes[end] == UInt8(ascii: ".") else { return nil }
    if bytes[first] == UInt8(ascii: "0"), end > first + 1 { return nil }
    end += 1
    let (point, all) = (end, digits(from: &end, into: whole))
    guard end > point, end - first <= 16, end == bytes.count || !Self.isNumberByte(bytes[end]) else { return nil }
    if bytes[end - 1] == UInt8(ascii: "0"), end > point + 1 { return nil }
    let value = Double(all) / Self.powersOfTen[end - point]
    guard value >= 0.0001 || all == 0 else { return nil }
    position = end
    return negative ? -value : value
  }

  @inline(__always)
  private func digits(from end: inout Int, into start: UInt64) -> UInt64 {
    var value = start
    while end < bytes.count, case let digit = bytes[end] &- 48, digit < 10 {
      value = value &* 10 &+ UInt64(digit)
      end += 1
    }
    return value
  }

  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  mutating func bool() throws(DamagedEntry) -> Bool {
    if take("true") { return true }
    try expect("false")
    return false
  }

  /// Text in the one form that `JournalWriter` gives it: valid UTF-8, escaped where it must be and nowhere else.
  mutating func string() throws(DamagedEntry) -> String {
    try expect("\"")
    let start = position
    try passPlainBytes()
    if take("\"") { return try text(bytes[start..<position - 1]) }
    var unescaped = Array(bytes[start..<position])
    while !take("\"") {
      unescaped.append(try escaped())
      let plain = position
      try passPlainBytes()
      unescaped.append(contentsOf: bytes[plain..<position])
    }
    let result = unescaped.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) }
    guard let result else { throw damaged }
    return result
  }

  /// Up to the next quotation mark or backslash; there must be one, and no control character before it.
  private mutating func passPlainBytes() throws(DamagedEntry) {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
      guard byte >= 0x20 else { throw damaged }
      position += 1
    }
    throw damaged
  }

  private func text(_ utf8: Slice<UnsafeBufferPointer<UInt8>>) throws(DamagedEntry) -> String {
    guard let text = String(validating: UnsafeBufferPointer(rebasing: utf8), as: UTF8.self) else { throw damaged }
    return text
  }

  private mutating func escaped() throws(DamagedEntry) -> UInt8 {
    if take("\\\"") { return UInt8(ascii: "\"") }
    if take("\\\\") { return UInt8(ascii: "\\") }
    if take("\\n") { return UInt8(ascii: "\n") }
    if take("\\t") { return UInt8(ascii: "\t") }
    if take("\\r") { return UInt8(ascii: "\r") }
    try expect("\\u00")
    guard position + 2 <= bytes.count, let high = Self.hexValue(bytes[position]),
      let low = Self.hexValue(bytes[position + 1]), JournalWriter.isEscapedByNumber(high << 4 | low)
    else { throw damaged }
    position += 2
    return high << 4 | low
  }

  mutating func optional() throws(DamagedEntry) -> String? {
    if take("null") { return nil }
    return try string()
  }

  mutating func list<Item>(
    _ read: (inout JournalReader) throws(DamagedEntry) -> Item
  ) throws(DamagedEntry) -> [Item] {
    try expect("[")
    if take("]") { return [] }
    var items: [Item] = []
    repeat { items.append(try read(&self)) } while take(",")
    try expect("]")
    return items
  }

  mutating func time() throws(DamagedEntry) -> Timestamp {
    guard take("\"") else { return try timeOutOfRange() }
    let end = position + Timestamp.rfc3339Length
    guard end <= bytes.count,
      let instant = Timestamp(rfc3339: UnsafeBufferPointer(rebasing: bytes[position..<end]))
    else { throw damaged }
    position = end
    try expect("\"")
    return instant
  }

  private mutating func timeOutOfRange() throws(DamagedEntry) -> Timestamp {
    let instant = Timestamp(milliseconds: try integer())
    guard !instant.hasRFC3339Form else { throw damaged }
    return instant
  }

  private static func isNumberByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
      UInt8(ascii: "e"):
      true
    default: false
    }
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

/// The bytes of an entry are not the canonical encoding of any entry.
package struct DamagedEntry: Error, Hashable {
  /// Offset in bytes of the first that does not fit.
  package var position: Int
}
