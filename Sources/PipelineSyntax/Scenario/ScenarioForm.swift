import PipelineModel

/// A scenario file as read.
struct ScenarioDraft {
  /// `nil`: not all that it needs could be read.
  var scenario: Scenario?
  /// What it names of its pipeline, wherever in it.
  var names: [ScenarioName]
  var pipeline: Located<String>?
  /// `nil`: it could not be read what is given.
  var parameters: [Named<String>]?
  var world: WorldDraft?
  /// Names that are given a value that could not be read.
  var unread: Set<String>
}

extension ScenarioDraft {
  static let nameKey = Key("scenario", Form.name, required: true, "what happens, in a sentence")
  static let pipelineKey = Key(
    "pipeline", Form.text.located, required: true, "path of the pipeline, relative to this file")
  static let seedKey = Key("seed", Form.integer(0...Int(Units.largestExact)), default: "1", "all chance comes from it")
  static let setKey = Key("set", Form.text.named, "values of the pipeline's parameters")
  static let stableKey = Key("stable", Form.text, "the version that is stable when the run starts")
  static let changeKey = Key(
    "change", Form<ChangeKind>.oneOf("kind of change"), "what the run is started for, as with `run --change`")
  static let spentKey = Key(
    "spent", Form.name(of: .objective).list, "objectives whose budget was spent before, and is not rebuilt")
  static let worldKey = Key("world", WorldDraft.form, required: true, "what users of each version see")
  static let eventsKey = Key("events", EventDraft.form.list, "what happens, and when")
  static let expectKey = Key("expect", ExpectationForm.form, required: true, "what must come of it")

  static let object = ObjectForm(
    name: "scenario", about: "A world to try a pipeline in, what happens in it, and what is expected to come of it.",
    keys: [nameKey, pipelineKey, seedKey, setKey, stableKey, changeKey, spentKey, worldKey, eventsKey, expectKey])

  static let form = Form<ScenarioDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    return ScenarioDraft(
      scenario: scenario(fields), names: reader.nameUses, pipeline: fields[pipelineKey]?.value,
      parameters: fields.written(setKey).map(\.value) ?? [], world: fields[worldKey]?.value, unread: reader.unread)
  }

  private static func scenario(_ fields: Fields) -> Scenario? {
    guard let name = fields[nameKey]?.value, let pipeline = fields[pipelineKey]?.value,
      let world = fields[worldKey]?.value, let expect = fields[expectKey]?.value
    else { return nil }
    let parameters = fields[setKey]?.value ?? []
    return Scenario(
      name: name, pipeline: pipeline.value, seed: UInt64(fields[seedKey]?.value ?? 1),
      parameters: Dictionary(parameters.map { ($0.name.value, $0.value.value) }) { first, _ in first },
      stable: fields[stableKey]?.value, change: fields[changeKey]?.value,
      spent: (fields[spentKey]?.value ?? []).sorted(), world: world.world,
      events: (fields[eventsKey]?.value ?? []).map(\.event), expect: expect)
  }
}
