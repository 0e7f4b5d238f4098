package import PipelineModel

extension Condition {
  /// Whether the rule holds for an answer.
  ///
  /// A missing value, NaN or ±Inf makes whatever depends on it `unknown`; `isNaN` and `default` look at it instead.
  /// `all` and `any` over nothing are unknown too: no evidence is not good news.
  package func truth(of answer: Answer) throws(TypeFault) -> Truth {
    try truth(Scope(value: answer))
  }

  func truth(_ scope: Scope) throws(TypeFault) -> Truth {
    switch self {
    case .binary(let op, let left, let right): try Self.truth(op, left, right, scope)
    case .bool(let value): Truth(value)
    case .not(let inner): !(try inner.truth(scope))
    case .quantified(let quantifier, let list, let rule): try Self.truth(quantifier, list, rule, scope)
    case .call(.isNaN, let arguments): Truth(!(try arguments[0].number(scope)).isFinite)
    case .value, .element, .field, .index: try Self.truth(of: try answer(scope), self)
    case .number, .text, .negate, .call: throw TypeFault("a number or text stands where yes or no is wanted")
    }
  }

  private static func truth(of answer: Answer, _ condition: Condition) throws(TypeFault) -> Truth {
    switch answer {
    case .bool(let value): Truth(value)
    case .null: .unknown
    case .number, .list, .text, .object: throw TypeFault("the answer is \(answer.kind), not yes or no")
    }
  }

  private static func truth(
    _ op: Operator, _ left: Condition, _ right: Condition, _ scope: Scope
  ) throws(TypeFault) -> Truth {
    switch op {
    case .and:
      let first = try left.truth(scope)
      return first == .no ? .no : conjunction(first, try right.truth(scope))
    case .or:
      let first = try left.truth(scope)
      return first == .yes ? .yes : !conjunction(!first, !(try right.truth(scope)))
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual:
      return try comparison(op, left, right, scope)
    case .add, .subtract, .multiply, .divide:
      throw TypeFault("a number stands where yes or no is wanted")
    }
  }

  private static func conjunction(_ a: Truth, _ b: Truth) -> Truth {
    if a == .no || b == .no { return .no }
    return a == .yes && b == .yes ? .yes : .unknown
  }

  private static func comparison(
    _ op: Operator, _ left: Condition, _ right: Condition, _ scope: Scope
  ) throws(TypeFault) -> Truth {
    if op == .equal || op == .unequal || left.isText || right.isText {
      return try sameness(op, try left.answer(scope), try right.answer(scope))
    }
    let a = try left.number(scope)
    let b = try right.number(scope)
    guard a.isFinite, b.isFinite else { return .unknown }
    return Truth(op.holds(a, b))
  }

  /// `==` and `!=` of two texts, of two yes-or-nos, or of two numbers.
  private static func sameness(_ op: Operator, _ a: Answer, _ b: Answer) throws(TypeFault) -> Truth {
    let isSame: Truth
    switch (a, b) {
    case (.null, _), (_, .null): return .unknown
    case (.text(let left), .text(let right)): isSame = Truth(left == right)
    case (.bool(let left), .bool(let right)): isSame = Truth(left == right)
    case (.text, _), (_, .text), (.bool, _), (_, .bool): throw TypeFault("\(a.kind) is compared with \(b.kind)")
    case (.number, _), (.list, _), (.object, _):
      let left = try a.single()
      let right = try b.single()
      isSame = left.isFinite && right.isFinite ? Truth(left == right) : .unknown
    }
    switch op {
    case .equal: return isSame
    case .unequal: return !isSame
    default: throw TypeFault("texts can be compared with == and != only")
    }
  }

  private var isText: Bool { if case .text = self { true } else { false } }

  private static func truth(
    _ quantifier: Quantifier, _ list: Condition, _ rule: Condition, _ scope: Scope
  ) throws(TypeFault) -> Truth {
    let elements = try list.elements(scope)
    if elements.isEmpty { return .unknown }
    var result: Truth = quantifier == .all ? .yes : .no
    for element in elements {
      let holds = try rule.truth(Scope(value: scope.value, element: element))
      result = quantifier == .all ? conjunction(result, holds) : !conjunction(!result, !holds)
    }
    return result
  }
}
