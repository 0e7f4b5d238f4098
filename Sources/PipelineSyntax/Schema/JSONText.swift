/// JSON whose members keep their order, so that a generated file changes only where its meaning does.
indirect enum JSONText {
  case text(String)
  case integer(Int)
  case bool(Bool)
  case list([JSONText])
  case object([(String, JSONText)])

  /// Indented by two blanks, short lists on one line.
  func rendered(indent: String = "") -> String {
    let inner = indent + "  "
    switch self {
    case .text(let text): return Self.quoted(text)
    case .integer(let number): return "\(number)"
    case .bool(let value): return "\(value)"
    case .list(let values) where values.allSatisfy(\.isScalar):
      return "[" + values.map { $0.rendered() }.joined(separator: ", ") + "]"
    case .list(let values):
      return "[\n" + values.map { inner + $0.rendered(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
    case .object(let members) where members.isEmpty: return "{}"
    case .object(let members):
      let lines = members.map { inner + Self.quoted($0.0) + ": " + $0.1.rendered(indent: inner) }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    }
  }

  private var isScalar: Bool {
    switch self {
    case .text, .integer, .bool: true
    case .list, .object: false
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
