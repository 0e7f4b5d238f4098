extension UnleashFeature {
  /// The flagd definition that means the same, but for who falls into which bucket.
  var definition: JSONValue {
    var members: [(name: String, value: JSONValue)] = [("state", .text("ENABLED")), ("variants", values)]
    if !hasVariants { members.append(("defaultVariant", .text("off"))) }
    if let rule = enabled ? rule : off(rule) { members.append(("targeting", rule)) }
    return .object(JSONObject(members))
  }

  /// What is off gives nobody anything, and keeps its rule for the day it is turned on.
  private func off(_ rule: JSONValue?) -> JSONValue? {
    let result = rule ?? (hasVariants ? nil : .text("on"))
    return result.map { Logic.apply("if", hasVariants ? [.bool(false), $0] : [.bool(false), $0, .text("off")]) }
  }

  private var values: JSONValue {
    guard hasVariants else { return .object(JSONObject([("on", .bool(true)), ("off", .bool(false))])) }
    let all = variants + strategies.flatMap(\.variants)
    return .object(JSONObject(all.map { ($0.name, $0.value) }))
  }

  private var rule: JSONValue? {
    let off: JSONValue = hasVariants ? .null : .text("off")
    let rule: JSONValue
    if strategies.isEmpty {
      rule = hasVariants ? choice(of: variants, group: name, nil) : .text("on")
    } else {
      rule = Logic.chain(branches, otherwise: off)
    }
    if case .object = rule { return rule }
    // Everybody gets the same: a rule is an object.
    return Logic.apply("if", [.bool(true), rule])
  }

  private var branches: [(when: JSONValue, then: JSONValue)] {
    strategies.enumerated().map { index, strategy in
      guard hasVariants else {
        // The last strategy's split is the outcome itself; those before it go on to the next.
        let isLast = index == strategies.count - 1
        if isLast, let split = strategy.split { return (Logic.all(strategy.preconditions), split) }
        return (strategy.condition, .text("on"))
      }
      let own = strategy.variants.isEmpty
      return (
        strategy.condition,
        own
          ? choice(of: variants, group: name, nil)
          : choice(of: strategy.variants, group: strategy.group, strategy.stickiness)
      )
    }
  }

  private func choice(of variants: [Variant], group: String, _ inherited: Stickiness?) -> JSONValue {
    let overrides = variants.flatMap { variant in
      variant.overrides.map { override in
        (when: Test.isOneOf(override.values).rule(on: override.field), then: JSONValue.text(variant.name))
      }
    }
    guard variants.contains(where: { $0.weight > 0 }) else { return Logic.chain(overrides, otherwise: .null) }
    let stickiness = variants.first?.stickiness ?? inherited ?? .standard
    let key = Logic.apply("cat", .text("\(group):"), stickiness.rule)
    return Logic.chain(overrides, otherwise: Logic.split(key, variants.map { ($0.name, $0.weight) }))
  }
}

extension UnleashFeature.Strategy {
  /// What has to hold beside the split.
  fileprivate var preconditions: [JSONValue] {
    let conditions = constraints.map(\.rule)
    switch kind {
    case .everybody, .nobody: return conditions
    case .users(let users): return conditions + [UnleashFeature.Test.isOneOf(users).rule(on: "userId")]
    case .addresses(let addresses):
      return conditions + [UnleashFeature.Test.isOneOf(addresses).rule(on: "remoteAddress")]
    case .rollout(let percentage, let stickiness):
      if percentage >= 100, stickiness == .standard { return conditions }
      return conditions + [Logic.apply("!!", stickiness.rule)]
    }
  }

  /// `nil` of what splits nobody.
  fileprivate var split: JSONValue? {
    guard case .rollout(let percentage, let stickiness) = kind, 1...99 ~= percentage else { return nil }
    return Logic.split(
      Logic.apply("cat", .text("\(group):"), stickiness.rule), [("on", percentage), ("off", 100 - percentage)])
  }

  fileprivate var condition: JSONValue {
    switch kind {
    case .nobody: return .bool(false)
    case .rollout(let percentage, _) where percentage <= 0: return .bool(false)
    case .everybody, .users, .addresses, .rollout:
      return Logic.all(preconditions + (split.map { [Logic.apply("==", $0, .text("on"))] } ?? []))
    }
  }
}

extension UnleashFeature.Stickiness {
  fileprivate var rule: JSONValue {
    switch self {
    case .standard: Logic.apply("or", Logic.variable("targetingKey"), Logic.variable("sessionId"))
    case .field(let field): Logic.unleash(field)
    }
  }
}

extension UnleashFeature.Constraint {
  fileprivate var rule: JSONValue {
    // A list that nothing may be in reads better than a negated one.
    switch (test, isInverted) {
    case (.isNoneOf(let values), true): return UnleashFeature.Test.isOneOf(values).rule(on: field)
    case (_, true): return Logic.not(test.rule(on: field))
    case (_, false): return test.rule(on: field)
    }
  }
}

extension UnleashFeature.Test {
  fileprivate func rule(on field: String) -> JSONValue {
    let subject = Logic.unleash(field)
    switch self {
    case .isOneOf(let values): return Logic.apply("in", subject, .list(values.map { .text($0) }))
    case .isNoneOf(let values): return Logic.not(Self.isOneOf(values).rule(on: field))
    case .startsWith(let values): return Logic.any(values.map { Logic.apply("starts_with", subject, .text($0)) })
    case .endsWith(let values): return Logic.any(values.map { Logic.apply("ends_with", subject, .text($0)) })
    case .contains(let values): return Logic.any(values.map { Logic.apply("in", .text($0), subject) })
    case .number(let comparison, let number):
      let test = Logic.apply(comparison == .equal ? "==" : comparison.rawValue, subject, .number(number))
      // Nothing counts as 0 in a rule, and as no number in Unleash.
      return Logic.apply("and", Logic.apply("!!", Logic.apply("cat", subject)), test)
    case .after(let instant):
      return Logic.apply(">", Logic.variable("$flagd.timestamp"), .number(Double(instant.seconds.down)))
    case .before(let instant):
      return Logic.apply("<", Logic.variable("$flagd.timestamp"), .number(Double(instant.seconds.up)))
    case .version(let comparison, let version):
      return Logic.apply("sem_ver", subject, .text(comparison.rawValue), .text(version))
    }
  }
}

extension Logic {
  /// A field of Unleash's context: its user is OpenFeature's targeting key.
  fileprivate static func unleash(_ field: String) -> JSONValue {
    variable(field == "userId" ? "targetingKey" : field)
  }
}

extension Int64 {
  /// Milliseconds as whole seconds, to either side.
  fileprivate var seconds: (down: Int64, up: Int64) {
    let down = self >= 0 ? self / 1000 : (self - 999) / 1000
    return (down, down * 1000 == self ? down : down + 1)
  }
}
