import PipelineModel

/// The steps of a canary as read: what comes before the first share, and the shares.
struct StepList {
  var previews: [PreviewDraft] = []
  var shares: [StepDraft] = []

  private enum Step {
    case share(StepDraft)
    case preview(PreviewDraft)
  }

  private static let weight = Key("weight", Form.percentage, "share of the traffic for the new version")
  private static let header = Key(
    "header", HeaderMatch.form,
    "before the first share: requests with this header go to the new version, from here to the end of the stage")
  private static let mirror = Key(
    "mirror", Form.percentage,
    "before the first share: copies of so many requests go to the new version, its answers dropped, up to the first share"
  )
  private static let hold = Key("hold", Form.duration, default: "the stage's `hold`", "how long the step is held")
  private static let gate = Key(
    "gate", GateUse.form, default: "the stage's `gate` with `weight`, none with `header` and `mirror`",
    "what must pass before the next step")
  private static let object = ObjectForm(
    name: "canaryStep", about: "One step of a canary.", keys: [weight, header, mirror, hold, gate])

  /// `5%`, `{ weight: 5%, hold: 15m, gate: … }`, `{ header: { x-canary: always }, mirror: 10%, … }`.
  private static let step = Form<Step>(.either([.percentage, .object(object)])) { node, reader in
    if case .scalar = node.content { return .share(StepDraft(scalar: node, reader)) }
    guard let fields = reader.fields(node, object) else { return .share(StepDraft(place: node.place)) }
    let isPreview = fields.has(header.name) || fields.has(mirror.name)
    if isPreview, !fields.has(weight.name) {
      return .preview(
        PreviewDraft(
          place: node.place, header: fields[header], mirror: fields[mirror], hold: fields.written(hold),
          gate: fields[gate]?.value))
    }
    if isPreview {
      reader.sink.error(
        "`header` and `mirror` are for steps without a weight", at: fields.place(of: weight),
        help: "write a step of its own before the first share; what it sets stays")
    } else if !fields.has(weight.name) {
      reader.sink.error(
        "the key `weight` is missing", at: node.place,
        help: "say what the step gives the new version: `weight: 5%`, `mirror: 10%` or `header: { x-canary: always }`")
    }
    return .share(
      StepDraft(place: node.place, weight: fields[weight], hold: fields.written(hold), gate: fields[gate]?.value))
  }

  static let form = Form<StepList>(step.list.shape) { node, reader in
    var list = StepList()
    for step in step.list.read(node, reader) ?? [] {
      switch step {
      case .share(let share): list.shares.append(share)
      case .preview(let preview):
        if !list.shares.isEmpty {
          reader.sink.error(
            "this step comes after a share of the traffic", at: preview.place,
            help: "put steps with `header` or `mirror` before the first share")
        }
        list.previews.append(preview)
      }
    }
    return list
  }
}

extension HeaderMatch {
  private static let help = "write for example `header: { x-canary: always }`"

  /// One header and its whole value: routes have one such rule at a time.
  static let form = Form<HeaderMatch>(.map(.text)) { node, reader in
    guard let entries = node.mapEntries, entries.count == 1, let entry = entries.first else {
      reader.sink.error("one header with its value is wanted here", at: node.place, help: help)
      return nil
    }
    guard let value = Form<String>.text.read(entry.value, reader) else { return nil }
    let match = HeaderMatch(header: entry.key.value, value: value)
    guard let refusal = match.refusal else { return match }
    reader.sink.error(refusal, at: entry.value.place, help: help)
    return nil
  }
}
