import PipelineModel

/// A service level objective as read.
struct ObjectiveDraft {
  var target: Located<Weight>
  var window: Interval
  var provider: Located<String>
  /// `bad` or `good` beside `all`, or `ratio` alone.
  var bad, good, all, ratio: Located<TemplateDraft>?
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
  static let object = ObjectForm(
    name: "objective", about: "What share of requests must be good over a window.",
    keys: [targetKey, windowKey, providerKey, badKey, allKey, freezeKey, rebuiltKey, goodKey, ratioKey])

  static let form = Form<ObjectiveDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object), let target = fields[targetKey], let provider = fields[providerKey]
    else { return nil }
    let counts = [fields[badKey], fields[goodKey]].compactMap(\.self).count
    let isRight = fields[ratioKey] == nil ? counts == 1 && fields[allKey] != nil : counts == 0 && fields[allKey] == nil
    guard isRight else {
      if fields.unreadable.isDisjoint(with: [badKey.name, goodKey.name, allKey.name, ratioKey.name]) {
        reader.sink.error(
          "an objective counts requests, `all` and either `bad` or `good`, or asks for a `ratio`", at: node.place,
          help: "write `bad: …` and `all: …`, each a count within `${interval}`")
      }
      return nil
    }
    guard target.value > .none, target.value < .all else {
      reader.sink.error(
        "a target lies between 0% and 100%", at: target.place, help: "for example `99.9%`: 100% leaves no error budget")
      return nil
    }
    return ObjectiveDraft(
      target: target, window: fields[windowKey]?.value ?? .hours(720), provider: provider, bad: fields[badKey],
      good: fields[goodKey], all: fields[allKey], ratio: fields[ratioKey],
      policy: policy(fields, reader.sink))
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

  func objective(_ name: String) -> Objective {
    Objective(name: name, target: target.value.fraction, window: window, policy: policy)
  }
}
