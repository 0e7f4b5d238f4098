extension Evaluator {
  mutating func call(_ named: Operator, _ span: Program.Span) throws(Exhausted) -> JSONValue {
    switch named {
    case .equal: return .bool(try areLooselyEqual(span))
    case .unequal: return .bool(try !areLooselyEqual(span))
    case .strictlyEqual: return .bool(try areSame(try argument(span, 0), try argument(span, 1)))
    case .strictlyUnequal: return .bool(try !areSame(try argument(span, 0), try argument(span, 1)))
    case .not: return .bool(!Coercion.isTrue(try argument(span, 0)))
    case .truth: return .bool(Coercion.isTrue(try argument(span, 0)))
    case .less: return .bool(try isOrdered(span, <, <))
    case .lessOrEqual: return .bool(try isOrdered(span, <=, <=))
    case .greater: return .bool(try isOrdered(span, >, >))
    case .greaterOrEqual: return .bool(try isOrdered(span, >=, >=))
    case .plus, .minus, .times, .divided, .remainder, .min, .max: return .number(try arithmetic(named, span))
    case .merge: return try merge(span)
    case .contains: return .bool(try contains(span))
    case .cat: return try cat(span)
    case .substr: return try substr(span)
    case .missing: return try missing(span)
    case .missingSome: return try missingSome(span)
    case .startsWith: return try compareTexts(span) { $0.beginsWithBytes(of: $1) }
    case .endsWith: return try compareTexts(span) { $0.endsWithBytes(of: $1) }
    case .semanticVersion: return try compareVersions(span)
    }
  }

  private mutating func arithmetic(_ named: Operator, _ span: Program.Span) throws(Exhausted) -> Double {
    switch named {
    case .plus: return try folded(span, from: 0) { $0 + Coercion.leadingNumber($1) }
    case .times: return try folded(span, from: 1) { $0 * Coercion.leadingNumber($1) }
    case .min: return try folded(span, from: .infinity) { Self.least($0, Coercion.number($1)) }
    case .max: return try folded(span, from: -.infinity) { -Self.least(-$0, -Coercion.number($1)) }
    case .divided: return try number(span, 0) / number(span, 1)
    case .remainder: return try number(span, 0).truncatingRemainder(dividingBy: number(span, 1))
    default:
      if span.count == 1 { return -(try number(span, 0)) }
      return try number(span, 0) - number(span, 1)
    }
  }

  /// What is no number makes the whole no number.
  private static func least(_ a: Double, _ b: Double) -> Double { a.isNaN || b.isNaN ? .nan : Swift.min(a, b) }

  private mutating func number(_ span: Program.Span, _ place: Int32) throws(Exhausted) -> Double {
    try number(try argument(span, place))
  }

  private mutating func number(_ value: JSONValue) throws(Exhausted) -> Double {
    if case .number(let number) = value { return number.value }
    try spend(weight(of: value))
    return Coercion.number(value)
  }

  private mutating func folded(
    _ span: Program.Span, from start: Double, _ combine: (Double, JSONValue) -> Double
  ) throws(Exhausted) -> Double {
    var result = start
    for place in 0..<span.count {
      let value = try argument(span, place)
      try spend(weight(of: value))
      result = combine(result, value)
    }
    return result
  }

  private mutating func compareTexts(
    _ span: Program.Span, _ holds: (String, String) -> Bool
  ) throws(Exhausted) -> JSONValue {
    guard span.count == 2, case .text(let a) = try argument(span, 0), case .text(let b) = try argument(span, 1) else {
      return .null
    }
    try spend(b.utf8.count / 8)
    return .bool(holds(a, b))
  }

  private mutating func compareVersions(_ span: Program.Span) throws(Exhausted) -> JSONValue {
    guard span.count == 3, let a = try version(try argument(span, 0)),
      case .text(let comparison) = try argument(span, 1), let b = try version(try argument(span, 2)),
      let holds = a.satisfies(comparison, b)
    else { return .null }
    return .bool(holds)
  }

  private mutating func version(_ value: JSONValue) throws(Exhausted) -> SemanticVersion? {
    switch value {
    case .text(let text):
      try spend(text.utf8.count)
      return SemanticVersion(text)
    case .number(let number): return SemanticVersion(number.written)
    case .null, .bool, .list, .object: return nil
    }
  }
}
