import PipelineModel

/// What the names in a condition stand for.
struct Scope {
  var value: Answer
  var element: Answer?
}

extension Condition {
  /// The number a term stands for; NaN when it is missing or cannot be known.
  func number(_ scope: Scope) throws(TypeFault) -> Double {
    switch self {
    case .number(let value): value
    case .value: try scope.value.single()
    case .element, .field, .index: try answer(scope).single()
    case .negate(let inner): -(try inner.number(scope))
    case .binary(let op, let left, let right): try Self.arithmetic(op, left, right, scope)
    case .call(let function, let arguments): try Self.call(function, arguments, scope)
    case .bool, .text, .not, .quantified: throw TypeFault("yes or no, or text, stands where a number is wanted")
    }
  }

  private static func arithmetic(
    _ op: Operator, _ left: Condition, _ right: Condition, _ scope: Scope
  ) throws(TypeFault) -> Double {
    let a = try left.number(scope)
    let b = try right.number(scope)
    switch op {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .divide: return a / b
    case .and, .or, .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual:
      throw TypeFault("\(op.rawValue) gives yes or no where a number is wanted")
    }
  }

  private static func call(
    _ function: Function, _ arguments: [Condition], _ scope: Scope
  ) throws(TypeFault) -> Double {
    switch function {
    case .default:
      let first = try arguments[0].number(scope)
      return first.isFinite ? first : try arguments[1].number(scope)
    case .abs: return abs(try arguments[0].number(scope))
    case .len, .count:
      // Nothing there may mean a wrong query: no evidence either. `default(len(value), 0)` says that it is meant.
      let count = try arguments[0].elements(scope).count
      return count == 0 ? .nan : Double(count)
    case .first: return try arguments[0].elements(scope).first?.single() ?? .nan
    case .last: return try arguments[0].elements(scope).last?.single() ?? .nan
    case .sum, .avg, .max, .min: return try aggregate(function, try arguments[0].elements(scope))
    case .isNaN: throw TypeFault("isNaN gives yes or no where a number is wanted")
    }
  }

  /// NaN over nothing, and as soon as one element is NaN or ±Inf: what is not known of one is not known of all.
  private static func aggregate(_ function: Function, _ elements: [Answer]) throws(TypeFault) -> Double {
    var numbers: [Double] = []
    for element in elements { numbers.append(try element.single()) }
    guard let first = numbers.first, numbers.allSatisfy(\.isFinite) else { return .nan }
    switch function {
    case .max: return numbers.dropFirst().reduce(first, Swift.max)
    case .min: return numbers.dropFirst().reduce(first, Swift.min)
    case .avg: return numbers.reduce(0, +) / Double(numbers.count)
    default: return numbers.reduce(0, +)
    }
  }

  /// The list a term stands for: a lone number is a list of one, a missing value an empty one.
  func elements(_ scope: Scope) throws(TypeFault) -> [Answer] {
    let answer = try answer(scope)
    switch answer {
    case .list(let items): return items
    case .null: return []
    case .number: return [answer]
    case .bool, .text, .object: throw TypeFault("the answer is \(answer.kind), not a list")
    }
  }

  /// The part of the answer that a path leads to; `null` when there is no such part.
  func answer(_ scope: Scope) throws(TypeFault) -> Answer {
    switch self {
    case .value: return scope.value
    case .element: return scope.element ?? .null
    case .text(let text): return .text(text)
    case .field(let base, let name): return try base.answer(scope).member(name)
    case .index(let base, let index): return try base.answer(scope).item(index)
    case .bool(let value): return .bool(value)
    case .number, .negate, .binary, .call: return .number(try number(scope))
    case .not, .quantified: throw TypeFault("yes or no stands where a value is wanted")
    }
  }
}

extension Answer {
  /// For messages: "a number", "a list of 3".
  var kind: String {
    switch self {
    case .number: "a number"
    case .list(let items): "a list of \(items.count)"
    case .null: "missing"
    case .bool: "yes or no"
    case .text: "text"
    case .object: "an object"
    }
  }

  /// The one number an answer is; NaN when it is missing.
  func single() throws(TypeFault) -> Double {
    switch self {
    case .number(let value): return value
    case .null: return .nan
    case .list(let items):
      guard items.count > 1 else { return try items.first?.single() ?? .nan }
      throw TypeFault("the query gave \(items.count) values where one is wanted: aggregate them, or use all() or any()")
    case .bool, .text, .object: throw TypeFault("the answer is \(kind), not a number")
    }
  }

  fileprivate func member(_ name: String) throws(TypeFault) -> Answer {
    switch self {
    case .object(let members): return members.first { $0.name == name }?.value ?? .null
    case .null: return .null
    case .number, .list, .bool, .text: throw TypeFault("\(kind) has no member \"\(name)\"")
    }
  }

  fileprivate func item(_ index: Int) throws(TypeFault) -> Answer {
    switch self {
    case .list(let items): return items.indices.contains(index) ? items[index] : .null
    case .null: return .null
    case .number, .bool, .text, .object: throw TypeFault("\(kind) has no element [\(index)]")
    }
  }
}
