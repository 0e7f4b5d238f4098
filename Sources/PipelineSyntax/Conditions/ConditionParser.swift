import PipelineModel

/// Words → a condition whose types fit, as far as they can be known before there is an answer.
///
/// Precedence, loosest first: `or`, `and`, `not`, comparisons (which do not chain), `+ -`, `* /`, unary minus, access.
struct ConditionParser {
  /// How deep a condition may be nested, brackets and long chains alike.
  static let depthLimit = 100
  /// Scalars a condition may be long.
  static let lengthLimit = 2000

  private let tokens: [ConditionToken]
  private var at = 0
  private var brackets = 0
  /// How many `all`/`any` rules are open: `it` has a meaning there.
  private var quantifiers = 0
  private var compared: [ConditionReading.Comparison] = []

  private init(_ tokens: [ConditionToken]) { self.tokens = tokens }

  static func parse(_ text: String) throws(ConditionMistake) -> ConditionReading {
    guard text.unicodeScalars.count <= lengthLimit else {
      throw ConditionMistake("the condition is longer than \(lengthLimit) letters", at: 0)
    }
    var parser = ConditionParser(try ConditionLexer.tokens(of: text))
    if parser.token.kind == .end {
      throw ConditionMistake("a condition is missing", at: 0, help: "for example `value < 500ms`")
    }
    let operand = try parser.expression(0)
    guard parser.token.kind == .end else { throw parser.unexpected() }
    try operand.checkIsWholeRule()
    return ConditionReading(condition: operand.condition, comparisons: parser.compared)
  }
}

/// A condition, and with what it compares what was measured.
struct ConditionReading {
  struct Comparison: Hashable {
    var measured: Condition
    var dimension: Dimension
    var offset: Int
  }
  var condition: Condition
  var comparisons: [Comparison]

  /// Two comparisons of the same with numbers of two kinds: `value < 500ms and value > 3%`.
  var oneOfTwoKinds: (first: Comparison, other: Comparison)? {
    for (index, other) in comparisons.enumerated() {
      let first = comparisons[..<index].first { $0.measured == other.measured && $0.dimension != other.dimension }
      if let first { return (first, other) }
    }
    return nil
  }
}

// Words.
extension ConditionParser {
  private var token: ConditionToken { tokens[at] }

  private mutating func advance() -> ConditionToken {
    let token = tokens[at]
    if at < tokens.count - 1 { at += 1 }
    return token
  }

  private mutating func skip(_ symbol: String) -> Bool {
    guard token.kind == .symbol(symbol) else { return false }
    _ = advance()
    return true
  }

  private mutating func expect(_ symbol: String, closing opened: Int) throws(ConditionMistake) {
    guard !skip(symbol) else { return }
    if token.kind == .end {
      throw ConditionMistake(
        "a \(quote(symbol)) is missing at the end", at: opened, help: "the bracket opened here is never closed")
    }
    throw unexpected()
  }

  private func unexpected() -> ConditionMistake {
    switch token.kind {
    case .end: ConditionMistake("the condition ends too early", at: token.offset)
    case .number, .text:
      ConditionMistake(
        "a number or text is not expected here", at: token.offset, help: "is an operator missing before it?")
    case .name(let name):
      ConditionMistake("\(quote(name)) is not expected here", at: token.offset, help: Self.spelling[name.lowercased()])
    case .symbol(let symbol): ConditionMistake("\(quote(symbol)) is not expected here", at: token.offset)
    }
  }

  private static let spelling = [
    "or": "write `or`", "and": "write `and`", "is": "write `==`", "not": "write `not` before the comparison",
  ]

  private var binary: (operator: Condition.Operator, strength: Int)? {
    let name: String
    switch token.kind {
    case .symbol(let symbol): name = symbol
    case .name(let word) where word == "and" || word == "or": name = word
    default: return nil
    }
    guard let found = Condition.Operator(rawValue: name) else { return nil }
    return (found, found.strength)
  }
}

// Expressions.
extension ConditionParser {
  private mutating func expression(_ least: Int) throws(ConditionMistake) -> ConditionOperand {
    var left = try prefix()
    while let (symbol, strength) = binary, strength >= least {
      let place = advance().offset
      let right = try expression(strength + 1)
      if symbol.isComparison {
        if let next = binary, next.operator.isComparison {
          throw ConditionMistake(
            "comparisons do not chain", at: token.offset, help: "write `a < b and b < c`")
        }
        note(left, right, at: place)
      }
      left = try left.combined(symbol, right, at: place)
    }
    return left
  }

  /// Keeps with what dimension of number the measured value is compared.
  private mutating func note(_ left: ConditionOperand, _ right: ConditionOperand, at offset: Int) {
    for (measured, limit) in [(left, right), (right, left)] where measured.isMeasured && !limit.isMeasured {
      if case .number(let dimension?) = limit.type, limit.condition != .number(0) {
        compared.append(.init(measured: measured.condition, dimension: dimension, offset: limit.offset))
      }
    }
  }

