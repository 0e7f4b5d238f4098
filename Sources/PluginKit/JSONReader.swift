package import PipelineModel

/// Why a text is not JSON, and where.
package struct JSONProblem: Hashable, Sendable, Error, CustomStringConvertible {
  /// From 1; a column counts bytes.
  package var line: Int
  package var column: Int
  package var message: String

  package var description: String { "line \(line), column \(column): \(message)" }
}

/// Reads JSON as RFC 8259 has it, members in the order of the text.
///
/// Refused beyond the grammar: bytes that are not UTF-8, a member's name twice in one object, more than 200 levels.
package struct JSONReader {
  private let bytes: [UInt8]
  private var place = 0
  private static let deepest = 200

  /// The value that the whole text is.
  package static func answer(in bytes: some Sequence<UInt8>) throws(JSONProblem) -> Answer {
    var reader = JSONReader(bytes: Array(bytes))
    let answer = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.next == nil else { throw reader.problem("something stands behind the value") }
    return answer
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { place += 1 }
  }

  private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: wanted) else { return false }
    place += 1
    return true
  }

  private func problem(_ message: String) -> JSONProblem {
    let before = bytes[..<min(place, bytes.count)]
    let line = before.count { $0 == 0x0a } + 1
    let column = before.count - (before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0) + 1
    return JSONProblem(line: line, column: column, message: next == nil ? "the text ends too early" : message)
  }

  private mutating func value(depth: Int) throws(JSONProblem) -> Answer {
    guard depth < Self.deepest else { throw problem("more than \(Self.deepest) levels") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try list(depth)
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func word(_ word: String, _ answer: Answer) throws(JSONProblem) -> Answer {
    for scalar in word.unicodeScalars {
      guard take(scalar) else { throw problem("a value is wanted here") }
    }
    return answer
  }

  private mutating func list(_ depth: Int) throws(JSONProblem) -> Answer {
    place += 1
    var items: [Answer] = []
    skipSpace()
    if take("]") { return .list(items) }
    while true {
      items.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .list(items) }
      guard take(",") else { throw problem("a comma or ] is wanted here") }
    }
  }

  private mutating func object(_ depth: Int) throws(JSONProblem) -> Answer {
    place += 1
    var members: [Answer.Member] = []
    var names: Set<String> = []
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw problem("a name in quotes is wanted here") }
      let name = try string()
      guard names.insert(name).inserted else { throw problem("a name stands twice in one object") }
      skipSpace()
      guard take(":") else { throw problem("a colon is wanted here") }
      members.append(Answer.Member(name: name, value: try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw problem("a comma or } is wanted here") }
    }
  }
}

extension JSONReader {
  private mutating func digits() -> Int {
    let start = place
    while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
    return place - start
  }

  private mutating func number() throws(JSONProblem) -> Double {
    let start = place
    _ = take("-")
    let first = next
    let whole = digits()
    guard whole == 1 || (whole > 1 && first != UInt8(ascii: "0")) else { throw problem("a value is wanted here") }
    if take("."), digits() == 0 { throw problem("a digit is wanted here") }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      place += 1
      if !take("+") { _ = take("-") }
      if digits() == 0 { throw problem("a digit is wanted here") }
    }
    guard let number = Double(String(decoding: bytes[start..<place], as: UTF8.self)) else {
      throw problem("this number cannot be read")
    }
    return number
  }

  private mutating func string() throws(JSONProblem) -> String {
    place += 1
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw problem("this text is not UTF-8") }
        place += 1
        return string
      case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
      case ..<0x20: throw problem("a control character stands in a text")
      default:
        text.append(byte)
        place += 1
      }
    }
    throw problem("the text ends too early")
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5c, UInt8(ascii: "/"): 0x2f, UInt8(ascii: "b"): 0x08,
    UInt8(ascii: "f"): 0x0c, UInt8(ascii: "n"): 0x0a, UInt8(ascii: "r"): 0x0d, UInt8(ascii: "t"): 0x09,
  ]

  private mutating func escape() throws(JSONProblem) -> [UInt8] {
    place += 1
    if let byte = next, let plain = Self.escapes[byte] {
      place += 1
      return [plain]
    }
    guard take("u") else { throw problem("no such escape") }
    var units = [try unit()]
    if UTF16.isLeadSurrogate(units[0]) {
      guard take("\\"), take("u") else { throw problem("half of a surrogate pair") }
      units.append(try unit())
    }
    guard let text = String(validating: units, as: UTF16.self) else { throw problem("half of a surrogate pair") }
    return Array(text.utf8)
  }

  private mutating func unit() throws(JSONProblem) -> UInt16 {
    let digits = bytes[min(place, bytes.count)..<min(place + 4, bytes.count)]
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw problem("four hexadecimal digits are wanted here") }
    place += 4
    return unit
  }
}
