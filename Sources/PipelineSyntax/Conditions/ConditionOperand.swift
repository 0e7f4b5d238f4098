import PipelineModel

/// A part of a condition with what is known of its type.
struct ConditionOperand {
  enum Kind: Equatable {
    case bool
    /// The dimension, where literals alone decide it.
    case number(Dimension?)
    case text
    /// Whatever the provider answers.
    case unknown

    var noun: String {
      switch self {
      case .bool: "true or false"
      case .number: "a number"
      case .text: "text"
      case .unknown: "a value"
      }
    }

    var isNumber: Bool {
      switch self {
      case .number, .unknown: true
      case .bool, .text: false
      }
    }
  }

  var condition: Condition
  var type: Kind
  var offset: Int
  var depth = 1
  var usesValue = false
  var usesElement = false

  init(
    _ condition: Condition, _ type: Kind, at offset: Int, usesValue: Bool = false, usesElement: Bool = false
  ) {
    self.condition = condition
    self.type = type
    self.offset = offset
    self.usesValue = usesValue
    self.usesElement = usesElement
  }

  /// Whether it comes from the provider's answer.
  var isMeasured: Bool { usesValue || usesElement }

  private func from(_ others: [ConditionOperand], keepingElement: Bool = true) throws(ConditionMistake)
    -> ConditionOperand
  {
    var operand = self
    operand.usesValue = others.contains(where: \.usesValue)
    operand.usesElement = keepingElement && others.contains(where: \.usesElement)
    operand.depth = 1 + (others.map(\.depth).max() ?? 0)
    guard operand.depth <= ConditionParser.depthLimit else {
      throw ConditionMistake("the condition is nested more than \(ConditionParser.depthLimit) deep", at: offset)
    }
    return operand
  }

  private func require(_ wanted: Bool, _ noun: String, by user: String) throws(ConditionMistake) {
    guard !wanted else { return }
    throw ConditionMistake("\(quote(user)) wants \(noun), and this is \(type.noun)", at: offset)
  }

  private var isRule: Bool { type == .bool || type == .unknown }
}

// Operators.
extension ConditionOperand {
  func negated(at offset: Int) throws(ConditionMistake) -> ConditionOperand {
    try require(isRule, "true or false", by: "not")
    return try ConditionOperand(.not(condition), .bool, at: offset).from([self])
  }

  func minus(at offset: Int) throws(ConditionMistake) -> ConditionOperand {
    try require(type.isNumber, "a number", by: "-")
    return try ConditionOperand(.negate(condition), type, at: offset).from([self])
  }

  func combined(
    _ symbol: Condition.Operator, _ right: ConditionOperand, at offset: Int
  ) throws(ConditionMistake) -> ConditionOperand {
    let type: Kind
    switch symbol {
    case .and, .or:
      for side in [self, right] { try side.require(side.isRule, "true or false", by: symbol.rawValue) }
      type = .bool
    case .equal, .unequal:
      try checkSameKind(right, symbol)
      type = .bool
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      for side in [self, right] { try side.require(side.type.isNumber, "numbers", by: symbol.rawValue) }
      try checkSameKind(right, symbol)
      type = .bool
    case .add, .subtract, .multiply, .divide:
      for side in [self, right] { try side.require(side.type.isNumber, "numbers", by: symbol.rawValue) }
      if symbol == .add || symbol == .subtract { try checkSameKind(right, symbol) }
      if symbol == .divide, right.condition == .number(0) {
        throw ConditionMistake("a division by zero", at: right.offset)
      }
      type = .number(dimension(symbol, right))
    }
    return try ConditionOperand(.binary(symbol, condition, right.condition), type, at: self.offset).from([self, right])
  }

  private func checkSameKind(_ right: ConditionOperand, _ symbol: Condition.Operator) throws(ConditionMistake) {
    switch (type, right.type) {
    case (.unknown, _), (_, .unknown), (.bool, .bool), (.text, .text): return
    case (.number(let a?), .number(let b?)) where a != b:
      throw ConditionMistake(
        "\(quote(symbol.rawValue)) has \(a.rawValue) on one side and \(b.rawValue) on the other", at: right.offset,
        help: "give both the same kind of unit")
    case (.number, .number): return
    default:
      throw ConditionMistake("\(type.noun) cannot be compared with \(right.type.noun)", at: right.offset)
    }
  }

  private func dimension(_ symbol: Condition.Operator, _ right: ConditionOperand) -> Dimension? {
    guard case .number(let a?) = type, case .number(let b?) = right.type else { return nil }
    switch (symbol, a, b) {
    case (.add, _, _), (.subtract, _, _): return a
    case (.multiply, .plain, _): return b
    case (.multiply, _, .plain), (.divide, _, .plain): return a
    case (.divide, _, _) where a == b: return .plain
    default: return nil
    }
  }

