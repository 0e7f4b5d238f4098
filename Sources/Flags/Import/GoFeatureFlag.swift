import PipelineModel

/// A flag of GO Feature Flag, as its version 1 evaluates it.
struct GoFeatureFlag: ForeignRule {
  var key: String
  var isDisabled: Bool
  /// The first rule that holds decides.
  var rules: [Rule]
  var standard: Outcome
  /// What people are told apart by; `nil`: the targeting key.
  var bucketingKey: String?
  /// Milliseconds since 1970; outside of it clients have their own default.
  var begins: Int64?
  var ends: Int64?

  struct Rule: Sendable {
    var query: GoQuery
    var outcome: Outcome
  }

  enum Outcome: Sendable {
    case variant(String)
    /// In thousandths of a percent; in the order in which people are put into them.
    case split([(name: String, weight: Int)])
  }

  func variant(for context: JSONObject, at now: Timestamp) -> String? {
    guard !isDisabled, isRunning(now.milliseconds) else { return nil }
    let person = context[bucketingKey ?? "targetingKey"]?.text ?? ""
    if person.isEmpty, bucketingKey != nil || splits { return nil }
    let rule = rules.first { $0.query.holds(for: context, at: now) }
    return chosen(rule?.outcome ?? standard, person)
  }

  private func isRunning(_ instant: Int64) -> Bool {
    (begins.map { instant >= $0 } ?? true) && (ends.map { instant <= $0 } ?? true)
  }

  /// Whether anybody has to be told apart.
  var splits: Bool {
    (rules.map(\.outcome) + [standard]).contains { if case .split = $0 { true } else { false } }
  }

  private func chosen(_ outcome: Outcome, _ person: String) -> String? {
    switch outcome {
    case .variant(let name): return name
    case .split(let buckets):
      let total = buckets.reduce(0) { $0 + $1.weight }
      guard total > 0 else { return nil }
      let place = Int(Self.hash(of: key + person) % UInt32(total))
      var end = 0
      for bucket in buckets {
        end += bucket.weight
        if place < end { return bucket.name }
      }
      return nil
    }
  }

  /// FNV-1a, 32 bits.
  static func hash(of text: String) -> UInt32 {
    text.utf8.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}

extension GoFeatureFlag {
  func definition(variants: JSONValue, metadata: JSONValue?) -> JSONValue {
    var members: [(name: String, value: JSONValue)] = [
      ("state", .text(isDisabled ? "DISABLED" : "ENABLED")), ("variants", variants),
    ]
    if let metadata { members.append(("metadata", metadata)) }
    // A default variant would be served where GO Feature Flag leaves the client its own default.
    let isBounded = begins != nil || ends != nil || bucketingKey != nil
    var otherwise = rule(standard)
    if case .variant(let name) = standard, !isBounded {
      members.append(("defaultVariant", .text(name)))
      otherwise = .null
    }
    let branches = rules.map { (when: $0.query.rule, then: rule($0.outcome)) }
    if let targeting = bounded(Logic.chain(branches, otherwise: otherwise)) { members.append(("targeting", targeting)) }
    return .object(JSONObject(members))
  }

  private func bounded(_ rule: JSONValue) -> JSONValue? {
    let clock = Logic.variable("$flagd.timestamp")
    var conditions: [JSONValue] = []
    if let begins { conditions.append(Logic.apply(">=", clock, .number(Double((begins + 999) / 1000)))) }
    if let ends { conditions.append(Logic.apply("<=", clock, .number(Double(ends / 1000)))) }
    if let bucketingKey { conditions.append(Logic.apply("!!", Logic.variable(bucketingKey))) }
    if conditions.isEmpty, rule.isNull { return nil }
    if conditions.isEmpty, case .object = rule { return rule }
    return Logic.apply("if", Logic.all(conditions), rule)
  }

  private func rule(_ outcome: Outcome) -> JSONValue {
    switch outcome {
    case .variant(let name): .text(name)
    case .split(let buckets):
      Logic.split(bucketingKey.map { Logic.apply("cat", .text(key), Logic.variable($0)) }, buckets)
    }
  }
}
