/// A piece of YAML with its place. All scalars are text; what they mean is for forms to say.
struct SyntaxNode {
  enum Content {
    case scalar(Scalar)
    case list([SyntaxNode])
    case map([Entry])
  }

  struct Scalar {
    var text: String
    var style: Style

    enum Style {
      case plain, singleQuoted, doubleQuoted, literal, folded
    }
  }

  struct Entry {
    var key: Located<String>
    var value: SyntaxNode
  }

  var content: Content
  var place: Place
  /// Whether something of a mapping is left out, and has been told: nobody may be told that it is missing.
  var isPartial = false

  /// "text", "a list", "a mapping" or "nothing", for messages.
  var noun: String {
    switch content {
    case .scalar: isEmpty ? "nothing" : "text"
    case .list: "a list"
    case .map: "a mapping"
    }
  }

  /// Nothing written, or YAML's ways of saying so.
  var isEmpty: Bool {
    guard case .scalar(let scalar) = content, scalar.style == .plain else { return false }
    return scalar.text.isEmpty || scalar.text == "~" || scalar.text == "null"
  }

  /// The same mapping with other entries.
  func with(_ entries: [Entry]) -> SyntaxNode {
    var node = self
    node.content = .map(entries)
    return node
  }

  /// `nil`: not a mapping.
  var mapEntries: [Entry]? {
    if case .map(let entries) = content { entries } else { nil }
  }
}
