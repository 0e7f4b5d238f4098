/// The operators whose arguments are all evaluated first.
enum Operator: String, CaseIterable, Sendable {
  case equal = "=="
  case strictlyEqual = "==="
  case unequal = "!="
  case strictlyUnequal = "!=="
  case not = "!"
  case truth = "!!"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case plus = "+"
  case minus = "-"
  case times = "*"
  case divided = "/"
  case remainder = "%"
  case min
  case max
  case merge
  case contains = "in"
  case cat
  case substr
  case missing
  case missingSome = "missing_some"
  case startsWith = "starts_with"
  case endsWith = "ends_with"
  case semanticVersion = "sem_ver"

  /// How many arguments it takes.
  var arity: ClosedRange<Int> {
    switch self {
    case .equal, .strictlyEqual, .unequal, .strictlyUnequal, .greater, .greaterOrEqual, .divided, .remainder,
      .contains, .missingSome, .startsWith, .endsWith:
      2...2
    case .not, .truth: 1...1
    case .less, .lessOrEqual, .substr: 2...3
    case .minus: 1...2
    case .semanticVersion: 3...3
    case .plus, .times, .min, .max: 1...Int.max
    case .merge, .cat, .missing: 0...Int.max
    }
  }
}

/// The operators that evaluate a rule for each item of a list.
enum Iteration: String, CaseIterable, Sendable {
  case map, filter, all, none, some
}
