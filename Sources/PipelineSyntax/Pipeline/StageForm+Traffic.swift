import PipelineModel

struct CanaryDraft {
  var place: Place
  /// `nil`: it could not be read.
  var route: Located<RouteName>?
  var deploy: Located<String>?
  var previews: [PreviewDraft]
  /// `nil`: nobody knows which.
  var steps: [StepDraft]?
  /// A value of `nil` could not be read.
  var hold: Located<Interval?>?
  var gate: GateUse?
  var background: GateUse?
}

struct StepDraft {
  var place: Place
  /// `nil`: it could not be read.
  var weight: Located<Weight>?
  /// A value of `nil` could not be read.
  var hold: Located<Interval?>?
  var gate: GateUse?
}

/// A step before the first share.
struct PreviewDraft {
  var place: Place
  var header: Located<HeaderMatch>?
  var mirror: Located<Weight>?
  /// A value of `nil` could not be read.
  var hold: Located<Interval?>?
  var gate: GateUse?
}

struct BlueGreenDraft {
  var place: Place
  /// `nil`: it could not be read; so with `deploy`.
  var route: Located<RouteName>?
  var deploy: Located<String>?
  var preSwitch: WatchDraft?
  var postSwitch: WatchDraft?
  /// `nil`: it could not be read.
  var keepAlive: Interval?
  var background: GateUse?

  /// From the first gate on to the end; `nil`: a part of it could not be read.
  var length: Interval? {
    let holds = [preSwitch?.hold, postSwitch?.hold].compactMap(\.self).map(\.value) + [keepAlive]
    return holds.contains(nil) ? nil : holds.reduce(.zero) { $0 + ($1 ?? .zero) }
  }
}

extension CanaryDraft {
  /// Whether it can be told how long it takes at least.
  var holdsAreRead: Bool {
    guard let steps else { return false }
    return (previews.map(\.hold) + steps.map(\.hold) + [hold]).allSatisfy { $0 == nil || $0?.value != nil }
  }

  static let defaultSteps: [Weight] = [.percent(5), .percent(25), .percent(50), .all]
  static let defaultHold = Interval.minutes(15)
  static let defaultLastHold = Interval.minutes(30)
}

private let routeKey = Key("route", RouteName.form, required: true, "the route whose traffic moves, as `router/route`")
extension StageForm {
  static let gateBackground = Key(
    "background", GateUse.form, "a gate that judges throughout the stage, pauses and holds included")
}

extension RouteName {
  static let form = Form<RouteName>(.pattern("^[^/ ]+/[^/ ]+$", example: "edge/checkout")) { node, reader in
    guard let text = reader.text(node, wanting: "a route", help: "for example `edge/checkout`") else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && !$0.contains(" ") }) else {
      reader.sink.error(
        "\(quote(text)) is not a route", at: node.place, help: "write `router/route`, for example `edge/checkout`")
      return nil
    }
    return RouteName(router: String(parts[0]), route: String(parts[1]))
  }
}

extension WatchDraft {
  private static let holdKey = Key("hold", Form.duration, default: "15m", "how long")
  private static let gateKey = Key("gate", GateUse.form, required: true, "what is judged meanwhile")
  private static let object = ObjectForm(name: "watch", about: "A gate held for a time.", keys: [holdKey, gateKey])

  static let form = Form<WatchDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    let usual = Located<Interval?>(.minutes(15), at: fields[gateKey]?.place ?? node.place)
    return WatchDraft(gate: fields[gateKey]?.value, hold: fields.written(holdKey) ?? usual)
  }
}

extension StageForm {
  static let canary: StageForm = {
    let deploy = Key(
      "deploy", Form.text, default: "the new version is there already",
      "name of the deployer that brings the new version up first")
    let steps = Key(
      "steps", StepList.form, default: "[5%, 25%, 50%, 100%]",
      "rising shares of the traffic, up to 100% here or in a later stage")
    let hold = Key("hold", Form.duration, default: "15m, and 30m for the last step", "how long each step is held")
    let gate = Key("gate", GateUse.form, "what must pass before each next step")
    return StageForm(
      "canary", about: "moves traffic to the new version in rising steps",
      [routeKey, deploy, steps, hold, gate, gateBackground, onGateFailure, onInconclusive]
    ) { fields, _ in
      let place = fields.place(of: steps)
      let usual = CanaryDraft.defaultSteps.map { StepDraft(place: place, weight: Located($0, at: place)) }
      let written = fields[steps]?.value
      // None at all, or only what comes before them.
      let shares = written.map { $0.shares.isEmpty ? usual : $0.shares } ?? (fields.has(steps.name) ? nil : usual)
      return .canary(
        CanaryDraft(
          place: fields.place, route: fields[routeKey], deploy: fields[deploy], previews: written?.previews ?? [],
          steps: shares, hold: fields.written(hold), gate: fields[gate]?.value,
          background: fields[StageForm.gateBackground]?.value))
    }
  }()

  static let blueGreen: StageForm = {
    let deploy = Key(
      "deploy", Form.text, required: true, "name of the deployer that brings the new version up beside the old")
    let preSwitch = Key("preSwitch", WatchDraft.form, "judged at 0% before the switch")
    let postSwitch = Key("postSwitch", WatchDraft.form, "judged at 100% after the switch")
    let keepAlive = Key(
      "keepAlive", Form.duration, default: "24h", "how long the old version stays up, ready to be switched back to")
    return StageForm(
      "blueGreen", about: "brings the new version up beside the old, and switches at once",
      [routeKey, deploy, preSwitch, postSwitch, keepAlive, gateBackground, onGateFailure, onInconclusive]
    ) { fields, _ in
      .blueGreen(
        BlueGreenDraft(
          place: fields.place, route: fields[routeKey], deploy: fields[deploy], preSwitch: fields[preSwitch]?.value,
          postSwitch: fields[postSwitch]?.value, keepAlive: fields.written(keepAlive).map(\.value) ?? .hours(24),
          background: fields[StageForm.gateBackground]?.value))
    }
  }()
}
