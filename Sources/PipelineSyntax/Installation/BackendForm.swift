import PipelineModel

/// How the backends of one port are written: `name: { kind: …, settings }`.
struct BackendForm: Sendable {
  let port: BackendKind.Port
  private let kinds: [BackendKind]
  private let objects: [String: ObjectForm]
  private static let kindKey = "kind"
  static let routesKey = "routes"
  private let resilience: Key<ResiliencePolicy>
  private let strictness: InstallationParser.Strictness
  private static let fallback = Key(
    "fallback", Form<String>.identifier.located,
    "another provider of the same kind, asked the same question when this one does not answer")

  init(_ port: BackendKind.Port, kinds: [BackendKind], _ strictness: InstallationParser.Strictness = .whole) {
    self.port = port
    self.strictness = strictness
    self.kinds = kinds.filter { $0.port == port }
    let resilience = Key("resilience", ResilienceForm(port).form, "how calls to it are guarded")
    self.resilience = resilience
    objects = Dictionary(self.kinds.map { ($0.name, Self.object(of: $0, resilience)) }) { first, _ in first }
  }

  private static func object(of kind: BackendKind, _ resilience: Key<ResiliencePolicy>) -> ObjectForm {
    let kindKey = Key(kindKey, exactly(kind.name), required: true, kind.about)
    let common: [any KeyDescription] = kind.port == .metrics ? [resilience, fallback] : [resilience]
    var form = ObjectForm(
      name: name(of: kind), about: kind.about, keys: [kindKey] + keys(of: kind) + common,
      rules: kind.settings.rules)
    if kind.port == .traffic, kind.routeSettings == nil {
      form.refused[routesKey] = "routers of the kind \(quote(kind.name)) need no routes; pipelines may use any name"
    }
    return form
  }

  private static func keys(of kind: BackendKind) -> [Key<Settings.Value>] {
    var keys = kind.settings.settings.map { Key($0, within: name(of: kind)) }
    if let settings = kind.routeSettings {
      let routes = Form<Settings>.settings(settings, name: "\(name(of: kind))-route").named.map { routes in
        let pairs = routes.map { ($0.name.value, Settings.Value.map($0.value.value)) }
        return Settings.Value.map(Settings(Dictionary(pairs) { first, _ in first }))
      }
      let checked = Form<Settings.Value>(routes.shape) { node, reader in
        DistinctRoutes(of: node, settings, reader.sink).check(kind.distinctRoutes)
        return routes.read(node, reader)
      }
      keys.append(Key(routesKey, checked, required: true, "the routes of this router, by the names pipelines use"))
    }
    return keys
  }

  private static func name(of kind: BackendKind) -> String { "\(kind.port.rawValue)-\(kind.name)" }

  private static func exactly(_ name: String) -> Form<String> {
    Form(.oneOf([name])) { node, reader in reader.text(node, wanting: "a kind") }
  }

  var form: Form<[Named<Backend>]> {
    // Where only plugins serve the port, nothing is known of their settings here.
    let shapes = kinds.compactMap { objects[$0.name] }.map(Shape.object)
    return Form<Backend>(shapes.isEmpty ? .any : .either(shapes)) { node, reader in
      switch strictness {
      case .whole: read(node, reader)
      case .parts: readAlone(node, reader)
      }
    }.named
  }

  /// One that cannot be read is there all the same, with what is wrong with it.
  private func readAlone(_ node: SyntaxNode, _ reader: Reader) -> Backend {
    let (secrets, fallbacks) = (reader.secretUses.count, reader.fallbackUses.count)
    let (backend, errors) = reader.sink.takingErrors { read(node, reader) }
    // They are looked up for each backend by itself.
    reader.secretUses.removeSubrange(secrets...)
    guard let first = errors.first else { return backend ?? Backend(name: "", kind: "", settings: Settings()) }
    reader.fallbackUses.removeSubrange(fallbacks...)
    for error in errors {
      _ = reader.sink.leavingOut(error.message, at: error.place, help: error.help, nearMiss: error.nearMiss)
    }
    return Backend(
      name: "", kind: "", settings: Settings(), fault: "\(first.path):\(first.place): \(first.message)")
  }

  private func read(_ node: SyntaxNode, _ reader: Reader) -> Backend? {
    let earlier = reader.sink.errors
    defer { if reader.sink.errors > earlier { reader.partialBackends.insert(node.place) } }
    guard let (name, node) = told(node, reader), let kind = kinds.first(where: { $0.name == name }),
      let object = objects[name], let fields = reader.fields(node, object)
    else { return nil }
    let fallback = fields[Self.fallback]?.value
    if let fallback { reader.fallbackUses.append((of: name, to: fallback)) }
    return Backend(
      name: "", kind: name, settings: fields.settings(Self.keys(of: kind)), resilience: fields[resilience]?.value,
      fallback: fallback?.value)
  }

  /// The kind of a backend, and the backend with that kind written rightly.
  private func told(_ backend: SyntaxNode, _ reader: Reader) -> (kind: String, backend: SyntaxNode)? {
    guard var entries = backend.mapEntries else {
      reader.sink.error(
        "a mapping is wanted here, not \(backend.noun)", at: backend.place, help: "with `kind:` and its settings")
      return nil
    }
    guard let index = index(ofKindIn: entries) else {
      reader.sink.error("the key `kind` is missing", at: backend.place, help: "one of \(names)")
      return nil
    }
    let entry = entries[index]
    if entry.key.value != Self.kindKey {
      reader.sink.unknownKey("key", entry.key.value, among: [Self.kindKey], at: entry.key.place)
    }
    guard let name = reader.text(entry.value, wanting: "a kind", help: "one of \(names)") else { return nil }
    let near = objects[name] == nil ? nearMiss(of: name, among: kinds.map(\.name)) : name
    // A plugin that could not be read may be the one that serves it.
    if objects[name] == nil, near != nil || !reader.lacksKinds {
      reader.sink.unknown("kind", name, among: kinds.map(\.name), at: entry.value.place)
    }
    guard let meant = near else { return nil }
    let kind = SyntaxNode(content: .scalar(.init(text: meant, style: .plain)), place: entry.value.place)
    entries[index] = SyntaxNode.Entry(key: Located(Self.kindKey, at: entry.key.place), value: kind)
    return (meant, backend.with(entries))
  }

  /// A misspelt key counts where its value is a kind.
  private func index(ofKindIn entries: [SyntaxNode.Entry]) -> Int? {
    entries.firstIndex { $0.key.value == Self.kindKey }
      ?? entries.firstIndex { entry in
        guard case .scalar(let scalar) = entry.value.content, nearKey(of: entry.key.value, among: [Self.kindKey]) != nil
        else { return false }
        return nearMiss(of: scalar.text, among: kinds.map(\.name)) != nil
      }
  }

  private var names: String { kinds.map { quote($0.name) }.joined(separator: ", ") }
}
