import PipelineModel

/// How a plugin describes what one of its runners can be asked to do.
extension StepKind {
  private static let about = Key("about", Form.text, required: true, "one sentence, shown by validate")
  private static let with = Key(
    "with", SettingForm.schema, default: "it takes none", "what pipelines say under `with:`")
  private static let object = ObjectForm(
    name: "step-kind", about: "Something that a runner can be asked to do.", keys: [about, with])

  /// Its name is not filled in: that is the key it stands under.
  static let form = Form<StepKind>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object), let about = fields[about] else { return nil }
    let schema = fields[with]?.value ?? SettingsSchema([])
    if schema.settings.contains(where: { $0.type.holdsSecret }) {
      reader.sink.error(
        "a step takes no secrets", at: fields.place(of: with),
        help: "declare the secret under `settings:` of the kind; pipelines name none")
    }
    return StepKind(name: "", about: about.value, with: schema)
  }

  /// Those of a kind; reported where they are missing, or do not belong.
  static func steps(
    _ written: Located<[Named<StepKind>]>?, of port: Located<BackendKind.Port>, _ reader: Reader
  ) -> [StepKind] {
    switch (port.value, written) {
    case (.step, nil):
      reader.sink.error(
        "a kind with `port: step` needs `steps`", at: port.place, help: "name what it can be asked to do")
    case (.step, let written?) where written.value.isEmpty:
      reader.sink.error("a runner does at least one step", at: written.place)
    case (.step, _): break
    case (_, let written?): reader.sink.error("only kinds with `port: step` have steps", at: written.place)
    case (_, nil): break
    }
    return (written?.value ?? []).map { named in
      var step = named.value.value
      step.name = named.name.value
      return step
    }
  }
}

extension SettingsSchema.Kind {
  fileprivate var holdsSecret: Bool {
    switch self {
    case .secret: true
    case .list(let element), .mapOf(let element): element.holdsSecret
    case .map(let schema): schema.settings.contains { $0.type.holdsSecret }
    case .text, .number, .bool, .duration, .oneOf, .template: false
    }
  }
}

extension PluginStepTrial {
  private static let step = Key("step", Form.identifier, required: true, "one of the kind's steps")
  private static let with = Key("with", ArgumentDraft.mapping, "what it is to work with")
  private static let object = ObjectForm(
    name: "step-trial", about: "A step of a runner, with what it is tried.", keys: [step, with])

  static let form = Form<PluginStepTrial>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object), let step = fields[step] else { return nil }
    return PluginStepTrial(step: step.value, with: (fields[with]?.value ?? []).map(\.plain))
  }
}

extension ArgumentDraft {
  fileprivate var plain: StepArgument { StepArgument(name: name.value, value: value.value.plain) }
}

extension ArgumentDraft.Value {
  fileprivate var plain: StepArgument.Value {
    switch self {
    case .text(let draft): .text(draft.template)
    case .list(let items): .list(items.map(\.value.plain))
    case .map(let members): .map(members.map(\.plain))
    case .unread: .list([])
    }
  }
}
