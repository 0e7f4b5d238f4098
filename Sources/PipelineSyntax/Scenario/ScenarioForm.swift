import PipelineModel

/// A scenario file as read.
struct ScenarioDraft {
  var scenario: Scenario
  var names: [ScenarioName]
  var pipeline: Located<String>
  var parameters: [Named<String>]
  var worldPlace: Place
}

extension ScenarioDraft {
  static let nameKey = Key("scenario", Form.text, required: true, "what happens, in a sentence")
  static let pipelineKey = Key(
    "pipeline", Form.text.located, required: true, "path of the pipeline, relative to this file")
  static let seedKey = Key("seed", Form.integer(0...Int(Units.largestExact)), default: "1", "all chance comes from it")
  static let setKey = Key("set", Form.text.named, "values of the pipeline's parameters")
  static let stableKey = Key("stable", Form.text, "the version that is stable when the run starts")
  static let changeKey = Key(
    "change", Form<ChangeKind>.oneOf("kind of change"), "what the run is started for, as with `run --change`")
  static let spentKey = Key(
    "spent", Form.text.located.list, "objectives whose budget was spent before, and is not rebuilt")
  static let worldKey = Key("world", WorldDraft.form, required: true, "what users of each version see")
  static let eventsKey = Key("events", EventDraft.form.list, "what happens, and when")
  static let expectKey = Key("expect", ExpectationForm.form, required: true, "what must come of it")

  static let object = ObjectForm(
    name: "scenario", about: "A world to try a pipeline in, what happens in it, and what is expected to come of it.",
    keys: [nameKey, pipelineKey, seedKey, setKey, stableKey, changeKey, spentKey, worldKey, eventsKey, expectKey])

  static let form = Form<ScenarioDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    guard let name = fields[nameKey]?.value, let pipeline = fields[pipelineKey]?.value,
      let world = fields[worldKey]?.value,
      let expect = fields[expectKey]?.value
    else { return nil }
    let events = fields[eventsKey]?.value ?? []
    let parameters = fields[setKey]?.value ?? []
    let spent = fields[spentKey]?.value ?? []
    let scenario = Scenario(
      name: name, pipeline: pipeline.value, seed: UInt64(fields[seedKey]?.value ?? 1),
      parameters: Dictionary(parameters.map { ($0.name.value, $0.value.value) }) { first, _ in first },
      stable: fields[stableKey]?.value, change: fields[changeKey]?.value, spent: spent.map(\.value).sorted(),
      world: world.world, events: events.map(\.event), expect: expect.expectation)
    let stage = expect.stage.map { [ScenarioName(noun: .stage, name: $0)] } ?? []
    return ScenarioDraft(
      scenario: scenario,
      names: world.names + events.flatMap(\.names) + stage + spent.map { ScenarioName(noun: .objective, name: $0) },
      pipeline: pipeline,
      parameters: parameters, worldPlace: world.place)
  }
}
