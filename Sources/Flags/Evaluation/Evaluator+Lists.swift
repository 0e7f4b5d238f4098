extension Evaluator {
  mutating func iterate(_ iteration: Iteration, _ list: Int32, _ body: Int32) throws(Exhausted) -> JSONValue {
    let items = try value(list).list ?? []
    switch iteration {
    case .map:
      var mapped: [JSONValue] = []
      for item in items { mapped.append(try value(body, in: item)) }
      return .list(try counted(mapped))
    case .filter:
      var kept: [JSONValue] = []
      for item in items where Coercion.isTrue(try value(body, in: item)) { kept.append(item) }
      return .list(kept)
    case .all:
      for item in items where !Coercion.isTrue(try value(body, in: item)) { return .bool(false) }
      return .bool(!items.isEmpty)
    case .none, .some:
      for item in items where Coercion.isTrue(try value(body, in: item)) { return .bool(iteration == .some) }
      return .bool(iteration == .none)
    }
  }

  /// `[list, rule over current and accumulator, start]`
  mutating func reduce(_ span: Program.Span) throws(Exhausted) -> JSONValue {
    let items = try argument(span, 0).list ?? []
    var accumulator = try argument(span, 2)
    guard let body = child(span, 1) else { return accumulator }
    for item in items {
      let pair = JSONObject([("accumulator", accumulator), ("current", item)])
      accumulator = try value(body, in: .object(pair))
      // The pair itself may be the result, and so grow with every item.
      try spend(weight(of: accumulator))
    }
    return accumulator
  }

  private mutating func value(_ body: Int32, in item: JSONValue) throws(Exhausted) -> JSONValue {
    let outer = scope
    scope = item
    defer { scope = outer }
    return try value(body)
  }

  /// Of a text: as a part of it. Of a list: as an item.
  mutating func contains(_ span: Program.Span) throws(Exhausted) -> Bool {
    let (wanted, whole) = (try argument(span, 0), try argument(span, 1))
    switch whole {
    case .text(let whole):
      let wanted = try text(of: wanted)
      try spend(whole.utf8.count / 8 * (1 + wanted.utf8.count / 8))
      return whole.containsBytes(of: wanted)
    case .list(let items):
      for item in items where try areSame(item, wanted) { return true }
      return false
    case .null, .bool, .number, .object: return false
    }
  }

  mutating func merge(_ span: Program.Span) throws(Exhausted) -> JSONValue {
    var merged: [JSONValue] = []
    for place in 0..<span.count {
      let value = try argument(span, place)
      if case .list(let items) = value {
        try spend(items.count)
        merged.append(contentsOf: items)
      } else {
        merged.append(value)
      }
    }
    return .list(try counted(merged))
  }

  mutating func cat(_ span: Program.Span) throws(Exhausted) -> JSONValue {
    var joined = ""
    for place in 0..<span.count {
      let value = try argument(span, place)
      if value.isNull { continue }
      let text = try text(of: value)
      try spend((joined.utf8.count + text.utf8.count) / 8)
      joined += text
    }
    return .text(joined)
  }

  /// Counted in code points. A negative start counts from the end; a negative length leaves out so many at the end.
  mutating func substr(_ span: Program.Span) throws(Exhausted) -> JSONValue {
    let text = try text(of: try argument(span, 0))
    try spend(text.utf8.count)
    let scalars = Array(text.unicodeScalars)
    let start = Self.clamped(Coercion.number(try argument(span, 1)), scalars.count)
    let from = start < 0 ? Swift.max(0, scalars.count + start) : Swift.min(start, scalars.count)
    var end = scalars.count
    if span.count > 2 {
      let length = Self.clamped(Coercion.number(try argument(span, 2)), scalars.count)
      end = length < 0 ? scalars.count + length : Swift.min(end, from + length)
    }
    var part = String.UnicodeScalarView()
    if from < end { part.append(contentsOf: scalars[from..<end]) }
    return .text(String(part))
  }

  private static func clamped(_ number: Double, _ count: Int) -> Int {
    number.isNaN ? 0 : Int(Swift.min(Swift.max(number, -Double(count)), Double(count)))
  }

  mutating func missing(_ span: Program.Span) throws(Exhausted) -> JSONValue {
    let keys = try values(span)
    return .list(try missing(keys.first?.list ?? keys))
  }

  mutating func missingSome(_ span: Program.Span) throws(Exhausted) -> JSONValue {
    let needed = Coercion.number(try argument(span, 0))
    let keys = try argument(span, 1).list ?? []
    let missing = try missing(keys)
    return .list(Double(keys.count - missing.count) >= needed ? [] : missing)
  }
}
