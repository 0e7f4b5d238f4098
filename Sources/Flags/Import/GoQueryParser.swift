/// Reads GO Feature Flag's language of conditions: `key eq "ada" and (beta == true or not (plan in ["a","b"]))`.
///
/// `and` and `or` bind alike there, from the left.
struct GoQueryParser {
  private var tokens: ArraySlice<String>
  private var depth = 0
  private static let deepest = 64

  /// Why a condition cannot be read.
  struct Mistake: Error { var message: String }

  static func query(in text: String) throws(Mistake) -> GoQuery {
    var parser = GoQueryParser(tokens: try tokens(of: text))
    let query = try parser.query()
    if let rest = parser.tokens.first { throw Mistake(message: "`\(rest)` is not expected here") }
    return query
  }

  private init(tokens: [String]) { self.tokens = tokens[...] }

  private mutating func query() throws(Mistake) -> GoQuery {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw Mistake(message: "the condition is nested too deep") }
    var left = try operand()
    while let word = tokens.first, word == "and" || word == "or" {
      tokens.removeFirst()
      let right = try operand()
      left = word == "and" ? .and(left, right) : .or(left, right)
    }
    return left
  }

  private mutating func operand() throws(Mistake) -> GoQuery {
    guard let first = tokens.popFirst() else { throw Mistake(message: "the condition ends too early") }
    if first == "(" { return try parenthesized() }
    if first == "not" || first == "NOT" {
      guard tokens.popFirst() == "(" else { throw Mistake(message: "`not` is followed by `(`") }
      return .not(try parenthesized())
    }
    guard let head = first.unicodeScalars.first, head.properties.isAlphabetic else {
      throw Mistake(message: "`\(first)` is no name of an attribute")
    }
    guard let word = tokens.popFirst() else { throw Mistake(message: "`\(first)` is compared with nothing") }
    // The key of the person has two names there.
    let path = first == "key" ? "targetingKey" : first
    if word == "pr" { return .isPresent(path) }
    guard let comparison = Self.comparisons[word] else { throw Mistake(message: "there is no operator `\(word)`") }
    return .compare(path, comparison, try value())
  }

  private mutating func parenthesized() throws(Mistake) -> GoQuery {
    let inner = try query()
    guard tokens.popFirst() == ")" else { throw Mistake(message: "a `)` is missing") }
    return inner
  }

  private static let comparisons: [String: GoQuery.Comparison] = [
    "eq": .equal, "EQ": .equal, "==": .equal, "ne": .unequal, "NE": .unequal, "!=": .unequal,
    "lt": .less, "LT": .less, "<": .less, "le": .lessOrEqual, "LE": .lessOrEqual, "<=": .lessOrEqual,
    "gt": .greater, "GT": .greater, ">": .greater, "ge": .greaterOrEqual, "GE": .greaterOrEqual,
    ">=": .greaterOrEqual, "co": .contains, "CO": .contains, "sw": .begins, "SW": .begins, "ew": .ends, "EW": .ends,
    "in": .isOneOf, "IN": .isOneOf,
  ]

  private mutating func value() throws(Mistake) -> GoQuery.Value {
    guard let token = tokens.popFirst() else { throw Mistake(message: "a value is missing") }
    guard token == "[" else { return try Self.scalar(token) }
    var items: [GoQuery.Value] = []
    while let next = tokens.popFirst(), next != "]" { if next != "," { items.append(try Self.scalar(next)) } }
    let texts = items.compactMap { if case .text(let text) = $0 { text } else { nil } }
    if texts.count == items.count, !items.isEmpty { return .texts(texts) }
    let numbers = items.compactMap { if case .number(let number) = $0 { number } else { nil } }
    guard numbers.count == items.count, !items.isEmpty else {
      throw Mistake(message: "a list is of texts or of numbers, and not empty")
    }
    return .numbers(numbers)
  }

  private static func scalar(_ token: String) throws(Mistake) -> GoQuery.Value {
    switch token {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default: break
    }
    if token.utf8.first == UInt8(ascii: "\"") { return .text(String(token.dropFirst().dropLast())) }
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 3, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isNumber) }) { return .version(token) }
    guard let number = Double(token), number.isFinite else { throw Mistake(message: "`\(token)` is no value") }
    return .number(number)
  }

  /// Words, signs, and texts with their quotes. What is escaped in a text stays so, as there.
  private static func tokens(of text: String) throws(Mistake) -> [String] {
    var tokens: [String] = []
    var rest = text[...]
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
      } else if "()[],".contains(first) {
        tokens.append(String(first))
        rest.removeFirst()
      } else if first == "\"" {
        tokens.append(try quoted(&rest))
      } else {
        let word = rest.prefix { !$0.isWhitespace && !"()[],\"".contains($0) }
        tokens.append(String(word))
        rest = rest.dropFirst(word.count)
      }
    }
    return tokens
  }

  private static func quoted(_ rest: inout Substring) throws(Mistake) -> String {
    var (token, isEscaped) = ("\"", false)
    rest.removeFirst()
    while let character = rest.popFirst() {
      token.append(character)
      if character == "\"", !isEscaped { return token }
      isEscaped = character == "\\" && !isEscaped
    }
    throw Mistake(message: "a text does not end")
  }
}
