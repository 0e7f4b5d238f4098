extension Evaluator {
  @inline(__always)
  mutating func areLooselyEqual(_ span: Program.Span) throws(Exhausted) -> Bool {
    try areLooselyEqual(try argument(span, 0), try argument(span, 1))
  }

  /// ECMAScript's `==`, except that two lists or two objects are equal when what they hold is.
  private mutating func areLooselyEqual(_ a: JSONValue, _ b: JSONValue) throws(Exhausted) -> Bool {
    switch (a, b) {
    case (.text(let a), .text(let b)):
      try spend(Swift.min(a.utf8.count, b.utf8.count) / 8)
      return a.hasSameBytes(as: b)
    case (.number(let a), .number(let b)): return a == b
    case (.null, _), (_, .null): return a.isNull && b.isNull
    case (.bool(let a), .bool(let b)): return a == b
    case (.list, .list), (.object, .object): return try areSame(a, b)
    case (.text, .list), (.text, .object), (.list, .text), (.object, .text):
      let (textA, textB) = (try text(of: a), try text(of: b))
      return textA.hasSameBytes(as: textB)
    case (.list, .object), (.object, .list): return false
    case (.bool, _), (.number, _), (_, .bool), (_, .number):
      try spend(weight(of: a) + weight(of: b))
      return Coercion.number(a) == Coercion.number(b)
    }
  }

  /// `===`: the same type and the same content.
  mutating func areSame(_ a: JSONValue, _ b: JSONValue) throws(Exhausted) -> Bool {
    try spend(Swift.min(weight(of: a), weight(of: b)))
    return a == b
  }

  /// Texts by their bytes, all else as numbers; `nil` when one is no number.
  private mutating func order(_ a: JSONValue, _ b: JSONValue) throws(Exhausted) -> Double? {
    if case .text(let a) = a, case .text(let b) = b {
      try spend(Swift.min(a.utf8.count, b.utf8.count))
      return Double(a.comparedByBytes(with: b))
    }
    try spend(weight(of: a) + weight(of: b))
    let (x, y) = (Coercion.number(a), Coercion.number(b))
    if x.isNaN || y.isNaN { return nil }
    return x < y ? -1 : x > y ? 1 : 0
  }

  mutating func isOrdered(
    _ span: Program.Span, _ first: (Double, Double) -> Bool, _ second: (Double, Double) -> Bool
  ) throws(Exhausted) -> Bool {
    let (a, b) = (try argument(span, 0), try argument(span, 1))
    guard let order = try order(a, b), first(order, 0) else { return false }
    guard span.count > 2 else { return true }
    guard let order = try self.order(b, try argument(span, 2)) else { return false }
    return second(order, 0)
  }

  /// Values inside, and bytes by eights; counting itself stops where fuel would.
  func weight(of value: JSONValue) -> Int {
    switch value {
    case .null, .bool, .number: return 1
    case .text(let text): return 1 + text.utf8.count / 8
    case .list, .object:
      var left = fuel + 1
      Self.weigh(value, depth: 0, &left)
      return fuel + 1 - left
    }
  }

  /// Takes from `left` what the value weighs; all of it for what is too deep.
  static func weigh(_ value: JSONValue, depth: Int, _ left: inout Int) {
    guard left > 0 else { return }
    switch value {
    case .null, .bool, .number: left -= 1
    case .text(let text): left -= 1 + text.utf8.count / 8
    case .list(let items):
      left -= depth > EvaluatorLimits.depth ? left : 1
      for item in items { weigh(item, depth: depth + 1, &left) }
    case .object(let object):
      left -= depth > EvaluatorLimits.depth ? left : 1
      for member in object.members {
        left -= 1 + member.name.text.utf8.count / 8
        weigh(member.value, depth: depth + 1, &left)
      }
    }
  }

  /// The list again, when there is fuel for all that is in it.
  mutating func counted(_ items: [JSONValue]) throws(Exhausted) -> [JSONValue] {
    var left = fuel
    Self.weigh(.list(items), depth: 0, &left)
    fuel = left
    if left <= 0 { throw Exhausted() }
    return items
  }

  mutating func text(of value: JSONValue) throws(Exhausted) -> String {
    if case .text(let text) = value { return text }
    try spend(weight(of: value))
    return Coercion.text(of: value)
  }
}
