/// A feature of Unleash, as far as its clients' specification (5.x) says what it means.
struct UnleashFeature: Sendable {
  var name: String
  var enabled: Bool
  var strategies: [Strategy]
  /// For strategies that have none of their own.
  var variants: [Variant]
  /// Whether clients ask for a variant of it, or for on and off.
  var hasVariants: Bool

  struct Strategy: Sendable {
    var kind: Kind
    /// All of them hold.
    var constraints: [Constraint]
    var variants: [Variant]
    var group: String
  }

  enum Kind: Sendable {
    case everybody, nobody
    case users([String])
    case addresses([String])
    /// 0 … 100.
    case rollout(Int, Stickiness)
  }

  /// What people are told apart by.
  enum Stickiness: Sendable, Equatable {
    /// The user, and without one the session.
    case standard
    case field(String)
  }

  struct Constraint: Sendable {
    var field: String
    var test: Test
    var isInverted: Bool
  }

  enum Test: Sendable {
    case isOneOf([String]), isNoneOf([String])
    case startsWith([String]), endsWith([String]), contains([String])
    case number(Comparison, Double)
    /// Milliseconds since 1970; of the time of the evaluation.
    case after(Int64), before(Int64)
    case version(Comparison, String)
  }

  enum Comparison: String, Sendable {
    case equal = "=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="

    func holds<T: Comparable>(_ a: T, _ b: T) -> Bool {
      switch self {
      case .equal: a == b
      case .less: a < b
      case .lessOrEqual: a <= b
      case .greater: a > b
      case .greaterOrEqual: a >= b
      }
    }
  }

  struct Variant: Sendable {
    var name: String
    var weight: Int
    var stickiness: Stickiness?
    var value: JSONValue
    var overrides: [(field: String, values: [String])]
  }
}
