import PipelineModel

extension UnleashFeature: ForeignRule {
  /// `on` or `off`; of a feature with variants, one of these, and `nil` where clients are told `disabled`.
  func variant(for context: JSONObject, at now: Timestamp) -> String? {
    let off = hasVariants ? nil : "off"
    guard enabled else { return off }
    if strategies.isEmpty { return hasVariants ? chosen(variants, group: name, nil, context) : "on" }
    guard let strategy = strategies.first(where: { $0.holds(context, now) }) else { return off }
    guard hasVariants else { return "on" }
    if strategy.variants.isEmpty { return chosen(variants, group: name, nil, context) }
    return chosen(strategy.variants, group: strategy.group, strategy.stickiness, context)
  }

  /// Seed of the hash that variants are chosen by, so that they do not follow the rollout's.
  static let variantSeed: UInt32 = 86_028_157

  private func chosen(
    _ variants: [Variant], group: String, _ inherited: Stickiness?, _ context: JSONObject
  ) -> String? {
    for variant in variants {
      for override in variant.overrides where override.values.contains(context.unleash(override.field) ?? "") {
        return variant.name
      }
    }
    let total = variants.reduce(0) { $0 + $1.weight }
    guard total > 0 else { return nil }
    let key = (variants.first?.stickiness ?? inherited ?? .standard).key(context) ?? ""
    let target = Int(Murmur3.hash(of: "\(group):\(key)", seed: Self.variantSeed) % UInt32(total)) + 1
    var sum = 0
    for variant in variants {
      sum += variant.weight
      if sum >= target { return variant.name }
    }
    return nil
  }
}

extension UnleashFeature.Strategy {
  var stickiness: UnleashFeature.Stickiness? { if case .rollout(_, let stickiness) = kind { stickiness } else { nil } }

  func holds(_ context: JSONObject, _ now: Timestamp) -> Bool {
    constraints.allSatisfy { $0.holds(context, now) } && holds(context)
  }

  private func holds(_ context: JSONObject) -> Bool {
    switch kind {
    case .everybody: return true
    case .nobody: return false
    case .users(let users): return context.unleash("userId").map(users.contains) ?? false
    case .addresses(let addresses): return context.unleash("remoteAddress").map(addresses.contains) ?? false
    case .rollout(let percentage, let stickiness):
      if percentage >= 100, stickiness == .standard { return true }
      guard percentage > 0, let key = stickiness.key(context) else { return false }
      return Murmur3.hash(of: "\(group):\(key)") % 100 + 1 <= UInt32(percentage)
    }
  }
}

extension UnleashFeature.Stickiness {
  /// `nil` of nobody in particular.
  func key(_ context: JSONObject) -> String? {
    switch self {
    case .standard: context.unleash("userId") ?? context.unleash("sessionId")
    case .field(let field): context.unleash(field)
    }
  }
}

extension UnleashFeature.Constraint {
  func holds(_ context: JSONObject, _ now: Timestamp) -> Bool {
    test.holds(context.unleash(field), now) != isInverted
  }
}

extension UnleashFeature.Test {
  fileprivate func holds(_ value: String?, _ now: Timestamp) -> Bool {
    switch self {
    case .after(let instant): return now.milliseconds > instant
    case .before(let instant): return now.milliseconds < instant
    case .isNoneOf(let values): return value.map { !values.contains($0) } ?? true
    case .isOneOf, .startsWith, .endsWith, .contains, .number, .version: break
    }
    guard let value else { return false }
    switch self {
    case .isOneOf(let values): return values.contains(value)
    case .startsWith(let values): return values.contains { value.utf8.starts(with: $0.utf8) }
    case .endsWith(let values): return values.contains { value.utf8.reversed().starts(with: $0.utf8.reversed()) }
    case .contains(let values): return values.contains { $0.isEmpty || value.utf8.firstRange(of: $0.utf8) != nil }
    case .number(let comparison, let wanted): return Double(value).map { comparison.holds($0, wanted) } ?? false
    case .version(let comparison, let wanted):
      guard let version = SemanticVersion(value), let wanted = SemanticVersion(wanted) else { return false }
      return comparison.holds(version.compared(with: wanted), 0)
    case .after, .before, .isNoneOf: return false
    }
  }
}

extension JSONObject {
  /// A field of Unleash's context: its user is OpenFeature's targeting key.
  fileprivate func unleash(_ field: String) -> String? {
    let text = self[field == "userId" ? "targetingKey" : field]?.plainText
    return text?.isEmpty == true ? nil : text
  }
}
