import PipelineModel

/// A condition of GO Feature Flag: in its own language, or in JsonLogic.
indirect enum GoQuery: Sendable {
  case always
  case isPresent(String)
  case compare(String, Comparison, Value)
  case and(GoQuery, GoQuery), or(GoQuery, GoQuery), not(GoQuery)
  /// A rule of ours that gives one of two variants.
  case logic(JSONValue, Flag)

  enum Comparison: Sendable {
    case equal, unequal, less, lessOrEqual, greater, greaterOrEqual, contains, begins, ends, isOneOf
  }

  enum Value: Sendable {
    case text(String), texts([String])
    case number(Double), numbers([Double])
    case bool(Bool), version(String), null
  }

  func holds(for context: JSONObject, at now: Timestamp) -> Bool {
    switch self {
    case .always: true
    case .isPresent(let path): context.goValue(path) != nil
    case .compare(let path, let comparison, let value): value.holds(context.goValue(path), comparison)
    case .and(let a, let b): a.holds(for: context, at: now) && b.holds(for: context, at: now)
    case .or(let a, let b): a.holds(for: context, at: now) || b.holds(for: context, at: now)
    case .not(let query): !query.holds(for: context, at: now)
    case .logic(_, let flag): flag.resolve(context, at: now).variant == "yes"
    }
  }

  var rule: JSONValue {
    switch self {
    case .always: .bool(true)
    case .isPresent(let path): Logic.apply("!==", Logic.variable(path), .null)
    case .compare(let path, let comparison, let value): value.rule(Logic.variable(path), comparison)
    case .and(let a, let b): Logic.apply("and", a.rule, b.rule)
    case .or(let a, let b): Logic.apply("or", a.rule, b.rule)
    case .not(let query): Logic.not(query.rule)
    case .logic(let rule, _): rule
    }
  }

  /// Whether a text is compared without regard to its case there.
  var ignoresCase: Bool {
    switch self {
    case .compare(_, let comparison, .text(let text)): comparison != .isOneOf && text.lowercased() != text.uppercased()
    case .and(let a, let b), .or(let a, let b): a.ignoresCase || b.ignoresCase
    case .not(let query): query.ignoresCase
    case .always, .isPresent, .compare, .logic: false
    }
  }
}

extension GoQuery.Value {
  /// What is missing, or of another type, is nothing that any comparison holds for, `ne` included.
  fileprivate func holds(_ subject: JSONValue?, _ comparison: GoQuery.Comparison) -> Bool {
    switch (self, subject) {
    case (.null, _): comparison == .equal ? subject == nil : comparison == .unequal ? subject != nil : false
    case (.text(let wanted), .text(let text)): Self.holds(text.lowercased(), comparison, wanted.lowercased())
    case (.texts(let wanted), .text(let text)): comparison == .isOneOf && wanted.contains(text)
    case (.number(let wanted), .number(let number)): Self.holds(number.value, comparison, wanted)
    case (.numbers(let wanted), .number(let number)): comparison == .isOneOf && wanted.contains(number.value)
    case (.bool(let wanted), .bool(let bool)):
      comparison == .equal ? bool == wanted : comparison == .unequal && bool != wanted
    case (.version(let wanted), .text(let text)):
      if let a = SemanticVersion(text), let b = SemanticVersion(wanted) {
        Self.holds(a.compared(with: b), comparison, 0)
      } else {
        false
      }
    case (.text, _), (.texts, _), (.number, _), (.numbers, _), (.bool, _), (.version, _): false
    }
  }

  private static func holds(_ a: String, _ comparison: GoQuery.Comparison, _ b: String) -> Bool {
    switch comparison {
    case .contains: b.isEmpty || a.utf8.firstRange(of: b.utf8) != nil
    case .begins: a.utf8.starts(with: b.utf8)
    case .ends: a.utf8.reversed().starts(with: b.utf8.reversed())
    case .isOneOf: false
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual:
      holds(a.comparedByBytes(with: b), comparison, 0)
    }
  }

  private static func holds<T: Comparable>(_ a: T, _ comparison: GoQuery.Comparison, _ b: T) -> Bool {
    switch comparison {
    case .equal: a == b
    case .unequal: a != b
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    case .contains, .begins, .ends, .isOneOf: false
    }
  }

  fileprivate func rule(_ subject: JSONValue, _ comparison: GoQuery.Comparison) -> JSONValue {
    let wanted = value
    let test =
      switch comparison {
      case .equal: version ? Logic.apply("sem_ver", subject, .text("="), wanted) : Logic.apply("===", subject, wanted)
      case .unequal:
        version ? Logic.apply("sem_ver", subject, .text("!="), wanted) : Logic.apply("!==", subject, wanted)
      case .less: ordered("<", subject)
      case .lessOrEqual: ordered("<=", subject)
      case .greater: ordered(">", subject)
      case .greaterOrEqual: ordered(">=", subject)
      case .contains: Logic.apply("in", wanted, subject)
      case .begins: Logic.apply("starts_with", subject, wanted)
      case .ends: Logic.apply("ends_with", subject, wanted)
      case .isOneOf: Logic.apply("in", subject, wanted)
      }
    if case .null = self { return test }
    switch comparison {
    // Where there is nothing these would hold here, and do not there.
    case .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual:
      return Logic.apply("and", Logic.apply("!==", subject, .null), test)
    case .equal, .contains, .begins, .ends, .isOneOf: return test
    }
  }

  private func ordered(_ name: String, _ subject: JSONValue) -> JSONValue {
    version ? Logic.apply("sem_ver", subject, .text(name), value) : Logic.apply(name, subject, value)
  }

  private var version: Bool { if case .version = self { true } else { false } }

  private var value: JSONValue {
    switch self {
    case .text(let text), .version(let text): .text(text)
    case .texts(let texts): .list(texts.map { .text($0) })
    case .number(let number): .number(number)
    case .numbers(let numbers): .list(numbers.map { .number($0) })
    case .bool(let bool): .bool(bool)
    case .null: .null
    }
  }
}

extension JSONObject {
  /// What a path leads to; `nil` for nothing, and for null.
  fileprivate func goValue(_ path: String) -> JSONValue? {
    var value = JSONValue.object(self)
    for part in path.split(separator: ".") {
      guard let inner = value.object?[String(part)], !inner.isNull else { return nil }
      value = inner
    }
    return value
  }
}
