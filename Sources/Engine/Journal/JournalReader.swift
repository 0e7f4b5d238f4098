import PipelineModel

/// Reads what `JournalWriter` writes, and nothing else: bytes that are JSON but not canonical are refused.
struct JournalReader: ~Copyable {
  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// What `read` makes of these bytes, every one of which must belong to it.
  static func read<Value>(
    _ bytes: UnsafeBufferPointer<UInt8>, _ read: (inout JournalReader) throws(DamagedEntry) -> Value
  ) throws(DamagedEntry) -> Value {
    var input = JournalReader(bytes)
    let value = try read(&input)
    guard input.isAtEnd else { throw input.damaged }
    return value
  }

  /// The same of a text.
  static func read<Value>(
    _ text: String, _ read: (inout JournalReader) throws(DamagedEntry) -> Value
  ) throws(DamagedEntry) -> Value {
    try Array(text.utf8).withUnsafeBufferPointer { bytes throws(DamagedEntry) in try Self.read(bytes, read) }
  }

  var isAtEnd: Bool { position == bytes.count }

  /// The byte that comes next, without taking it.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  var damaged: DamagedEntry { DamagedEntry(position: position) }

  /// Takes `text` if it comes next.
  @inline(__always) mutating func take(_ text: StaticString) -> Bool {
    take(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  @inline(__always) private mutating func take(_ text: UnsafeRawBufferPointer) -> Bool {
    guard position + text.count <= bytes.count else { return false }
    let here = UnsafeRawBufferPointer(bytes)
    var index = 0
    while index + 8 <= text.count {
      let word = here.loadUnaligned(fromByteOffset: position + index, as: UInt64.self)
      guard word == text.loadUnaligned(fromByteOffset: index, as: UInt64.self) else { return false }
      index += 8
    }
    while index < text.count {
      guard here[position + index] == text[index] else { return false }
      index += 1
    }
    position += text.count
    return true
  }

  @inline(__always) mutating func expect(_ text: StaticString) throws(DamagedEntry) {
    if !take(text) { throw damaged }
  }

  @inline(__always)
  mutating func integer() throws(DamagedEntry) -> Int64 {
    let negative = take("-")
    let magnitude = try unsigned()
    guard negative ? 1...Int64.min.magnitude ~= magnitude : magnitude <= Int64.max.magnitude else { throw damaged }
    return negative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(magnitude)
  }

  @inline(__always)
  mutating func unsigned() throws(DamagedEntry) -> UInt64 {
    var end = position
    var value = digits(from: &end, into: 0)
    let count = end - position
    // Nineteen digits always fit; what has more is read again with care.
    if count > 19 { value = try carefully(bytes[position..<end]) }
    guard count == 1 || (count > 1 && bytes[position] != UInt8(ascii: "0")) else { throw damaged }
    position = end
    return value
  }

  private func carefully(_ digits: Slice<UnsafeBufferPointer<UInt8>>) throws(DamagedEntry) -> UInt64 {
    var value: UInt64 = 0
    for digit in digits {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit &- 48))
      if overflow || carry { throw damaged }
      value = sum
    }
    return value
  }

  mutating func double() throws(DamagedEntry) -> Double {
    if let value = decimal() { return value }
    if take("\"NaN\"") { return .nan }
    if take("\"+Inf\"") { return .infinity }
    if take("\"-Inf\"") { return -.infinity }
    let start = position
    while position < bytes.count, Self.isNumberByte(bytes[position]) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite, value.description == text else { throw damaged }
    return value
  }

  /// A decimal without an exponent that is certain to be the shortest for its number. Takes nothing and gives `nil` for
  /// any other form, for one that is not canonical, and where that is not quickly seen.
  @inline(__always)
  private mutating func decimal() -> Double? {
    var end = position
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { end += 1 }
    let first = end
    let whole = digits(from: &end, into: 0)
    guard end > first, end < bytes.count, bytes[end] == UInt8(ascii: ".") else { return nil }
    if bytes[first] == UInt8(ascii: "0"), end > first + 1 { return nil }
    let isBelowOne = bytes[first] == UInt8(ascii: "0")
    var significant = isBelowOne ? 0 : end - first
    end += 1
    let point = end
    if isBelowOne { while end < bytes.count, bytes[end] == UInt8(ascii: "0") { end += 1 } }
    significant -= end
    let all = digits(from: &end, into: whole)
    significant += end
    guard end > point, end == bytes.count || !Self.isNumberByte(bytes[end]) else { return nil }
    if bytes[end - 1] == UInt8(ascii: "0"), end > point + 1 { return nil }
    let number = ShortestDecimal.value(of: all, digits: significant, decimals: end - point)
    guard let number else { return nil }
    position = end
    return isNegative ? -number : number
  }

  /// Takes digits, eight at a time where so many bytes are left. Wraps beyond 19 of them.
  @inline(__always)
  private func digits(from end: inout Int, into start: UInt64) -> UInt64 {
    var value = start
    while end + 8 <= bytes.count {
      let (count, number) = EightDigits.leading(UnsafeRawBufferPointer(bytes), at: end)
      value = value &* EightDigits.scale(count) &+ number
      end += count
      if count < 8 { return value }
    }
    while end < bytes.count, case let digit = bytes[end] &- 48, digit < 10 {
      value = value &* 10 &+ UInt64(digit)
      end += 1
    }
    return value
  }

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

  /// A list that is written only where it has something in it.
  mutating func listOfSome<Item>(
    _ read: (inout JournalReader) throws(DamagedEntry) -> Item
  ) throws(DamagedEntry) -> [Item] {
    let items = try list(read)
    if items.isEmpty { throw damaged }
    return items
  }

  /// Takes everything that is left, if it is just this.
  @inline(__always)
  mutating func takeRest(_ rest: [UInt8]) -> Bool {
    guard bytes.count - position == rest.count, !rest.isEmpty else { return false }
    return rest.withUnsafeBytes { take($0) }
  }

  /// Those from `start` up to the next.
  func bytes(from start: Int) -> [UInt8] { Array(bytes[start..<position]) }

  /// A time, read quickly when it is of the minute read before.
  @inline(__always)
  mutating func time(near minute: inout ReadMinute) throws(DamagedEntry) -> Timestamp {
    if let instant = minute.instant(of: UnsafeRawBufferPointer(bytes), at: position) {
      position += ReadMinute.length
      return instant
    }
    let start = position
    let instant = try time()
    minute = ReadMinute(of: UnsafeRawBufferPointer(bytes), at: start, instant)
    return instant
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
