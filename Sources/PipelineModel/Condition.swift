/// A rule over one answer, such as `value < 500ms` or `all(value, it < 0.5%) and len(value) > 0`.
///
/// Numbers are stored in base units: seconds, bytes, fractions (`5%` is 0.05), plain counts.
/// Evaluated by `Analysis`; written and located by `PipelineSyntax`.
package indirect enum Condition: Hashable, Sendable {
  case number(Double)
  case bool(Bool)
  case text(String)
  /// The whole answer.
  case value
  /// Inside `all` and `any`: the element being looked at.
  case element
  case field(Condition, String)
  case index(Condition, Int)
  case not(Condition)
  case negate(Condition)
  case binary(Operator, Condition, Condition)
  /// `all(list, rule)`, `any(list, rule)`.
  case quantified(Quantifier, over: Condition, rule: Condition)
  case call(Function, [Condition])

  package enum Operator: String, Hashable, Sendable, CaseIterable {
    case and, or
    case equal = "==", unequal = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
    case add = "+", subtract = "-", multiply = "*", divide = "/"
  }

  package enum Quantifier: String, Hashable, Sendable, CaseIterable {
    case all, any
  }

  package enum Function: String, Hashable, Sendable, CaseIterable {
    case len, last, first, avg, sum, max, min, count, isNaN, `default`, abs
  }
}
