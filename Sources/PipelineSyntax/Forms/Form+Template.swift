import PipelineModel

/// A template, and where it uses which name.
struct TemplateDraft {
  struct Use {
    var name: String
    /// Of the name's first scalar in `text`; its place is worked out only when there is something to say about it.
    var offset: Int
  }

  var template: Template
  var uses: [Use]
  var text: ScalarText
}

extension Form where Value == TemplateDraft {
  /// Text with `${name}` places. Whether the names are known is found out when all parameters are.
  static let template = Form(.template) { node, reader in
    guard Form<String>.prose.read(node, reader) != nil, let text = reader.scalarText(node) else { return nil }
    var scanner = TemplateScanner(text, reader.sink)
    return scanner.scan()
  }
}

private struct TemplateScanner {
  private static let useLimit = 200

  private let text: ScalarText
  private let sink: DiagnosticSink
  private let scalars: [Unicode.Scalar]
  private var at = 0
  private var literal = ""
  private var draft: TemplateDraft

  init(_ text: ScalarText, _ sink: DiagnosticSink) {
    self.text = text
    self.sink = sink
    draft = TemplateDraft(template: Template(parts: []), uses: [], text: text)
    scalars = Array(text.text.unicodeScalars)
  }

  mutating func scan() -> TemplateDraft {
    while at < scalars.count {
      if scalars[at] != "$" {
        literal.unicodeScalars.append(scalars[at])
        at += 1
      } else if starts(with: "$${") {
        literal += "${"
        at += 3
      } else if starts(with: "${") {
        variable()
      } else {
        literal.unicodeScalars.append(scalars[at])
        at += 1
      }
    }
    endLiteral()
    return draft
  }

  private func starts(with text: String) -> Bool { scalars[at...].starts(with: text.unicodeScalars) }

  private mutating func endLiteral() {
    if !literal.isEmpty { draft.template.parts.append(.text(literal)) }
    literal = ""
  }

  private mutating func variable() {
    let start = at
    guard draft.uses.count < Self.useLimit else {
      at = scalars.count
      return sink.error("more than \(Self.useLimit) `${…}` in one text", at: text.place(at: start))
    }
    at += 2
    var name = ""
    while at < scalars.count, scalars[at] != "}", scalars[at] != "\n" {
      name.unicodeScalars.append(scalars[at])
      at += 1
    }
    guard at < scalars.count, scalars[at] == "}" else {
      return sink.error(
        "`${` is never closed", at: text.place(at: start), help: "write `${name}`, or `$${` for a literal `${`")
    }
    at += 1
    endLiteral()
    draft.template.parts.append(.variable(name))
    draft.uses.append(.init(name: name, offset: start + 2))
  }
}
