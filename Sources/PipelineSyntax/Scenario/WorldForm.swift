import PipelineModel

/// The keys of `world:`.
struct WorldDraft {
  var world: WorldModel
  var place: Place

  private static let traffic = Key(
    "traffic", Form<Double>.rate, required: true, "requests over both versions, for example `200/s`")
  private static let stable = Key(
    "stable", Form<Distribution>.distribution.named(.metric), required: true,
    "what each metric shows for the old version")
  private static let canary = Key("canary", sameOrChanges, default: "same", "how the new version differs")
  private static let deploy = Key("deploy", TakesForm.form, default: "{ takes: 30s }", "how long a deployment takes")
  private static let router = Key(
    "router", TakesForm.form, default: "{ takes: 0s }", "how long a router takes to answer")
  private static let provider = Key(
    "provider", TakesForm.form, default: "{ takes: 0s }", "how long a provider takes to answer")
  private static let check = Key("check", TakesForm.form, default: "{ takes: 1s }", "how long a check takes")
  private static let step = Key("step", TakesForm.form, default: "{ takes: 1m }", "how long a step takes")

  private static let preview = Key(
    "preview", Form<Double>.rate, default: "0/s",
    "requests that try out a version which is up and has no share of the traffic yet")

  private static let object = ObjectForm(
    name: "world", about: "What users of each version see, and how fast the backends are.",
    keys: [traffic, stable, canary, deploy, router, provider, check, step, preview])

  static let form = Form<WorldDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object), let traffic = fields[traffic], let stable = fields[stable] else {
      return nil
    }
    let canary = fields[canary]?.value ?? []
    let usual = WorldModel.Delays()
    let world = WorldModel(
      traffic: traffic.value,
      stable: Dictionary(stable.value.map { ($0.name.value, $0.value.value) }) { first, _ in first },
      canary: Dictionary(canary.map { ($0.name.value, $0.value.value) }) { first, _ in first },
      takes: WorldModel.Delays(
        deploy: fields[deploy]?.value ?? usual.deploy, router: fields[router]?.value ?? usual.router,
        provider: fields[provider]?.value ?? usual.provider, check: fields[check]?.value ?? usual.check,
        step: fields[step]?.value ?? usual.step),
      preview: fields[preview]?.value ?? 0)
    return WorldDraft(world: world, place: node.place)
  }

  /// `same`, or a mapping from metrics to changes.
  private static let sameOrChanges = Form<[Named<Change>]>(.either([.oneOf(["same"]), ChangesForm.form.shape])) {
    node, reader in
    if case .scalar(let scalar) = node.content {
      if scalar.text == "same" { return [] }
      reader.sink.error("`same` or a mapping is wanted here", at: node.place, help: "for example `{ p95: x1.3 }`")
      return nil
    }
    return ChangesForm.form.read(node, reader)
  }
}

private enum TakesForm {
  static let takes = Key("takes", Form.duration, required: true, "how long")
  static let object = ObjectForm(name: "takes", about: "How long something takes.", keys: [takes])
  static let form = Form<Interval>(.object(object)) { node, reader in reader.fields(node, object)?[takes]?.value }
}
