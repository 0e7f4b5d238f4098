import PipelineModel

/// The keys of plugin.yaml.
enum PluginForm {
  static let nameKey = Key("plugin", Form.identifier, required: true, "name of the plugin")
  private static let version = Key("version", Form.text, required: true, "version of the plugin, as its maker counts")
  private static let protocolVersion = Key(
    "protocol", Form.protocolVersion, required: true, "version of the plugin protocol that the program speaks; 1")
  private static let about = Key("about", Form.text, required: true, "one sentence on what it is for")
  private static let command = Key(
    "command", Form<String>.text.list, required: true,
    "program and arguments; a program with a slash is relative to this folder, another is looked for in PATH")
  private static let kinds = Key(
    "kinds", PluginKindForm.form.named, required: true,
    "the kinds of backends it serves, by the names headgate.yaml uses")
  private static let limits = Key("limits", limitsForm, "what one process of it may use")
  private static let environment = Key(
    "environment", Form<String>.text.list, default: "[]",
    "variables it gets of the controller's environment, beside PATH, HOME and LANG")

  static let object = ObjectForm(
    name: "plugin", about: "A plugin: a program of its own that serves kinds of backends.",
    keys: [nameKey, version, protocolVersion, about, command, kinds, limits, environment],
    refused: [
      "secrets": "declare a setting of the type `secret`; its value comes with `initialize`, never by the environment"
    ])

  static let form = Form<PluginManifest>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object), let name = fields[nameKey], let version = fields[version],
      let number = fields[protocolVersion], let about = fields[about], let command = fields[command],
      let kinds = fields[kinds]
    else { return nil }
    let served = kinds.value.map { named in
      var kind = named.value.value
      kind.kind.name = named.name.value
      return kind
    }
    if served.isEmpty { reader.sink.error("a plugin serves at least one kind", at: kinds.place) }
    return PluginManifest(
      name: name.value, version: version.value, protocolVersion: number.value, about: about.value,
      command: command.value, kinds: served, limits: fields[limits]?.value ?? PluginLimits(),
      environment: fields[environment]?.value ?? [])
  }

  // MARK: Limits

  private static let memory = Key(
    "memory", Form.bytes(from: 16 << 20, to: 1 << 40), default: "512MiB", "memory that each of its processes may fill")
  private static let message = Key(
    "message", Form.bytes(from: 4 << 10, to: 64 << 20), default: "1MiB", "longest message, either way")
  private static let start = Key(
    "start", Form.positiveDuration, default: "10s", "longest time from its start to its answer to `initialize`")
  private static let calls = Key(
    "calls", Form.integer(1...1000), default: "16", "calls that may be under way at the same time")
  private static let limitsObject = ObjectForm(
    name: "limits", about: "What one process of a plugin may use.", keys: [memory, message, start, calls])

  private static let limitsForm = Form<PluginLimits>(.object(limitsObject)) { node, reader in
    guard let fields = reader.fields(node, limitsObject) else { return nil }
    let usual = PluginLimits()
    return PluginLimits(
      memory: fields[memory]?.value ?? usual.memory, message: fields[message]?.value ?? usual.message,
      start: fields[start]?.value ?? usual.start, calls: fields[calls]?.value ?? usual.calls)
  }
}

extension Form where Value == Int {
  /// A version of the protocol that this build speaks.
  fileprivate static let protocolVersion = Form(.integer(1...1)) { node, reader in
    guard let text = reader.text(node, wanting: "a version of the protocol", help: "write `1`") else { return nil }
    if text == "1" { return 1 }
    reader.sink.error(
      "this headgate speaks version 1 of the plugin protocol, not \(quote(text))", at: node.place, help: "write `1`")
    return nil
  }

  /// `512MiB`, `64kB`, `1048576B`.
  fileprivate static func bytes(from least: Int, to most: Int) -> Form {
    Form(.pattern("^[0-9]+(\\.[0-9]+)?(\(Units.size.map(\.name).joined(separator: "|")))$", example: "256MiB")) {
      node, reader in
      let help = "write for example `256MiB`"
      guard let text = reader.text(node, wanting: "a size", help: help) else { return nil }
      let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      let unit = Units.size.first { $0.name == text.dropFirst(digits.count) }
      guard let number = plainNumber(digits), let unit else {
        reader.sink.error("\(quote(text)) is not a size", at: node.place, help: help)
        return nil
      }
      let bytes = number * unit.factor
      guard bytes >= Double(least), bytes <= Double(most) else {
        reader.sink.error(
          "\(quote(text)) is out of range", at: node.place, help: "from \(least) to \(most) bytes; \(help)")
        return nil
      }
      return Int(bytes)
    }
  }
}