  private mutating func prefix() throws(ConditionMistake) -> ConditionOperand {
    brackets += 1
    defer { brackets -= 1 }
    guard brackets <= Self.depthLimit else {
      throw ConditionMistake("the condition is nested more than \(Self.depthLimit) deep", at: token.offset)
    }
    if case .name("not") = token.kind {
      let offset = advance().offset
      return try expression(Condition.Operator.equal.strength).negated(at: offset)
    }
    if token.kind == .symbol("-") {
      let offset = advance().offset
      return try prefix().minus(at: offset)
    }
    return try access(primary())
  }

  private mutating func primary() throws(ConditionMistake) -> ConditionOperand {
    let token = token
    switch token.kind {
    case .number(let value, let dimension):
      _ = advance()
      return ConditionOperand(.number(value), .number(dimension), at: token.offset)
    case .text(let text):
      _ = advance()
      return ConditionOperand(.text(text), .text, at: token.offset)
    case .name(let name):
      _ = advance()
      return try named(name, at: token.offset)
    case .symbol("("):
      _ = advance()
      let inner = try expression(0)
      try expect(")", closing: token.offset)
      return inner
    case .symbol, .end:
      throw unexpected()
    }
  }

  private mutating func named(_ name: String, at offset: Int) throws(ConditionMistake) -> ConditionOperand {
    switch name {
    case "value": return ConditionOperand(.value, .unknown, at: offset, usesValue: true)
    case "it" where quantifiers > 0: return ConditionOperand(.element, .unknown, at: offset, usesElement: true)
    case "it":
      throw ConditionMistake("`it` has a meaning only inside `all(…)` and `any(…)`", at: offset, help: "write `value`")
    case "true", "false": return ConditionOperand(.bool(name == "true"), .bool, at: offset)
    default: break
    }
    guard token.kind == .symbol("(") else { throw unknown(name, at: offset) }
    let opened = advance().offset
    if let quantifier = Condition.Quantifier(rawValue: name) { return try quantified(quantifier, at: offset, opened) }
    guard let function = Condition.Function(rawValue: name) else { throw unknown(name, at: offset) }
    return try call(function, at: offset, opened)
  }

  private func unknown(_ name: String, at offset: Int) -> ConditionMistake {
    let functions = Condition.Function.allCases.map(\.rawValue) + Condition.Quantifier.allCases.map(\.rawValue)
    let known = ["value", "it", "true", "false", "and", "or", "not"] + functions
    if functions.contains(name) {
      return ConditionMistake("\(quote(name)) needs brackets", at: offset, help: "write `\(name)(value)`")
    }
    let near = nearMiss(of: name, among: known)
    return ConditionMistake(
      "unknown name \(quote(name))" + (near.map { ", did you mean \(quote($0))?" } ?? ""), at: offset,
      help: near == nil ? "the answer of the provider is called `value`" : nil)
  }

  private mutating func access(_ start: ConditionOperand) throws(ConditionMistake) -> ConditionOperand {
    var operand = start
    while true {
      let offset = token.offset
      if skip(".") {
        guard case .name(let field) = token.kind else {
          throw ConditionMistake("a field's name is missing behind the point", at: offset)
        }
        _ = advance()
        operand = try operand.accessed(at: offset) { .field($0, field) }
      } else if skip("[") {
        let key = advance()
        switch key.kind {
        case .text(let field): operand = try operand.accessed(at: offset) { .field($0, field) }
        case .number(let index, .plain) where index == index.rounded() && index < 1e6:
          operand = try operand.accessed(at: offset) { .index($0, Int(index)) }
        default:
          throw ConditionMistake(
            "an index or a quoted name is wanted in the brackets", at: key.offset,
            help: "write `value[0]` or `value[\"name\"]`")
        }
        try expect("]", closing: offset)
      } else {
        return operand
      }
    }
  }
}

// Calls.
extension ConditionParser {
  private mutating func call(
    _ function: Condition.Function, at offset: Int, _ opened: Int
  ) throws(ConditionMistake) -> ConditionOperand {
    var arguments: [ConditionOperand] = []
    if token.kind != .symbol(")") {
      repeat { arguments.append(try expression(0)) } while skip(",")
    }
    try expect(")", closing: opened)
    return try ConditionOperand.call(function, arguments, at: offset)
  }

  /// `all(list, it < 5)`, or in short `all(value < 5)`.
  private mutating func quantified(
    _ quantifier: Condition.Quantifier, at offset: Int, _ opened: Int
  ) throws(ConditionMistake) -> ConditionOperand {
    quantifiers += 1
    defer { quantifiers -= 1 }
    let first = try expression(0)
    guard skip(",") else {
      try expect(")", closing: opened)
      return try first.quantifiedInShort(quantifier, at: offset)
    }
    if first.usesElement, quantifiers == 1 {
      throw ConditionMistake(
        "`it` has a meaning only in the rule, behind the comma", at: first.offset, help: "write `value`")
    }
    let rule = try expression(0)
    try expect(")", closing: opened)
    return try first.quantified(quantifier, rule: rule, at: offset)
  }
}

extension Condition.Operator {
  fileprivate var strength: Int {
    switch self {
    case .or: 1
    case .and: 2
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual: 4
    case .add, .subtract: 5
    case .multiply, .divide: 6
    }
  }

  var isComparison: Bool {
    switch self {
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    case .and, .or, .add, .subtract, .multiply, .divide: false
    }
  }
}
