extension RuleCompiler {
  mutating func compileVariable(_ arguments: [JSONNode], _ node: JSONNode, at place: String, depth: Int) -> Int32 {
    if arguments.count > 2 { note("`var` takes a path and a default; it has \(arguments.count) arguments", at: node) }
    let parts = compileAll(Array(arguments.prefix(2)), at: place, depth: depth)
    guard let first = parts.first else { return variable(.whole, fallback: -1, at: place) }
    guard let path = constant(first).flatMap({ path($0) }) else {
      let span = draft.span(parts)
      return draft.add(.computedVariable(span), at: place)
    }
    if let written = arguments.first?.text, written.beginsWithBytes(of: "$flagd."), case .names = path {
      note(
        "there is no `\(written)`", at: arguments[0], help: "There are `$flagd.flagKey` and `$flagd.timestamp`.")
    }
    return variable(path, fallback: parts.count > 1 ? parts[1] : -1, at: place)
  }

  private mutating func variable(_ path: Program.Path, fallback: Int32, at place: String) -> Int32 {
    draft.paths.append(path)
    return draft.add(.variable(Int32(draft.paths.count - 1), fallback: fallback), at: place)
  }

  private mutating func path(_ value: JSONValue) -> Program.Path? {
    switch value {
    case .null: return .whole
    case .text(let text):
      if text.isEmpty { return .whole }
      if text == "$flagd.flagKey" { return .flagKey }
      if text == "$flagd.timestamp" { return .timestamp }
      return names(text)
    case .number(let number): return names(Coercion.text(of: number.value))
    case .bool, .list, .object: return nil
    }
  }

  private mutating func names(_ text: String) -> Program.Path {
    let components = VariablePath.components(of: text)
    let start = Int32(draft.names.count)
    draft.names.append(contentsOf: components)
    return .names(Program.Span(start: start, count: Int32(components.count)))
  }
}

enum VariablePath {
  /// `a.b` names the member `b` of the member `a`.
  static func components(of text: String) -> [JSONName] {
    text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .map { JSONName(String(Substring($0))) }
  }
}