  func accessed(
    at offset: Int, _ make: (Condition) -> Condition
  ) throws(ConditionMistake) -> ConditionOperand {
    guard type == .unknown else { throw ConditionMistake("\(type.noun) has no fields", at: offset) }
    return try ConditionOperand(make(condition), .unknown, at: self.offset).from([self])
  }
}

// Functions.
extension ConditionOperand {
  static func call(
    _ function: Condition.Function, _ arguments: [ConditionOperand], at offset: Int
  ) throws(ConditionMistake) -> ConditionOperand {
    let wanted = function == .default ? 2 : 1
    guard arguments.count == wanted else {
      let example = function == .default ? "default(value, 0)" : "\(function.rawValue)(value)"
      throw ConditionMistake(
        "\(quote(function.rawValue)) takes \(wanted == 1 ? "one argument" : "two arguments"), not \(arguments.count)",
        at: offset, help: "write `\(example)`")
    }
    let first = arguments[0]
    let type: Kind
    switch function {
    case .len, .count:
      try first.require(first.type == .unknown, "a list", by: function.rawValue)
      type = .number(.plain)
    case .last, .first:
      try first.require(first.type == .unknown, "a list", by: function.rawValue)
      type = .unknown
    case .avg, .sum, .max, .min:
      try first.require(first.type == .unknown, "a list", by: function.rawValue)
      type = .number(nil)
    case .isNaN:
      try first.require(first.type.isNumber, "a number", by: function.rawValue)
      type = .bool
    case .abs:
      try first.require(first.type.isNumber, "a number", by: function.rawValue)
      type = first.type == .unknown ? .number(nil) : first.type
    case .default:
      type = first.type == .unknown ? .unknown : arguments[1].type
    }
    return try ConditionOperand(.call(function, arguments.map(\.condition)), type, at: offset).from(arguments)
  }

  func quantified(
    _ quantifier: Condition.Quantifier, rule: ConditionOperand, at offset: Int
  ) throws(ConditionMistake) -> ConditionOperand {
    try require(type == .unknown, "a list", by: quantifier.rawValue)
    try rule.require(rule.isRule, "true or false", by: quantifier.rawValue)
    guard rule.usesElement else {
      throw ConditionMistake(
        "the rule never looks at `it`", at: rule.offset, help: "write `\(quantifier.rawValue)(value, it < 5)`")
    }
    let condition = Condition.quantified(quantifier, over: condition, rule: rule.condition)
    return try ConditionOperand(condition, .bool, at: offset).from([self, rule], keepingElement: usesElement)
  }

  /// `all(value < 5)` means `all(value, it < 5)`.
  func quantifiedInShort(_ quantifier: Condition.Quantifier, at offset: Int) throws(ConditionMistake)
    -> ConditionOperand
  {
    let help = "write `\(quantifier.rawValue)(value, it < 5)`"
    guard type == .bool, usesValue, !usesElement, let rule = condition.overElements else {
      throw ConditionMistake("\(quote(quantifier.rawValue)) needs a rule for the elements", at: offset, help: help)
    }
    return try ConditionOperand(.quantified(quantifier, over: .value, rule: rule), .bool, at: offset).from([self])
  }

  /// Of a whole condition: it must say true or false, and look at what was measured.
  func checkIsWholeRule() throws(ConditionMistake) {
    guard isMeasured else {
      throw ConditionMistake("the condition never looks at `value`", at: offset, help: "for example `value < 500ms`")
    }
    switch (type, condition) {
    case (.bool, _), (.unknown, .field), (.unknown, .index): return
    default:
      throw ConditionMistake(
        "the condition is \(type.noun), not true or false", at: offset, help: "compare it with something: `value < 5`")
    }
  }
}

extension Condition {
  /// The same about each element in place of the whole value; `nil` where lists are nested.
  fileprivate var overElements: Condition? {
    switch self {
    case .number, .bool, .text, .element: return self
    case .value: return .element
    case .field(let of, let name): return of.overElements.map { .field($0, name) }
    case .index(let of, let index): return of.overElements.map { .index($0, index) }
    case .not(let of): return of.overElements.map { .not($0) }
    case .negate(let of): return of.overElements.map { .negate($0) }
    case .binary(let symbol, let a, let b):
      guard let a = a.overElements, let b = b.overElements else { return nil }
      return .binary(symbol, a, b)
    case .call(let function, let arguments):
      let mapped = arguments.compactMap(\.overElements)
      return mapped.count == arguments.count ? .call(function, mapped) : nil
    case .quantified: return nil
    }
  }
}
