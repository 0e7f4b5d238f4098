import PipelineModel

/// A service level objective as read.
struct ObjectiveDraft {
  /// `nil`: it could not be read; so with `provider`.
  var target: Located<Weight>?
  var window: Interval
  var provider: Located<String>?
  /// `bad` or `good` beside `all`, or `ratio` alone.
  var bad, good, all, ratio: Located<TemplateDraft>?
  var rules: Located<[Objective.BurnRule]>?
  var missing: Located<MissingCount>?
  var policy: BudgetPolicy

  static let targetKey = Key("target", Form.percentage, required: true, "share of requests that must be good")
  static let windowKey = Key("window", Form.positiveDuration, default: "30d", "the time over which the target holds")
  static let providerKey = Key("provider", Form.text, required: true, "name of a provider in headgate.yaml")
  static let badKey = Key("bad", Form.template, "bad requests of all versions within `${interval}`")
  static let goodKey = Key("good", Form.template, "good requests within `${interval}`, where bad ones are not counted")
  static let allKey = Key("all", Form.template, "all requests of all versions within `${interval}`")
  static let ratioKey = Key(
    "ratio", Form.template, "share of bad requests within `${interval}`, from 0 to 1, where none are counted")
  static let freezeKey = Key(
    "freezeBelow", Form.percentage, default: "25%", "with less of the error budget left, features wait")
  static let rebuiltKey = Key(
    "rebuilt", Form.percentage, default: "50%",
    "once the budget was spent, so much must be left before anything but emergencies, security and reliability goes")
  static let burnKey = Key(
    "burn", BurnRuleForm.form.list, default: "14.4x over 1h and 5m, 6x over 6h and 30m, 1x over 72h and 6h",
    "when the budget burns too fast: beyond a factor over a long and a short time, by any of these rules")
  static let missingKey = Key(
    "missing", MissingCount.form, default: "noData",
    "what no series of bad requests means where there are requests: `noData`, or `zero`, that there were none")
  static let object = ObjectForm(
    name: "objective", about: "What share of requests must be good over a window.",
    keys: [
      targetKey, windowKey, providerKey, badKey, allKey, freezeKey, rebuiltKey, goodKey, ratioKey, burnKey, missingKey,
    ])

  static let form = Form<ObjectiveDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    checkQuestions(fields, reader.sink)
    let draft = ObjectiveDraft(
      target: fields[targetKey], window: fields[windowKey]?.value ?? .hours(720), provider: fields[providerKey],
      bad: fields[badKey], good: fields[goodKey], all: fields[allKey], ratio: fields[ratioKey], rules: fields[burnKey],
      missing: fields[missingKey], policy: policy(fields, reader.sink))
    draft.checkTarget(reader.sink)
    draft.checkRules(fields.place(of: burnKey), reader.sink)
    return draft
  }

  private static func checkQuestions(_ fields: Fields, _ sink: DiagnosticSink) {
    guard fields.unreadable.isDisjoint(with: [badKey.name, goodKey.name, allKey.name, ratioKey.name]) else { return }
    let counts = [fields[badKey], fields[goodKey]].compactMap(\.self).count
    let isRight = fields[ratioKey] == nil ? counts == 1 && fields[allKey] != nil : counts == 0 && fields[allKey] == nil
    guard !isRight else { return }
    sink.error(
      "an objective counts requests, `all` and either `bad` or `good`, or asks for a `ratio`", at: fields.place,
      help: "write `bad: …` and `all: …`, each a count within `${interval}`")
  }

  private func checkTarget(_ sink: DiagnosticSink) {
    guard let target, target.value == .none || target.value >= .all else { return }
    sink.error(
      "a target lies between 0% and 100%", at: target.place, help: "for example `99.9%`: 100% leaves no error budget")
  }

  /// Rules that never fire: more than all that is bad is not to be had, and the budget ends with the window.
  private func checkRules(_ place: Place, _ sink: DiagnosticSink) {
    guard let rules = rules?.value else { return }
    if let target = target?.value, target > .none, target < .all {
      let most = 1 / (1 - target.fraction)
      for rule in rules where rule.factor >= most * 0.999_999 {
        sink.error(
          "\(plain(rule.factor))x never comes about: with a target of \(percent(target.fraction)) all requests "
            + "are bad at \(plain((most * 100).rounded() / 100))x", at: place, help: "make the factor smaller")
      }
    }
    for rule in rules where rule.long > window {
      sink.error(
        "\(rule.long) is longer than the window of \(window)", at: place, help: "look back over less than the window")
    }
  }

  private static func policy(_ fields: Fields, _ sink: DiagnosticSink) -> BudgetPolicy {
    let usual = BudgetPolicy()
    let freeze = fields[freezeKey]?.value.fraction ?? usual.freezeBelow
    let policy = BudgetPolicy(
      freezeBelow: freeze, rebuilt: fields[rebuiltKey]?.value.fraction ?? max(freeze, usual.rebuilt))
    if policy.rebuilt < policy.freezeBelow {
      sink.error(
        "a budget that counts as rebuilt would still freeze features", at: fields.place(of: rebuiltKey),
        help: "make `rebuilt` at least `freezeBelow`")
    }
    return policy
  }

  /// - Parameter target: where its own could not be read.
  func objective(_ name: String, target usual: Weight) -> Objective {
    Objective(
      name: name, target: (target?.value ?? usual).fraction, window: window,
      rules: rules?.value ?? Objective.defaultRules,
      policy: policy, missing: missing?.value ?? .noData)
  }
}

/// The keys of a rule under `burn:`.
private enum BurnRuleForm {
  static let factor = Key(
    "factor", Form.factor, required: true, "how many times faster than evenly the budget may be spent")
  static let long = Key("long", Form.positiveDuration, required: true, "the time over which it is")
  static let short = Key(
    "short", Form.positiveDuration, required: true, "and over which it still is, so that a rule stops when it is over")
  static let object = ObjectForm(
    name: "burn-rule", about: "When an error budget burns too fast.", keys: [factor, long, short])

  static let form = Form<Objective.BurnRule>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    let (factor, long, short) = (fields[factor], fields[long], fields[short])
    if let factor, factor.value <= 0 {
      reader.sink.error("a factor of nothing always fires", at: factor.place, help: "for example `14.4x`")
    }
    if let long, let short, short.value >= long.value {
      reader.sink.error("`short` is no shorter than `long`", at: short.place, help: "for example a twelfth of it")
    }
    guard let factor, let long, let short else { return nil }
    return Objective.BurnRule(factor: factor.value, long: long.value, short: short.value)
  }
}
