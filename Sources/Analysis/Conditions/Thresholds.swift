import PipelineModel

/// `pass` and `fail` of a rule, in their shortest form.
struct Thresholds: Sendable {
  private let pass: Test?
  private let fail: Test?

  init(_ threshold: Metric.Threshold) {
    pass = threshold.pass.map(Test.init)
    fail = threshold.fail.map(Test.init)
  }

  /// The same for an answer that is a number, where the rule holds nothing but the number itself against limits.
  var limits: Limits? {
    guard let pass = Limits.Limit(pass), let fail = Limits.Limit(fail) else { return nil }
    return Limits(pass: pass, fail: fail)
  }

  func judge(_ answer: Answer) throws(TypeFault) -> Judgement {
    let failed = try fail?.truth(of: answer)
    if failed == .yes { return .fail }
    return Judgement(failed: failed, passed: try pass?.truth(of: answer))
  }
}

/// `pass` and `fail` of a rule as most are: a number against a number. Without anything to be counted, since it is what
/// most looks come to.
struct Limits: Sendable {
  fileprivate var pass: Limit
  fileprivate var fail: Limit

  func judge(_ value: Double) -> Judgement { Judgement(failed: fail.truth(of: value), passed: pass.truth(of: value)) }

  fileprivate enum Limit: Sendable {
    /// There is no such condition.
    case none
    case limit(Condition.Operator, Double)

    /// `nil`: the condition is more than a limit.
    init?(_ test: Test?) {
      switch test {
      case nil: self = .none
      case .comparison(let op, let limit): self = .limit(op, limit)
      case .condition: return nil
      }
    }

    /// `nil`: nothing is asked.
    func truth(of value: Double) -> Truth? {
      guard case .limit(let op, let limit) = self else { return nil }
      return value.isFinite ? Truth(op.holds(value, limit)) : .unknown
    }
  }
}

extension Judgement {
  /// What the conditions of a rule say together; `nil` for one that is not there.
  fileprivate init(failed: Truth?, passed: Truth?) {
    switch (passed, failed) {
    case (_, .yes), (.no, nil): self = .fail
    case (.unknown, _), (_, .unknown), (nil, nil): self = .noData
    case (.yes, _), (nil, .no): self = .pass
    case (.no, .no): self = .inconclusive
    }
  }
}

/// A condition in the shortest form that says the same.
private enum Test: Sendable {
  /// The answer against a number, as most conditions are.
  case comparison(Condition.Operator, Double)
  case condition(Condition)

  init(_ condition: Condition) {
    if case .binary(let op, .value, .number(let limit)) = condition, op.compares, limit.isFinite {
      self = .comparison(op, limit)
    } else {
      self = .condition(condition)
    }
  }

  func truth(of answer: Answer) throws(TypeFault) -> Truth {
    switch self {
    case .comparison(let op, let limit):
      guard case .number(let value) = answer else {
        return try Condition.binary(op, .value, .number(limit)).truth(of: answer)
      }
      return value.isFinite ? Truth(op.holds(value, limit)) : .unknown
    case .condition(let condition): return try condition.truth(of: answer)
    }
  }
}

extension Condition.Operator {
  /// Whether it asks which of two numbers is the larger, or whether they are the same.
  var compares: Bool {
    switch self {
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    case .and, .or, .add, .subtract, .multiply, .divide: false
    }
  }

  /// Of two finite numbers; `false` for an operator that does not compare.
  func holds(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .equal: a == b
    case .unequal: a != b
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    case .and, .or, .add, .subtract, .multiply, .divide: false
    }
  }
}
