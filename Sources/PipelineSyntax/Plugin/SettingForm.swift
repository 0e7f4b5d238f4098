import PipelineModel

/// How a plugin describes a setting: `url: { type: text, required: true, about: … }`.
enum SettingForm {
  enum Word: String, CaseIterable, Sendable {
    case text, number, bool, duration, secret, choice, list, map, settings
  }

  /// Types that lists and maps may hold.
  private enum Plain: String, CaseIterable, Sendable {
    case text, number, bool, duration, secret

    var kind: SettingsSchema.Kind {
      switch self {
      case .text: .text
      case .number: .number
      case .bool: .bool
      case .duration: .duration
      case .secret: .secret
      }
    }
  }

  private static let type = Key("type", Form<Word>.oneOf("type"), required: true, "what its values are")
  private static let required = Key("required", Form.bool, default: "false", "whether it must be given")
  private static let about = Key("about", Form.text, required: true, "one sentence, shown by editors and by validate")
  private static let choices = Key("choices", Form<String>.text.list, "with `type: choice`: the values there are")
  private static let of = Key(
    "of", Form<Plain>.oneOf("type"), default: "text", "with `type: list` or `type: map`: what their values are")
  private static let inner = Key(
    "settings", Form<SyntaxNode>(.map(.any)) { node, _ in node }, "with `type: settings`: the settings inside")

  private static let object = ObjectForm(
    name: "setting", about: "A setting of a kind of backend.", keys: [type, required, about, choices, of, inner])

  /// Deepest nesting of settings within settings.
  private static let depth = 4

  static let schema = schema(depth: depth)

  private static func schema(depth: Int) -> Form<SettingsSchema> {
    Form(.map(.object(object))) { node, reader in
      let form = Form<SettingsSchema.Setting>(.object(object)) { read($0, $1, depth: depth) }
      guard let named = form.named.read(node, reader) else { return nil }
      return SettingsSchema(
        named.map { entry in
          var setting = entry.value.value
          setting.name = entry.name.value
          return setting
        })
    }
  }

  private static func read(_ node: SyntaxNode, _ reader: Reader, depth: Int) -> SettingsSchema.Setting? {
    guard let fields = reader.fields(node, object), let type = fields[type], let about = fields[about],
      let kind = kind(type.value, fields, reader, depth)
    else { return nil }
    return SettingsSchema.Setting("", kind, required: fields[required]?.value ?? false, about: about.value)
  }

  private static func kind(_ word: Word, _ fields: Fields, _ reader: Reader, _ depth: Int) -> SettingsSchema.Kind? {
    switch word {
    case .text: return .text
    case .number: return .number
    case .bool: return .bool
    case .duration: return .duration
    case .secret: return .secret
    case .list: return .list(fields[of]?.value.kind ?? .text)
    case .map: return .mapOf(fields[of]?.value.kind ?? .text)
    case .choice:
      if let choices = fields[choices]?.value, !choices.isEmpty { return .oneOf(choices) }
      reader.sink.error("a setting of the type `choice` needs `choices`", at: fields.place)
      return nil
    case .settings:
      guard depth > 0, let inner = fields[inner] else {
        reader.sink.error(
          depth > 0 ? "a setting of the type `settings` needs `settings`" : "settings are nested too deeply",
          at: fields.place)
        return nil
      }
      return schema(depth: depth - 1).read(inner.value, reader).map(SettingsSchema.Kind.map)
    }
  }
}
