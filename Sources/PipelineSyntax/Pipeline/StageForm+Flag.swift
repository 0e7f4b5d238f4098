import PipelineModel

/// A ramp as read.
struct FlagRampDraft {
  var place: Place
  /// `nil`: it could not be read.
  var key: Located<String>?
  var variant: Located<String>
  var from: Located<String>
  /// `nil`: nobody knows which.
  var steps: [StepDraft]?
  /// A value of `nil` could not be read.
  var hold: Located<Interval?>?
  /// Held for no time at all, where nothing else is said.
  var isSet: Bool
  var gate: GateUse?
  var background: GateUse?
}

extension FlagRampDraft {
  /// Whether it can be told how long it takes at least.
  var holdsAreRead: Bool {
    guard let steps else { return false }
    return (steps.map(\.hold) + [hold]).allSatisfy { $0 == nil || $0?.value != nil }
  }

  /// 1 % for an hour, 10 % for four, 50 % for a day, then everybody, watched for an hour.
  static let defaultSteps: [(weight: Weight, hold: Interval)] = [
    (.percent(1), .hours(1)), (.percent(10), .hours(4)), (.percent(50), .hours(24)), (.all, .hours(1)),
  ]
  static let defaultHold = Interval.hours(1)
}

/// What a stage does when one of its gates fails.
struct FailureDraft {
  var policy: FailurePolicy
  var switchesOff: Located<String>?

  private static let beginning = "switch off flag "

  /// `rollback`, `hold`, or `switch off flag new-checkout`.
  static let form = Form<FailureDraft>(
    .either([
      .oneOf(FailurePolicy.allCases.map(\.rawValue)),
      .pattern("^switch off flag [A-Za-z0-9][A-Za-z0-9._-]*$", example: "switch off flag new-checkout"),
    ])
  ) { node, reader in
    guard let text = reader.text(node, wanting: "a policy") else { return nil }
    if let policy = FailurePolicy(rawValue: text) { return FailureDraft(policy: policy) }
    guard text.hasPrefix(beginning) else {
      let names = FailurePolicy.allCases.map(\.rawValue)
      reader.sink.unknown(
        "policy", text, among: names + ["switch off flag"], at: node.place,
        help: nearMiss(of: text, among: names) == nil ? "write `rollback`, `hold`, or `switch off flag KEY`" : nil)
      return nil
    }
    let key = Located(String(text.dropFirst(beginning.count)), at: node.place)
    return reader.isFlagKey(key) ? FailureDraft(policy: .rollback, switchesOff: key) : nil
  }
}

extension Reader {
  /// Reports a key that no client of flags could ask for.
  func isFlagKey(_ key: Located<String>) -> Bool {
    guard isIdentifier(key) else { return false }
    guard key.value.first == "_" else { return true }
    sink.error(
      "\(quote(key.value)) cannot be the key of a flag", at: key.place, help: "begin it with a letter or digit")
    return false
  }
}

extension StageForm {
  private static let rampKey = Key(
    "ramp", StepDraft.listForm, default: "1% for 1h, 10% for 4h, 50% for 24h, 100%",
    "rising shares of the people, to a hundredth of a percent")
  private static let setKey = Key("set", Form.text, "gives everybody this variant at once; instead of `ramp`")
  private static let variantKey = Key("variant", Form.text, default: "on", "the variant whose share grows")
  private static let fromKey = Key(
    "from", Form.text, default: "off", "the variant that gives it up; it stands next to the other in the flag's rule")
  private static let stageNameKey = Key(
    "name", Form.name, default: "the key of the flag", "name of the stage, where a flag has several")

  static let flag: StageForm = {
    let hold = Key("hold", Form.duration, default: "1h; with `set` 0s", "how long each step is held")
    let gate = Key("gate", GateUse.form, "what must pass before each next step")
    return StageForm(
      "flag", about: "the key of a flag, a variant of which is given to rising shares of the people",
      [
        rampKey, setKey, variantKey, fromKey, stageNameKey, hold, gate, StageForm.gateBackground, onGateFailure,
        onInconclusive,
      ],
      name: { fields, key in fields[stageNameKey] ?? key }
    ) { fields, reader in
      if fields.has(setKey.name), fields.has(rampKey.name) || fields.has(variantKey.name) {
        let other = fields.has(rampKey.name) ? fields.place(of: rampKey) : fields.place(of: variantKey)
        reader.sink.error(
          "`set` gives everybody a variant at once, and another change stands beside it", at: other,
          help: "write `set: on`, or `ramp: […]` with `variant: on`")
      }
      let set = fields[setKey]
      let variant = set ?? fields[variantKey] ?? Located("on", at: fields.place)
      let other = variant.value == "off" ? "on" : "off"
      return .flag(
        FlagRampDraft(
          place: fields.place, key: key(fields, reader), variant: variant,
          from: fields[fromKey] ?? Located(other, at: fields.place), steps: steps(fields), hold: fields.written(hold),
          isSet: set != nil, gate: fields[gate]?.value, background: fields[StageForm.gateBackground]?.value))
    }
  }()

  private static func key(_ fields: Fields, _ reader: Reader) -> Located<String>? {
    fields[Key("flag", Form.text.located, "")].flatMap { reader.isFlagKey($0.value) ? $0.value : nil }
  }

  private static func steps(_ fields: Fields) -> [StepDraft]? {
    if fields.has(rampKey.name) { return fields[rampKey]?.value }
    return fields.has(setKey.name) ? [step(.all, at: fields.place)] : defaultSteps(at: fields.place)
  }

  private static func defaultSteps(at place: Place) -> [StepDraft] {
    FlagRampDraft.defaultSteps.map { weight, hold in
      var step = step(weight, at: place)
      step.hold = Located(hold, at: place)
      return step
    }
  }

  private static func step(_ weight: Weight, at place: Place) -> StepDraft {
    StepDraft(place: place, weight: Located(weight, at: place))
  }
}
