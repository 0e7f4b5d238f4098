/// What `headgate.yaml` describes: the backends of one installation, so that one pipeline serves many.
package struct Installation: Hashable, Sendable {
  /// Path of the store, relative paths resolved against the file's folder.
  package var store: String
  package var providers: [Backend]
  package var routers: [Backend]
  package var deployers: [Backend]
  package var notifiers: [Backend]
  package var secrets: [Secret]
  /// Who holds which role: used by approvals.
  package var roles: [Role]
  /// Programs that serve further kinds of backends.
  package var plugins: [InstalledPlugin]

  package init(
    store: String, providers: [Backend] = [], routers: [Backend] = [], deployers: [Backend] = [],
    notifiers: [Backend] = [], secrets: [Secret] = [], roles: [Role] = [], plugins: [InstalledPlugin] = []
  ) {
    self.store = store
    self.providers = providers
    self.routers = routers
    self.deployers = deployers
    self.notifiers = notifiers
    self.secrets = secrets
    self.roles = roles
    self.plugins = plugins
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
  package init(name: String, kind: String, settings: Settings) {
    self.name = name
    self.kind = kind
    self.settings = settings
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
