import PipelineModel

/// An event as read.
struct EventDraft {
  var event: ScenarioEvent
}

/// A name in a scenario that its pipeline must know.
struct ScenarioName {
  enum Noun: String, CaseIterable {
    case metric, provider, router, deployer, stage, flag, objective
  }
  var noun: Noun
  var name: Located<String>
}

extension Form {
  /// Names that the scenario's pipeline must know, each with a value.
  func named(_ noun: ScenarioName.Noun) -> Form<[Named<Value>]> {
    Form<[Named<Value>]>(named.shape) { [read = named.read] node, reader in
      for entry in node.mapEntries ?? [] { reader.nameUses.append(ScenarioName(noun: noun, name: entry.key)) }
      return read(node, reader)
    }
  }
}

extension Form<String> {
  /// A name that the scenario's pipeline must know.
  static func name(of noun: ScenarioName.Noun) -> Form<String> {
    Form(text.shape) { node, reader in
      guard let name = text.read(node, reader) else { return nil }
      reader.nameUses.append(ScenarioName(noun: noun, name: Located(name, at: node.place)))
      return name
    }
  }
}

extension EventDraft {
  private static let at = Key("at", Form.duration, "when: since the start of the run")
  private static let whenWeight = Key("whenWeight", Form.percentage, "when: as soon as the new version has this weight")
  private static let whenOff = Key(
    "whenOff", Form.name(of: .flag), "when: as soon as a failed gate has switched this flag off")
  private static let after = Key("after", Form.duration, default: "0s", "how long after `whenWeight` or `whenOff`")
  private static let canary = Key("canary", ChangesForm.form, "what metrics show for the new version from now on")
  private static let stable = Key("stable", ChangesForm.form, "what metrics show for the old version from now on")
  private static let traffic = Key("traffic", Form<Double>.rate, "requests over both versions from now on")
  private static let provider = Key(
    "provider", FaultForm<ScenarioEvent.ProviderFault>.form(.provider), "a fault of a provider, `name: fault`")
  private static let router = Key(
    "router", FaultForm<ScenarioEvent.RouterFault>.form(.router), "a fault of a router, `name: fault`")
  private static let deployer = Key(
    "deployer", FaultForm<ScenarioEvent.DeployerFault>.form(.deployer), "a fault of a deployer, `name: fault`")
  private static let flag = Key(
    "flag", FaultForm<ScenarioEvent.FlagFault>.form(.flag), "what happens to a flag, `key: killed`")
  private static let check = Key(
    "check", FaultForm<ScenarioEvent.CheckFault>.form(.stage, "check", lasting: false),
    "how a check ends, `stage: fail`")
  private static let step = Key(
    "step", FaultForm<ScenarioEvent.StepFault>.form(.stage, "step", lasting: false), "how a step ends, `stage: fail`")
  private static let controller = Key(
    "controller", Form<ControllerFault>.oneOf("fault of the controller"), "the controller is killed")
  private static let downtime = Key("for", Form.duration, default: "5s", "how long a crashed controller stays down")
  private static let clock = Key("clock", ClockForm.form, "the wall clock jumps")
  private static let acts = HumanAct.Kind.allCases.map { kind in
    Key(kind.rawValue, ActForm.form(kind), "a person acts: \(kind.rawValue)")
  }

  static let object = ObjectForm(
    name: "event", about: "Something that happens, at a time or at a weight.",
    keys: [
      at, whenWeight, whenOff, after, canary, stable, traffic, provider, router, deployer, flag, check, step,
      controller,
      downtime, clock,
    ] + acts)

  private enum ControllerFault: String, CaseIterable, Sendable { case crash }

