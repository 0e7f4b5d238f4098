import PipelineModel

extension Form where Value == Settings.Value {
  /// How a setting of some kind is written.
  ///
  /// - Parameters:
  ///   - format: what a text or number must look like, of a list each element, of a mapping each name.
  ///   - name: for settings that have settings of their own.
  static func setting(_ kind: SettingsSchema.Kind, _ format: SettingFormat? = nil, name: String) -> Form {
    switch kind {
    case .text: text(format)
    case .number: number(format)
    case .bool: Form<Bool>.bool.map(Settings.Value.bool)
    case .duration: Form<Interval>.duration.map(Settings.Value.duration)
    case .oneOf(let names): choice(names)
    case .template(let names): template(names)
    case .list(let element): setting(element, format, name: name).list.map(Settings.Value.list)
    case .mapOf(let element): mapping(setting(element, name: name), names: format)
    case .map(let schema): Form<Settings>.settings(schema, name: name).map(Settings.Value.map)
    case .secret: secret
    }
  }

  private static func text(_ format: SettingFormat?) -> Form {
    guard let format else { return plainText }
    return Form(format.shape) { node, reader in
      guard case .text(let text)? = plainText.read(node, reader),
        format.accepts(Located(text, at: node.place), reader.sink)
      else { return nil }
      return .text(text)
    }
  }

  private static func number(_ format: SettingFormat?) -> Form {
    guard case .whole(let range)? = format else { return number }
    return Form<Int>.integer(range).map { .number(Double($0)) }
  }

  private static let plainText = Form(.text) { node, reader in
    guard let text = Form<String>.prose.read(node, reader) else { return nil }
    if hasPassword(text) {
      reader.sink.error(
        "this address holds a password", at: node.place,
        help: "passwords do not belong into files; name it under `secrets:` and use a setting that takes a secret")
      return nil
    }
    return .text(text)
  }

  /// `http://user:password@host`
  private static func hasPassword(_ text: String) -> Bool {
    guard let scheme = text.firstRange(of: "://") else { return false }
    let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != " " }
    guard let at = authority.lastIndex(of: "@") else { return false }
    return authority[..<at].contains(":")
  }

  private static let number = Form(.number) { node, reader in
    guard let text = reader.text(node, wanting: "a number") else { return nil }
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard let number = plainNumber(digits), number <= Units.largestExact else {
      reader.sink.error("\(quote(text)) is not a number", at: node.place, help: "for example `5` or `0.5`, up to 2⁵³")
      return nil
    }
    return .number(text.hasPrefix("-") ? -number : number)
  }

  private static func choice(_ names: [String]) -> Form {
    Form(.oneOf(names)) { node, reader in
      guard let text = reader.text(node, wanting: "one of \(names.map(quote).joined(separator: ", "))") else {
        return nil
      }
      if names.contains(text) { return .text(text) }
      reader.sink.unknown("choice", text, among: names, at: node.place)
      return nil
    }
  }

  private static func template(_ names: [String]) -> Form {
    Form(.template) { node, reader in
      guard let draft = Form<TemplateDraft>.template.read(node, reader) else { return nil }
      for use in draft.uses where !names.contains(use.name) {
        reader.sink.unknown(
          "name", use.name, among: names, at: draft.text.place(at: use.offset),
          help: "known here are \(names.map(quote).joined(separator: ", "))")
      }
      return .text(draft.template.source)
    }
  }

  /// Any names, since they may be those of headers or variables.
  private static func mapping(_ element: Form, names format: SettingFormat?) -> Form {
    Form(.map(element.shape)) { node, reader in
      guard let entries = node.mapEntries else {
        reader.sink.error("a mapping is wanted here, not \(node.noun)", at: node.place)
        return nil
      }
      let pairs = entries.compactMap { entry in
        let isName = format?.accepts(entry.key, reader.sink) ?? true
        return element.read(entry.value, reader).flatMap { isName ? (entry.key.value, $0) : nil }
      }
      return .map(Settings(Dictionary(pairs) { first, _ in first }))
    }
  }

  private static let secretKey = Key("secret", Form<String>.text.located, required: true, "a name under `secrets:`")
  private static let secretObject = ObjectForm(
    name: "secretReference", about: "A secret by its name; the value never stands in the file.", keys: [secretKey])

  private static let secret = Form(.object(secretObject)) { node, reader in
    guard case .map = node.content else {
      // Not quoted: it may be a real one.
      reader.sink.error(
        "a secret may not be written into this file", at: node.place,
        help: "say under `secrets:` where its value comes from, and write `{ secret: name }` here")
      return nil
    }
    guard let name = reader.fields(node, secretObject)?[secretKey]?.value else { return nil }
    reader.secretUses.append(name)
    return .secret(name.value)
  }
}

extension Form where Value == Settings {
  /// The settings of a schema.
  ///
  /// - Parameter name: of the schema, in the JSON schema's `$defs`.
  static func settings(_ schema: SettingsSchema, name: String) -> Form {
    let keys = schema.settings.map { Key($0, within: name) }
    let object = ObjectForm(name: name, about: "Settings.", keys: keys, rules: schema.rules)
    return Form(.object(object)) { node, reader in reader.fields(node, object).map { $0.settings(keys) } }
  }
}

extension Key where Value == Settings.Value {
  init(_ setting: SettingsSchema.Setting, within name: String) {
    var form = Form.setting(setting.type, setting.format, name: "\(name)-\(setting.name)")
    if setting.required, setting.type == .text {
      form = form.filled { if case .text(let text) = $0 { text } else { "" } }
    }
    self.init(setting.name, form, required: setting.required, setting.about)
  }
}

extension Fields {
  func settings(_ keys: [Key<Settings.Value>]) -> Settings {
    Settings(Dictionary(keys.compactMap { key in self[key].map { (key.name, $0.value) } }) { first, _ in first })
  }
}

extension Form {
  func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> Form<Other> {
    Form<Other>(shape) { [read] node, reader in read(node, reader).map(transform) }
  }
}
