import PipelineModel

/// The keys of headgate.yaml, which depend on the kinds of backends there are.
struct InstallationForm: Sendable {
  private let store = Key(
    "store", Form<String>.text, default: "headgate.db", "path of the store, relative to this file")
  private let providers: Key<[Named<Backend>]>
  private let routers: Key<[Named<Backend>]>
  private let deployers: Key<[Named<Backend>]>
  private let notifiers: Key<[Named<Backend>]>
  private let runners: Key<[Named<Backend>]>
  private let secrets = Key("secrets", Form<Secret.Source>.secretSource.named, "where the values of secrets come from")
  private let roles = Key(
    "roles", Form<[String]>(.list(.text)) { Form<String>.text.list.read($0, $1) }.named,
    "who holds which role, for approvals")

  private let changes = Key(
    "changes", ClaimsForm.form, "which roles may start a run as an emergency, for security, for reliability")
  private let overrides = Key(
    "overrides", Form<String>.text.located.list, default: "anybody, with a reason",
    "roles that may promote a run past its gates")

  static let pluginsKey = "plugins"
  private let plugins: Key<[InstalledPlugin]>
  private let found: [InstalledPlugin]
  private let strictness: InstallationParser.Strictness
  private let check: InstallationParser.BackendCheck

  /// - Parameter found: what the file's `plugins:` has been read as; their kinds come to `kinds`.
  init(
    kinds: [BackendKind], found: [InstalledPlugin] = [], _ strictness: InstallationParser.Strictness = .whole,
    check: @escaping InstallationParser.BackendCheck = { _, _ in [] }
  ) {
    self.check = check
    self.found = found
    self.strictness = strictness
    let shape = PluginsForm(kinds: kinds, finder: .none).form.shape
    plugins = Key(Self.pluginsKey, Form(shape) { _, _ in found }, "programs that serve further kinds of backends")
    let kinds = kinds + found.flatMap { $0.manifest.kinds.map(\.kind) }
    func backends(_ name: String, _ port: BackendKind.Port, _ about: String) -> Key<[Named<Backend>]> {
      Key(name, BackendForm(port, kinds: kinds, strictness).form, about)
    }
    providers = backends("providers", .metrics, "who answers the questions of metrics")
    routers = backends("routers", .traffic, "who splits traffic")
    deployers = backends("deployers", .deployment, "who brings versions up and down")
    notifiers = backends("notifiers", .notification, "who can be told what happens")
    runners = backends("runners", .step, "who does the steps of pipelines, for stages of one's own")
  }

  var object: ObjectForm {
    ObjectForm(
      name: "installation", about: "An installation of Headgate: its store, backends, secrets and roles.",
      keys: [
        store, plugins, providers, routers, deployers, notifiers, runners, SubscriptionForm.key, secrets, roles,
        ServingForm.key, changes, overrides, FlagPolicyForm.key, PeopleForm.key, FreezePolicyForm.key, AuditForm.key,
      ])
  }

  var form: Form<Installation> {
    let object = object
    return Form(.object(object)) { node, reader in
      guard let fields = reader.fields(node, object) else { return nil }
      let secrets = fields[secrets]?.value ?? []
      func isNowhere(_ name: Located<String>, among names: [String], _ key: any KeyDescription) -> Bool {
        !names.contains(name.value) && !reader.unread.contains(name.value) && !fields.unreadable.contains(key.name)
      }
      let secretNames = secrets.map(\.name.value)
      for use in reader.secretUses where isNowhere(use, among: secretNames, self.secrets) {
        let help = "say under `secrets:` where its value comes from: `\(use.value): { env: VARIABLE }`"
        reader.sink.unknown("secret", use.value, among: secretNames, at: use.place, help: help)
      }
      func backends(_ port: BackendKind.Port, _ key: Key<[Named<Backend>]>) -> [Backend] {
        self.backends(port, fields[key]?.value, secretNames, reader)
      }
      var providers = backends(.metrics, providers)
      let notifierNames = (fields[notifiers]?.value ?? []).map(\.name.value)
      let audit = fields[AuditForm.key]?.value
      let told = (fields[SubscriptionForm.key]?.value ?? []).map(\.name) + (audit?.notify ?? [])
      for notifier in told where isNowhere(notifier, among: notifierNames, notifiers) {
        reader.sink.unknown("notifier", notifier.value, among: notifierNames, at: notifier.place)
      }
      let roleNames = (fields[roles]?.value ?? []).map(\.name.value)
      let claims = fields[changes]?.value ?? [:]
      let overriders = fields[overrides]?.value
      for role in claims.sorted(by: { $0.key.rawValue < $1.key.rawValue }).flatMap(\.value) + (overriders ?? [])
      where isNowhere(role, among: roleNames, roles) {
        reader.sink.unknown("role", role.value, among: roleNames, at: role.place, help: "name it under `roles:`")
      }
      let flags = FlagPolicyForm.policy(fields[FlagPolicyForm.key]?.value, reader)
      let people = fields[PeopleForm.key].map { PeoplePolicy(actingFor: $0.value) } ?? PeoplePolicy()
      for use in reader.roleUses where isNowhere(use, among: roleNames, roles) {
        let help = "say under `roles:` who holds it: `\(use.value): [alice, bob]`"
        reader.sink.unknown("role", use.value, among: roleNames, at: use.place, help: help)
      }
      checkFallbacks(&providers, reader)
      return Installation(
        store: fields[store]?.value ?? "headgate.db", providers: providers,
        routers: backends(.traffic, routers), deployers: backends(.deployment, deployers),
        notifiers: backends(.notification, notifiers), runners: backends(.step, runners),
        secrets: secrets.map { Secret(name: $0.name.value, source: $0.value.value) },
        roles: (fields[roles]?.value ?? []).map { .init(name: $0.name.value, members: $0.value.value) },
        changes: claims.mapValues { $0.map(\.value) }, overrides: overriders?.map(\.value),
        plugins: fields[plugins]?.value ?? [],
        notify: SubscriptionForm.subscriptions(fields[SubscriptionForm.key]?.value),
        serve: fields[ServingForm.key]?.value ?? Serving(), flags: flags,
        people: people, freezes: fields[FreezePolicyForm.key]?.value ?? FreezePolicy(),
        audit: audit?.policy ?? AuditPolicy())
    }
  }

