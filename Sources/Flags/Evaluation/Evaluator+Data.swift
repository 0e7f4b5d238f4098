extension Evaluator {
  @inline(__always)
  mutating func variable(_ path: Int32, _ fallback: Int32) throws(Exhausted) -> JSONValue {
    if let found = try found(program.paths[Int(path)]) { return found }
    return fallback < 0 ? .null : try value(fallback)
  }

  /// `nil` for what is not there.
  @inline(__always)
  private mutating func found(_ path: Program.Path) throws(Exhausted) -> JSONValue? {
    switch path {
    case .whole: return try data()
    case .flagKey: return scope == nil ? .text(program.flagKey) : nil
    case .timestamp: return scope == nil ? .number(Double(seconds)) : nil
    case .names(let span):
      if scope == nil, span.count == 1 {
        try spend(context.members.count > 16 ? 16 : 1)
        if let index = context.index(of: program.names[Int(span.start)]) { return context.members[index].value }
        return isInjected(program.names[Int(span.start)]) ? .object(injected) : nil
      }
      return try found(span)
    }
  }

  private mutating func found(_ span: Program.Span) throws(Exhausted) -> JSONValue? {
    var current = scope
    for place in 0..<Int(span.count) {
      guard let next = try member(program.names[Int(span.start) + place], of: current) else { return nil }
      current = next
    }
    return current
  }

  /// `nil` as a value stands for the context.
  private mutating func member(_ name: JSONName, of value: JSONValue?) throws(Exhausted) -> JSONValue? {
    try spend(16)
    switch value {
    case nil: return isInjected(name) ? .object(injected) : context.index(of: name).map { context.members[$0].value }
    case .object(let object): return object[name]
    case .list(let items):
      guard let index = Int(name.text), items.indices.contains(index), String(index) == name.text else { return nil }
      return items[index]
    case .null, .bool, .number, .text: return nil
    }
  }

  private func isInjected(_ name: JSONName) -> Bool { name.text == "$flagd" }

  /// What flagd adds to every context, whatever the caller says.
  private var injected: JSONObject {
    JSONObject([("flagKey", .text(program.flagKey)), ("timestamp", .number(Double(seconds)))])
  }

  /// All that `var` looks into.
  private mutating func data() throws(Exhausted) -> JSONValue {
    if let scope { return scope }
    try spend(16 * context.members.count)
    return .object(context.kept.overlaid(by: JSONObject([("$flagd", .object(injected))])))
  }

  mutating func computedVariable(_ span: Program.Span) throws(Exhausted) -> JSONValue {
    let path = try argument(span, 0)
    if let found = try lookUp(path) { return found }
    return try argument(span, 1)
  }

  /// What stands at a path that was computed; `nil` where nothing does.
  private mutating func lookUp(_ path: JSONValue) throws(Exhausted) -> JSONValue? {
    if path.isNull { return try data() }
    let text = try text(of: path)
    if text.isEmpty { return try data() }
    var current = scope
    for name in VariablePath.components(of: text) {
      guard let next = try member(name, of: current) else { return nil }
      current = next
    }
    return current
  }

  /// Of the keys, those that stand for null, for nothing, or for an empty text.
  func isMissing(_ value: JSONValue?) -> Bool {
    switch value {
    case nil, .null: true
    case .text(let text): text.isEmpty
    case .bool, .number, .list, .object: false
    }
  }

  mutating func missing(_ keys: [JSONValue]) throws(Exhausted) -> [JSONValue] {
    var missing: [JSONValue] = []
    for key in keys where isMissing(try lookUp(key)) { missing.append(key) }
    return missing
  }
}
