/// What `headgate.yaml` describes: the backends of one installation, so that one pipeline serves many.
package struct Installation: Hashable, Sendable {
  /// Path of the store, relative paths resolved against the file's folder.
  package var store: String
  package var providers: [Backend]
  package var routers: [Backend]
  package var deployers: [Backend]
  package var notifiers: [Backend]
  /// Who does the stages of one's own.
  package var runners: [Backend]
  package var secrets: [Secret]
  /// Who holds which role: used by approvals.
  package var roles: [Role]
  /// Names in it whose values could not be read; there are none of them in what is used. Whoever checks another file against
  /// it does not tell of these that they are unknown.
  package var unread: Set<String> = []
  /// The roles that may claim a kind of change for a run; a kind that is not there may be claimed by anybody.
  package var changes: [ChangeKind: [String]]
  /// The roles that may promote a run past its gates; `nil`: anybody may, with a reason.
  package var overrides: [String]?
  /// Programs that serve further kinds of backends.
  package var plugins: [InstalledPlugin]
  /// Who is told of the runs of every pipeline.
  package var notify: [Subscription]
  /// How `headgate serve` serves.
  package var serve: Serving
  /// Who may do what to flags.
  package var flags: FlagPolicy
  /// Who may act in another's name.
  package var people: PeoplePolicy
  /// Who may declare freezes, and end them.
  package var freezes: FreezePolicy
  /// How the audit log is signed for, and whose reading of it is written down.
  package var audit: AuditPolicy

  package init(
    store: String, providers: [Backend] = [], routers: [Backend] = [], deployers: [Backend] = [],
    notifiers: [Backend] = [], runners: [Backend] = [], secrets: [Secret] = [], roles: [Role] = [],
    changes: [ChangeKind: [String]] = [:], overrides: [String]? = nil,
    plugins: [InstalledPlugin] = [], notify: [Subscription] = [], serve: Serving = Serving(),
    flags: FlagPolicy = FlagPolicy(), people: PeoplePolicy = PeoplePolicy(), freezes: FreezePolicy = FreezePolicy(),
    audit: AuditPolicy = AuditPolicy()
  ) {
    self.store = store
    self.providers = providers
    self.routers = routers
    self.deployers = deployers
    self.notifiers = notifiers
    self.runners = runners
    self.secrets = secrets
    self.roles = roles
    self.changes = changes
    self.overrides = overrides
    self.plugins = plugins
    self.notify = notify
    self.serve = serve
    self.flags = flags
    self.people = people
    self.freezes = freezes
    self.audit = audit
  }

  /// The kinds of backends that its plugins serve.
  package var pluginKinds: [BackendKind] { plugins.flatMap { $0.manifest.kinds.map(\.kind) } }

  package struct Role: Hashable, Sendable {
    package var name: String
    package var members: [String]
    package init(name: String, members: [String]) {
      self.name = name
      self.members = members
    }
  }
}

/// A configured backend: a name for pipelines to use, a kind that says which plugin serves it, and its settings.
package struct Backend: Hashable, Sendable {
  package var name: String
  package var kind: String
  package var settings: Settings
  /// `nil`: as is usual for its port.
  package var resilience: ResiliencePolicy?
  /// Of a provider: the name of another one, which is asked when this one does not answer.
  package var fallback: String?
  /// Why it cannot be used, with its place in headgate.yaml; `nil`: nothing is known against it. Only where the file was
  /// read so that one bad backend keeps no other from being used.
  package var fault: String?

  package init(
    name: String, kind: String, settings: Settings, resilience: ResiliencePolicy? = nil, fallback: String? = nil,
    fault: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.settings = settings
    self.resilience = resilience
    self.fallback = fallback
    self.fault = fault
  }
}

/// Where a secret's value comes from. The value itself is never part of any model.
package struct Secret: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    case environment(String)
    case file(String)
    case command(String)
  }
  package var name: String
  package var source: Source
  package init(name: String, source: Source) {
    self.name = name
    self.source = source
  }
}