  /// With their names, checked by what serves them.
  private func backends(
    _ port: BackendKind.Port, _ named: [Named<Backend>]?, _ secrets: [String], _ reader: Reader
  ) -> [Backend] {
    (named ?? []).map { entry in
      var backend = entry.value.value
      backend.name = entry.name.value
      switch strictness {
      case .whole:
        // Of one that is not whole nobody can tell what its kind would have against it.
        guard !reader.partialBackends.contains(entry.value.place) else { break }
        for fault in check(backend, port) { reader.sink.error(fault, at: entry.name.place) }
      case .parts: backend.fault = backend.fault ?? fault(of: backend, port, at: entry.name.place, secrets, reader)
      }
      return backend
    }
  }

  /// What is wrong with a backend whose settings fit its kind; told as a warning.
  private func fault(
    of backend: Backend, _ port: BackendKind.Port, at place: Place, _ secrets: [String], _ reader: Reader
  ) -> String? {
    let plugin = found.first { $0.manifest.kinds.contains { $0.kind.port == port && $0.kind.name == backend.kind } }
    if let fault = plugin?.fault { return fault }
    if let secret = backend.settings.secretNames.sorted().first(where: { !secrets.contains($0) }) {
      let help = "say under `secrets:` where its value comes from: `\(secret): { env: VARIABLE }`"
      return reader.sink.leavingOut("unknown secret \(quote(secret))", at: place, help: help)
    }
    return check(backend, port).first.map { reader.sink.leavingOut($0, at: place, help: nil) }
  }

  private func checkFallbacks(_ providers: inout [Backend], _ reader: Reader) {
    for use in reader.fallbackUses {
      switch strictness {
      case .whole: checkFallback(use.to, of: use.of, among: providers, reader)
      case .parts:
        guard let fault = faultOfFallback(use.to, of: use.of, among: providers, reader) else { continue }
        for index in providers.indices where providers[index].fallback == use.to.value {
          providers[index].fault = providers[index].fault ?? fault
        }
      }
    }
  }

  private func faultOfFallback(
    _ name: Located<String>, of kind: String, among providers: [Backend], _ reader: Reader
  ) -> String? {
    if let fault = providers.first(where: { $0.name == name.value })?.fault {
      return "its fallback \(quote(name.value)) cannot be used: \(fault)"
    }
    let (_, errors) = reader.sink.takingErrors { checkFallback(name, of: kind, among: providers, reader) }
    return errors.first.map { reader.sink.leavingOut($0.message, at: $0.place, help: $0.help) }
  }

  /// The question goes to the fallback as it is, so it must be written in a language that one understands.
  private func checkFallback(
    _ name: Located<String>, of kind: String, among providers: [Backend], _ reader: Reader
  ) {
    guard let fallback = providers.first(where: { $0.name == name.value }) else {
      guard !reader.unread.contains(name.value) else { return }
      return reader.sink.unknown("provider", name.value, among: providers.map(\.name), at: name.place)
    }
    if fallback.kind != kind {
      reader.sink.error(
        "\(quote(name.value)) is of the kind \(quote(fallback.kind)), and is asked in the language of \(quote(kind))",
        at: name.place, help: "name a provider of the kind \(quote(kind))")
    } else if fallback.fallback == fallback.name {
      reader.sink.error(
        "\(quote(name.value)) cannot stand in for itself", at: name.place, help: "name another provider")
    }
  }
}

extension Form where Value == Secret.Source {
  private static let env = Key("env", Form<String>.variable, "name of an environment variable")
  private static let file = Key("file", Form<String>.text, "path of a file that holds nothing else")
  private static let command = Key("command", Form<String>.prose, "a command that prints it")
  private static let object = ObjectForm(
    name: "secret", about: "Where the value of a secret comes from.", keys: [env, file, command])

  /// `{ env: X }`, `{ file: path }` or `{ command: … }`.
  static let secretSource = Form(.object(object)) { node, reader in
    let help = "say where its value comes from: `{ env: VARIABLE }`, `{ file: path }` or `{ command: … }`"
    guard case .map = node.content else {
      reader.sink.error("a secret may not be written into this file", at: node.place, help: help)
      return nil
    }
    guard let fields = reader.fields(node, object) else { return nil }
    let sources: [Secret.Source] = [
      fields[env].map { .environment($0.value) }, fields[file].map { .file($0.value) },
      fields[command].map { .command($0.value) },
    ].compactMap { $0 }
    if sources.count == 1 { return sources[0] }
    if fields.unreadable.isEmpty { reader.sink.error("a secret has exactly one source", at: node.place, help: help) }
    return nil
  }
}
