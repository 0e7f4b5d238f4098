import PipelineModel

/// Why a text is no path, and where.
struct PathProblem: Error, Hashable {
  /// From 1, in characters.
  var column: Int
  var message: String
}

extension JSONPath {
  init(_ text: String) throws(PathProblem) {
    var reader = PathReader(text: Array(text))
    guard reader.take("$") else { throw reader.problem("a path begins with $") }
    segments = try reader.segments()
    reader.skipSpace()
    guard reader.next == nil else { throw reader.problem("`.name`, `[0]`, `[*]` or `[?@.name == 'x']` is wanted here") }
  }
}

private struct PathReader {
  let text: [Character]
  var place = 0

  var next: Character? { place < text.count ? text[place] : nil }

  func problem(_ message: String) -> PathProblem { PathProblem(column: place + 1, message: message) }

  mutating func take(_ wanted: Character) -> Bool {
    guard next == wanted else { return false }
    place += 1
    return true
  }

  mutating func skipSpace() { while next?.isWhitespace == true { place += 1 } }

  mutating func segments() throws(PathProblem) -> [JSONPath.Segment] {
    var segments: [JSONPath.Segment] = []
    while true {
      if take(".") {
        segments.append(take("*") ? .all : .member(try name()))
      } else if take("[") {
        segments.append(try bracket())
      } else {
        return segments
      }
    }
  }

  private mutating func name() throws(PathProblem) -> String {
    if next == "." { throw problem("`..` is not understood; write the way out in full") }
    let start = place
    while let character = next, character.isLetter || character.isNumber || character == "_" || character == "-" {
      place += 1
    }
    guard place > start else { throw problem("a name is wanted here; write others as ['the name']") }
    return String(text[start..<place])
  }

  private mutating func bracket() throws(PathProblem) -> JSONPath.Segment {
    skipSpace()
    let segment: JSONPath.Segment
    switch next {
    case "*":
      place += 1
      segment = .all
    case "'", "\"": segment = .member(try quoted())
    case "?":
      place += 1
      segment = try filter()
    default: segment = .item(try index())
    }
    skipSpace()
    guard take("]") else { throw problem("] is wanted here") }
    return segment
  }

  private mutating func index() throws(PathProblem) -> Int {
    let start = place
    _ = take("-")
    while next?.isWholeNumber == true { place += 1 }
    guard let index = Int(String(text[start..<place])) else {
      throw problem("an index, a name in quotes, * or a filter is wanted here")
    }
    return index
  }

  private mutating func quoted() throws(PathProblem) -> String {
    guard let quote = next else { throw problem("a text in quotes is wanted here") }
    place += 1
    var name = ""
    while let character = next {
      place += 1
      if character == quote { return name }
      if character == "\\", let escaped = next {
        place += 1
        name.append(escaped)
      } else {
        name.append(character)
      }
    }
    throw problem("the text in quotes has no end")
  }

  /// `@.name == 'x'`, in parentheses or not.
  private mutating func filter() throws(PathProblem) -> JSONPath.Segment {
    skipSpace()
    let isWrapped = take("(")
    skipSpace()
    guard take("@") else { throw problem("a filter begins with @") }
    let path = JSONPath(segments: try segments())
    skipSpace()
    let isEqual = next == "="
    guard take("=") || take("!"), take("=") else { throw problem("== or != is wanted here") }
    skipSpace()
    let literal = try literal()
    skipSpace()
    if isWrapped, !take(")") { throw problem(") is wanted here") }
    return .having(path, isEqual: isEqual, literal)
  }

  private mutating func literal() throws(PathProblem) -> Answer {
    if next == "'" || next == "\"" { return .text(try quoted()) }
    let start = place
    while let character = next, character != "]", character != ")", !character.isWhitespace { place += 1 }
    let word = String(text[start..<place])
    switch word {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default:
      guard let number = Double(word) else {
        place = start
        throw problem("a text in quotes, a number, true, false or null is wanted here")
      }
      return .number(number)
    }
  }
}
