/// Why a ramp cannot take a step on a definition, in words for the person who asked for the ramp.
package struct StepRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}

extension FlagDefinition {
  /// Gives `weight` of 100 000 people a variant, at the cost or to the gain of one other variant only.
  ///
  /// The split stands where the rule ends: whoever a condition before it matches keeps what that condition gives, so
  /// that nobody else moves. Without a rule the split is all of it.
  ///
  ///     none, or null                        → fractional [growing, w], [default, 100 000 − w]
  ///     if c₁ a c₂ b (else null)             → if c₁ a c₂ b fractional …
  ///     if c₁ a (else fractional …)          → the same split with the new weights
  ///     fractional …                         → the same split with the new weights
  ///
  /// - Parameter against: the variant that gives way; `nil`: the one that whoever is left over has now.
  package mutating func step(_ growing: String, to weight: Int, against: String? = nil) throws(StepRefusal) {
    for variant in [growing, against].compactMap(\.self) where variants[variant] == nil {
      throw StepRefusal("there is no variant `\(variant)`")
    }
    let step = SplitStep(growing: growing, weight: weight, against: against, standard: defaultVariant)
    targeting = try step.applied(to: targeting ?? .null, depth: 0)
  }

  /// The weight a variant has in the split at the end of the rule, of 100 000; `nil` without such a split.
  package func weight(of variant: String) -> Int? {
    let step = SplitStep(growing: variant, weight: 0, against: nil, standard: defaultVariant)
    return step.split(in: targeting ?? .null)?.first { $0.variant.hasSameBytes(as: variant) }?.weight
  }

  /// Whether the rule is nothing but a split, so that taking it away leaves no condition behind.
  package var isOnlySplit: Bool { targeting?.operation?.name == "fractional" }
}

private struct SplitStep {
  var growing: String
  var weight: Int
  var against: String?
  /// What whoever is left over has.
  var standard: String?

  func applied(to rule: JSONValue, depth: Int) throws(StepRefusal) -> JSONValue {
    if rule.isNull || rule.object?.isEmpty == true { return try begun(against: standard) }
    if let name = rule.text { return try begun(against: name) }
    guard let (name, arguments) = rule.operation else {
      throw StepRefusal("its rule ends in \(rule.kindName), and no split can stand there")
    }
    switch name {
    case "fractional": return try continued(arguments)
    case "if" where !arguments.isEmpty && depth < RuleCompiler.greatestDepth:
      var arguments = arguments
      let last = arguments.count % 2 == 1 ? arguments.removeLast() : .null
      arguments.append(try applied(to: last, depth: depth + 1))
      return .object(JSONObject([("if", .list(arguments))]))
    default:
      throw StepRefusal(
        "its rule ends in `\(name)`, which decides for everybody; write it as `if`, with what is to ramp left over")
    }
  }

  private func begun(against name: String?) throws(StepRefusal) -> JSONValue {
    guard let shrinking = against ?? name else {
      throw StepRefusal("it has no default variant to grow against; give it one, or say against which")
    }
    if let name, !name.hasSameBytes(as: shrinking) {
      throw StepRefusal("whoever is left over has `\(name)`, and not `\(shrinking)`: they would move too")
    }
    guard !shrinking.hasSameBytes(as: growing) else {
      throw StepRefusal("whoever is left over has `\(growing)` already; ramp another variant")
    }
    return try set(RampSplit(growing: growing, shrinking: shrinking), against: shrinking, key: nil)
  }

  private func continued(_ arguments: [JSONValue]) throws(StepRefusal) -> JSONValue {
    let key = arguments.first.flatMap { $0.list == nil ? $0 : nil }
    var parts = try scaled(key == nil ? arguments : Array(arguments.dropFirst()))
    let neighbour = try prepare(&parts)
    let split: RampSplit
    do {
      split = try RampSplit(parts: parts)
    } catch {
      throw StepRefusal(error.description)
    }
    return try set(split, against: neighbour, key: key)
  }

  /// Makes room for the growing variant where it has none, and says who gives way.
  private func prepare(_ parts: inout [RampSplit.Part]) throws(StepRefusal) -> String {
    if let index = parts.firstIndex(where: { $0.variant.hasSameBytes(as: growing) }) {
      if let against { return against }
      if index + 1 < parts.count { return parts[index + 1].variant }
      if index > 0 { return parts[index - 1].variant }
      guard let standard, !standard.hasSameBytes(as: growing) else {
        throw StepRefusal("everybody has `\(growing)`; say which variant gives way")
      }
      parts.append(.init(variant: standard, weight: 0))
      return standard
    }
    guard let shrinking = against ?? standard,
      let index = parts.firstIndex(where: { $0.variant.hasSameBytes(as: shrinking) })
    else {
      throw StepRefusal(
        "`\(growing)` is not in its split, \(parts.map { "`\($0.variant)`" }.joined(separator: ", ")); "
          + "say which of these gives way")
    }
    parts.insert(.init(variant: growing, weight: 0), at: index)
    return shrinking
  }

  private func set(_ split: RampSplit, against: String, key: JSONValue?) throws(StepRefusal) -> JSONValue {
    var split = split
    do {
      try split.set(growing, to: weight, against: against)
    } catch {
      throw StepRefusal(error.description)
    }
    guard let key, case .object(let members) = split.rule, case .list(let buckets)? = members["fractional"] else {
      return split.rule
    }
    return .object(JSONObject([("fractional", .list([key] + buckets))]))
  }

  /// Weights that sum to 100 000. Multiplying all of them by one whole number moves no boundary.
  private func scaled(_ buckets: [JSONValue]) throws(StepRefusal) -> [RampSplit.Part] {
    var parts: [RampSplit.Part] = []
    for bucket in buckets {
      guard let pair = bucket.list, let name = pair.first?.text, pair.count <= 2,
        let weight = pair.count == 1 ? 1 : pair[1].whole, weight <= RampSplit.sum
      else { throw StepRefusal("the names or weights of its split are computed; a ramp needs them written out") }
      parts.append(.init(variant: name, weight: max(0, weight)))
    }
    let sum = parts.reduce(0) { $0 + $1.weight }
    guard sum > 0, RampSplit.sum % sum == 0 else {
      throw StepRefusal(
        "the weights of its split sum to \(sum), and \(RampSplit.sum) is no multiple of that, so people would move "
          + "who should not; let them sum to 100")
    }
    for index in parts.indices { parts[index].weight *= RampSplit.sum / sum }
    return parts
  }

  func split(in rule: JSONValue) -> [RampSplit.Part]? {
    guard let (name, arguments) = rule.operation else { return nil }
    switch name {
    case "fractional": return try? scaled(arguments.first?.list == nil ? Array(arguments.dropFirst()) : arguments)
    case "if" where arguments.count % 2 == 1: return arguments.last.flatMap { split(in: $0) }
    default: return nil
    }
  }
}

extension JSONValue {
  /// Of a rule: its operator and what it is applied to.
  var operation: (name: String, arguments: [JSONValue])? {
    guard let members = object?.members, members.count == 1 else { return nil }
    return (members[0].name.text, members[0].value.list ?? [members[0].value])
  }

  fileprivate var whole: Int? { if case .number(let number) = self { Int(exactly: number.value) } else { nil } }
}

extension RampSplit.Refusal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noSuchVariant(let name): "`\(name)` is not in its split"
    case .notNeighbours(let a, let b):
      "`\(a)` and `\(b)` are not neighbours in its split, so those between them would move too"
    case .weightOutOfRange(let weight): "\(weight) of 100000 is beyond what both variants have together"
    case .notARamp: "its split names a variant twice"
    }
  }
}