  static let form = Form<EventDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    let trigger = trigger(fields, reader.sink)
    var draft = EventDraft(event: ScenarioEvent(trigger: trigger ?? .at(.zero), happenings: []))
    if let changes = fields[canary]?.value { draft.add(changes, ScenarioEvent.Happening.canary) }
    if let changes = fields[stable]?.value { draft.add(changes, ScenarioEvent.Happening.stable) }
    if let rate = fields[traffic] { draft.event.happenings.append(.traffic(rate.value)) }
    draft.add(fields[provider]?.value) { .provider($0, $1, for: $2) }
    draft.add(fields[router]?.value) { .router($0, $1, for: $2) }
    draft.add(fields[deployer]?.value) { .deployer($0, $1, for: $2) }
    draft.add(fields[flag]?.value) { .flag($0, $1, for: $2) }
    draft.add(fields[check]?.value) { name, fault, _ in .check(name, fault) }
    draft.add(fields[step]?.value) { name, fault, _ in .step(name, fault) }
    if fields[controller] != nil {
      draft.event.happenings.append(.crash(downtime: fields[downtime]?.value ?? .seconds(5)))
    } else if fields.has(downtime.name), !fields.has(controller.name) {
      reader.sink.error(
        "`for` belongs to `controller: crash`", at: fields.place(of: downtime),
        help: "write it beside the fault: `provider: { prometheus: timeout, for: 3m }`")
    }
    if let jump = fields[clock] { draft.event.happenings.append(.clockJump(jump.value)) }
    for key in acts { if let act = fields[key] { draft.event.happenings.append(.act(act.value)) } }
    if draft.event.happenings.isEmpty,
      !fields.hasAny(besides: [at.name, whenWeight.name, whenOff.name, after.name, downtime.name])
    {
      reader.sink.error("nothing happens in this event", at: node.place, help: "for example `canary: { p95: x1.3 }`")
    }
    return trigger == nil ? nil : draft
  }

  private static func trigger(_ fields: Fields, _ sink: DiagnosticSink) -> ScenarioEvent.Trigger? {
    if fields.has(whenOff.name), !fields.has(at.name), !fields.has(whenWeight.name) {
      return fields[whenOff].map { .switchedOff($0.value, after: fields[after]?.value ?? .zero) }
    }
    switch (fields.has(at.name), fields.has(whenWeight.name)) {
    case (true, false):
      if fields.has(after.name) {
        sink.error("`after` belongs to `whenWeight`", at: fields.place(of: after), help: "add it to `at`")
      }
      return fields[at].map { .at($0.value) }
    case (false, true): return fields[whenWeight].map { .weight($0.value, after: fields[after]?.value ?? .zero) }
    case (false, false):
      sink.error("this event does not say when", at: fields.place, help: "add `at: 25m` or `whenWeight: 50%`")
    case (true, true):
      sink.error("this event has two times", at: fields.place(of: whenWeight), help: "keep `at` or `whenWeight`")
    }
    return nil
  }

  private mutating func add(
    _ changes: [Named<Change>], _ make: ([String: Change]) -> ScenarioEvent.Happening
  ) {
    event.happenings.append(make(Dictionary(changes.map { ($0.name.value, $0.value.value) }) { first, _ in first }))
  }

  private mutating func add<Fault>(
    _ faults: FaultForm<Fault>?, _ make: (String, Fault, Interval?) -> ScenarioEvent.Happening
  ) {
    for (name, fault) in faults?.faults ?? [] { event.happenings.append(make(name, fault, faults?.length)) }
  }
}

enum ChangesForm {
  static let form = Form<Change>.change.named(.metric)
}

/// `{ prometheus: timeout, for: 3m }`: names of the author's, and how long.
struct FaultForm<Fault: RawRepresentable & CaseIterable & Sendable> where Fault.RawValue == String {
  var faults: [(String, Fault)] = []
  var length: Interval?

  /// - Parameter what: what is named, where that is not the noun.
  static func form(_ noun: ScenarioName.Noun, _ what: String? = nil, lasting: Bool = true) -> Form<FaultForm> {
    let fault = Form<Fault>.oneOf("fault")
    return Form<FaultForm>(.map(lasting ? .either([fault.shape, .duration]) : fault.shape)) { node, reader in
      guard let entries = node.mapEntries else {
        reader.sink.error(
          "a mapping is wanted here, not \(node.noun)", at: node.place,
          help: "for example `{ name: \(Fault.allCases.first?.rawValue ?? "") }`")
        return nil
      }
      var read = FaultForm()
      for entry in entries {
        if lasting, entry.key.value == "for" {
          read.length = Form<Interval>.positiveDuration.read(entry.value, reader)
        } else {
          reader.nameUses.append(ScenarioName(noun: noun, name: entry.key))
          if let found = fault.read(entry.value, reader) { read.faults.append((entry.key.value, found)) }
        }
      }
      if !entries.contains(where: { !lasting || $0.key.value != "for" }) {
        reader.sink.error("no \(what ?? noun.rawValue) is named", at: node.place)
      }
      return read
    }
  }
}

private enum ClockForm {
  static let jump = Key("jump", Form.signedDuration, required: true, "how far, and which way: `+2h`, `-5m`")
  static let object = ObjectForm(name: "clock", about: "A jump of the wall clock.", keys: [jump])
  static let form = Form<Interval>(.object(object)) { node, reader in reader.fields(node, object)?[jump]?.value }
}

private enum ActForm {
  private static let by = Key("by", Form.text, required: true, "who")
  private static let roles = Key("roles", Form.text.list, "the roles they hold")
  private static let reason = Key("reason", Form.text, "why")
  private static let all = Key("all", Form.bool, default: "false", "true: past everything to come")

  static func form(_ kind: HumanAct.Kind) -> Form<HumanAct> {
    let keys: [any KeyDescription] = kind == .promote ? [by, roles, reason, all] : [by, roles, reason]
    let object = ObjectForm(name: kind == .promote ? "promote" : "act", about: "What a person does.", keys: keys)
    return Form(.object(object)) { node, reader in
      guard let fields = reader.fields(node, object), let who = fields[by] else { return nil }
      return HumanAct(
        kind: kind, by: who.value, roles: fields[roles]?.value ?? [], reason: fields[reason]?.value,
        all: fields[all]?.value ?? false)
    }
  }
}
