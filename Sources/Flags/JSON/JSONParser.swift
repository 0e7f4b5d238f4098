/// How much JSON is read at most.
package struct JSONLimits: Hashable, Sendable {
  package var bytes: Int
  /// Lists and objects inside one another.
  package var depth: Int
  /// Values of every kind, members and items included.
  package var values: Int

  package init(bytes: Int, depth: Int, values: Int) {
    self.bytes = bytes
    self.depth = depth
    self.values = values
  }

  /// Of a set of flags.
  package static let definitions = JSONLimits(bytes: 64 << 20, depth: 96, values: 4_000_000)
  /// Of one flag that is to be made or changed, wherever it comes from.
  package static let definition = JSONLimits(bytes: 1 << 20, depth: 64, values: 100_000)
  /// Of a definition with what is said beside it.
  package static let change = JSONLimits(bytes: definition.bytes + (64 << 10), depth: 66, values: 101_000)
  /// Of what is known about one user.
  package static let context = JSONLimits(bytes: 256 << 10, depth: 32, values: 20_000)
}

/// Why a text is not JSON that is read here, and where.
package struct JSONRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  package var place: JSONPlace
  /// One sentence without a full stop, with the mend.
  package var message: String

  package var description: String { "\(place): \(message)" }
}

/// Reads JSON as RFC 8259 has it.
///
/// Refused beyond the grammar: bytes that are not UTF-8, a member's name twice in one object, and what is beyond the
/// limits. Time and memory grow with the number of bytes only.
package struct JSONParser {
  let bytes: [UInt8]
  private let limits: JSONLimits
  var place = 0
  private var values = 0

  package static func node(in bytes: [UInt8], limits: JSONLimits) throws(JSONRefusal) -> JSONNode {
    var parser = JSONParser(bytes: bytes, limits: limits)
    guard bytes.count <= limits.bytes else {
      throw parser.refusal("this has \(bytes.count) bytes, more than the \(limits.bytes) that are read")
    }
    let node = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.next == nil else { throw parser.refusal("something stands behind the value; take it away") }
    return node
  }

  package static func value(in bytes: [UInt8], limits: JSONLimits) throws(JSONRefusal) -> JSONValue {
    try node(in: bytes, limits: limits).value
  }

  private init(bytes: [UInt8], limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  func refusal(_ message: String, at offset: Int? = nil) -> JSONRefusal {
    JSONRefusal(place: LineIndex(bytes).place(of: offset ?? place), message: message)
  }

  /// For what is missing: the end of the text may be why.
  func wanted(_ what: String) -> JSONRefusal {
    refusal(next == nil ? "the text ends where \(what) is wanted" : "\(what) is wanted here")
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { place += 1 }
  }

  mutating func take(_ wanted: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: wanted) else { return false }
    place += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONRefusal) -> JSONNode {
    skipSpace()
    values += 1
    if values > limits.values { throw refusal("more than \(limits.values) values") }
    let start = place
    let shape: JSONNode.Shape
    switch next {
    case UInt8(ascii: "{"): shape = try object(depth + 1)
    case UInt8(ascii: "["): shape = try list(depth + 1)
    case UInt8(ascii: "\""): shape = .text(try text())
    case UInt8(ascii: "t"): shape = try word("true", .bool(true))
    case UInt8(ascii: "f"): shape = try word("false", .bool(false))
    case UInt8(ascii: "n"): shape = try word("null", .null)
    default: shape = .number(try number())
    }
    return JSONNode(shape: shape, offset: start)
  }

  private mutating func word(_ word: StaticString, _ shape: JSONNode.Shape) throws(JSONRefusal) -> JSONNode.Shape {
    let start = place
    for index in 0..<word.utf8CodeUnitCount {
      guard next == word.utf8Start[index] else { throw refusal("a value is wanted here", at: start) }
      place += 1
    }
    return shape
  }

  private func check(_ depth: Int) throws(JSONRefusal) {
    if depth > limits.depth { throw refusal("lists and objects stand more than \(limits.depth) deep") }
  }

  private mutating func list(_ depth: Int) throws(JSONRefusal) -> JSONNode.Shape {
    try check(depth)
    place += 1
    var items: [JSONNode] = []
    skipSpace()
    if take("]") { return .list(items) }
    while true {
      items.append(try value(depth: depth))
      skipSpace()
      if take("]") { return .list(items) }
      guard take(",") else { throw wanted("a comma or `]`") }
    }
  }

  private mutating func object(_ depth: Int) throws(JSONRefusal) -> JSONNode.Shape {
    try check(depth)
    place += 1
    var members: [JSONNode.Member] = []
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      let start = place
      guard next == UInt8(ascii: "\"") else { throw wanted("a name in double quotes") }
      let name = try text()
      skipSpace()
      guard take(":") else { throw wanted("a colon") }
      members.append(JSONNode.Member(name: name, offset: start, node: try value(depth: depth)))
      skipSpace()
      if take("}") { break }
      guard take(",") else { throw wanted("a comma or `}`") }
    }
    try checkNames(members)
    return .object(members)
  }

  private func checkNames(_ members: [JSONNode.Member]) throws(JSONRefusal) {
    if members.count > 8 {
      var seen: Set<ByteKey> = []
      for member in members where !seen.insert(ByteKey(member.name)).inserted { throw twice(member) }
      return
    }
    for (index, member) in members.enumerated() {
      for other in members[..<index] where other.name.hasSameBytes(as: member.name) { throw twice(member) }
    }
  }

  private func twice(_ member: JSONNode.Member) -> JSONRefusal {
    refusal("`\(member.name)` stands twice in this object; keep one", at: member.offset)
  }
}
