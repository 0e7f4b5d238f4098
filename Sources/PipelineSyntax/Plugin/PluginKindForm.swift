import PipelineModel

/// How a plugin describes one kind of backend.
enum PluginKindForm {
  private static let port = Key("port", Form<BackendKind.Port>.oneOf("port"), required: true, "what it does")
  private static let about = Key("about", Form.text, required: true, "one sentence, shown by editors")
  private static let settings = Key(
    "settings", SettingForm.schema, default: "it takes none", "the settings it takes in headgate.yaml")
  private static let routes = Key(
    "routes", SettingForm.schema, default: "it needs no routes, and pipelines may use any name",
    "routers: the settings of each entry under `routes:`")
  private static let capabilities = Key(
    "capabilities", Form<Capability>.oneOf("capability").list, default: "[]", "what it can do beyond the least")
  private static let conditional = Key(
    "conditional", Form<String>.text.named,
    "capabilities it has only where a setting is given, its own or a route's: `readBack: get`")
  private static let steps = Key(
    "steps", StepKind.form.named, "runners: what they can be asked to do, by the names pipelines use")
  private static let trial = Key(
    "check", Form<SyntaxNode>(.object(PluginTrialForm.object(.any))) { node, _ in node },
    "with what `headgate plugin check` tries it")

  static let object = ObjectForm(
    name: "kind", about: "A kind of backend that a plugin serves.",
    keys: [port, about, settings, routes, capabilities, conditional, steps, trial])

  /// Its name is not filled in: that is the key it stands under.
  static let form = Form<PluginKind>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object), let port = fields[port], let about = fields[about] else {
      return nil
    }
    if port.value != .traffic, fields.has(routes.name) {
      reader.sink.error("only kinds with `port: traffic` have routes", at: fields.place(of: routes))
    }
    let steps = StepKind.steps(fields[steps], of: port, reader)
    let settings = fields[settings]?.value ?? SettingsSchema([])
    let kind = BackendKind(
      name: "", port: port.value, about: about.value, settings: settings, routeSettings: fields[routes]?.value,
      capabilities: Set(fields[capabilities]?.value ?? []),
      conditional: conditional(fields, settings, fields[routes]?.value, reader), steps: steps)
    let trial = fields[trial].flatMap { PluginTrialForm(kind).read($0.value, reader) }
    return PluginKind(kind: kind, trial: trial)
  }

  private static func conditional(
    _ fields: Fields, _ schema: SettingsSchema, _ routes: SettingsSchema?, _ reader: Reader
  ) -> [Capability: String] {
    var found: [Capability: String] = [:]
    for entry in fields[conditional]?.value ?? [] {
      let names = (schema.settings + (routes?.settings ?? [])).map(\.name)
      if !names.contains(entry.value.value) {
        reader.sink.unknown("setting", entry.value.value, among: names, at: entry.value.place)
      }
      if let capability = Capability(rawValue: entry.name.value) {
        found[capability] = entry.value.value
      } else {
        reader.sink.unknown(
          "capability", entry.name.value, among: Capability.allCases.map(\.rawValue), at: entry.name.place)
      }
    }
    return found
  }
}

/// How a plugin says with what one of its kinds is to be tried; the settings are checked against its own schema.
struct PluginTrialForm {
  private static let queries = Key("queries", Form<String>.prose.list, "metrics: questions that it must answer")
  private static let badQuery = Key("badQuery", Form.prose, "metrics: a question that it must reject")
  private static let emptyQuery = Key(
    "emptyQuery", Form.prose, "metrics: a question about something that there is not; the answer is null or []")
  private static let slowQuery = Key(
    "slowQuery", Form.prose, "metrics: a question that would take minutes")
  private static let neverSlow = Key(
    "neverSlow", Form.prose,
    "metrics: why no question can take minutes, in place of `slowQuery` where `limits.calls` is 1")
  private static let at = Key(
    "at", Form<Int>.integer(0...99_999_999_999), default: "now",
    "metrics: the instant that questions are about, in seconds since 1970")
  private static let route = Key("route", Form.text, "traffic: a route to move")
  private static let version = Key("version", Form.text, "deployment: a version that comes up")
  private static let badVersion = Key("badVersion", Form.text, "deployment: a version that does not come up")
  private static let slowVersion = Key(
    "slowVersion", Form.text, "deployment: a version that would take minutes to come up")
  private static let running = Key(
    "running", Form<String>.text.list,
    "deployment: a command that prints what runs, an instance a line, each with its key")
  private static let received = Key(
    "received", Form<String>.text.list,
    "notification: a command that prints what has been received, each notice with its key")

  private static let passing = Key("passing", PluginStepTrial.form, "steps: one that passes, with what it is tried")
  private static let failing = Key("failing", PluginStepTrial.form, "steps: one that fails")
  private static let slow = Key("slow", PluginStepTrial.form, "steps: one that would go on for minutes")

  private let settings: Key<Settings>
  private let object: ObjectForm

  init(_ kind: BackendKind) {
    var schema = kind.settings
    if let routes = kind.routeSettings {
      schema.settings.append(
        .init(BackendForm.routesKey, .mapOf(.map(routes)), required: true, about: "the routes of this router"))
    }
    let form = Form<Settings>.settings(schema, name: "check-settings")
    settings = Key("settings", form, "its settings, as in headgate.yaml")
    object = Self.object(form.shape)
  }

  static func object(_ settings: Shape) -> ObjectForm {
    let settings = Key("settings", Form<Settings>(.map(.any)) { _, _ in nil }, "its settings, as in headgate.yaml")
    return ObjectForm(
      name: "check", about: "With what `headgate plugin check` tries a kind.",
      keys: [
        settings, queries, badQuery, emptyQuery, slowQuery, neverSlow, at, route, version, badVersion, slowVersion,
        running, received, passing, failing, slow,
      ])
  }

  func read(_ node: SyntaxNode, _ reader: Reader) -> PluginTrial? {
    let keys = object.keys.map { $0.name == settings.name ? settings : $0 }
    let object = ObjectForm(name: object.name, about: object.about, keys: keys)
    guard let fields = reader.fields(node, object) else { return nil }
    return PluginTrial(
      settings: fields[settings]?.value ?? Settings(), queries: fields[Self.queries]?.value ?? [],
      badQuery: fields[Self.badQuery]?.value, emptyQuery: fields[Self.emptyQuery]?.value,
      slowQuery: fields[Self.slowQuery]?.value, neverSlow: fields[Self.neverSlow]?.value,
      at: fields[Self.at].map { Timestamp(milliseconds: Int64($0.value) * 1000) }, route: fields[Self.route]?.value,
      version: fields[Self.version]?.value, badVersion: fields[Self.badVersion]?.value,
      slowVersion: fields[Self.slowVersion]?.value, running: fields[Self.running]?.value ?? [],
      received: fields[Self.received]?.value ?? [],
      passing: fields[Self.passing]?.value, failing: fields[Self.failing]?.value, slow: fields[Self.slow]?.value)
  }
}
