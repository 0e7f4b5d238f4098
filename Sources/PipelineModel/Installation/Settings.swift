/// Settings of a backend, already checked against its `SettingsSchema`: types are right, required ones are there.
package struct Settings: Hashable, Sendable {
  package var values: [String: Value]
  package init(_ values: [String: Value] = [:]) { self.values = values }

  package indirect enum Value: Hashable, Sendable {
    case text(String)
    case number(Double)
    case bool(Bool)
    case duration(Interval)
    case list([Value])
    case map(Settings)
    /// The name of a secret; its value is read when it is used.
    case secret(String)
  }

  package subscript(name: String) -> Value? { values[name] }

  package func text(_ name: String) -> String? {
    if case .text(let value)? = values[name] { value } else { nil }
  }
  package func number(_ name: String) -> Double? {
    if case .number(let value)? = values[name] { value } else { nil }
  }
  package func bool(_ name: String) -> Bool? {
    if case .bool(let value)? = values[name] { value } else { nil }
  }
  package func duration(_ name: String) -> Interval? {
    if case .duration(let value)? = values[name] { value } else { nil }
  }
  package func map(_ name: String) -> Settings? {
    if case .map(let value)? = values[name] { value } else { nil }
  }
  package func secret(_ name: String) -> String? {
    if case .secret(let value)? = values[name] { value } else { nil }
  }
}

/// What settings a kind of backend takes. `validate` checks `headgate.yaml` against it and the JSON schema is made from it.
package struct SettingsSchema: Hashable, Sendable {
  package var settings: [Setting]
  package init(_ settings: [Setting]) { self.settings = settings }

  package struct Setting: Hashable, Sendable {
    package var name: String
    package var type: Kind
    package var required: Bool
    /// One sentence, shown by editors and by `validate`.
    package var about: String
    package init(_ name: String, _ type: Kind, required: Bool = false, about: String) {
      self.name = name
      self.type = type
      self.required = required
      self.about = about
    }
  }

  package indirect enum Kind: Hashable, Sendable {
    case text, number, bool, duration
    case oneOf([String])
    /// Text with `${name}` places, of these names.
    case template([String])
    case list(Kind)
    /// Any names, each with a value of one kind, for example environment variables or headers.
    case mapOf(Kind)
    case map(SettingsSchema)
    /// `{ secret: name }`
    case secret
  }
}

/// A kind of backend that this build can serve, as `validate` and the JSON schema need to know it.
package struct BackendKind: Hashable, Sendable {
  package enum Port: String, Hashable, Sendable, CaseIterable {
    case metrics, traffic, deployment, notification, step
  }
  package var name: String
  package var port: Port
  package var about: String
  package var settings: SettingsSchema
  /// For routers: the settings of each entry under `routes:`. `nil` where routes need none.
  package var routeSettings: SettingsSchema?
  /// What must hold among the settings of its routes.
  package var routeRules: [RouteRule]
  /// Of routers that look at one header only: the setting of a route that names it.
  package var headerSetting: String?
  /// Of routers that do not take every header.
  package var headerLimits: HeaderLimits?
  package var capabilities: Set<Capability>
  /// Capabilities it has only where a setting is given, its own or a route's, by the setting's name.
  package var conditional: [Capability: String]
  /// Of kinds whose backends serve one service each: the setting that names it.
  package var serviceSetting: String?
  /// For runners: what they can be asked to do, at least one.
  package var steps: [StepKind]

  package init(
    name: String, port: Port, about: String, settings: SettingsSchema, routeSettings: SettingsSchema? = nil,
    routeRules: [RouteRule] = [], headerSetting: String? = nil, headerLimits: HeaderLimits? = nil,
    capabilities: Set<Capability> = [], conditional: [Capability: String] = [:], serviceSetting: String? = nil,
    steps: [StepKind] = []
  ) {
    self.name = name
    self.port = port
    self.about = about
    self.settings = settings
    self.routeSettings = routeSettings
    self.routeRules = routeRules
    self.headerSetting = headerSetting
    self.headerLimits = headerLimits
    self.capabilities = capabilities
    self.conditional = conditional
    self.serviceSetting = serviceSetting
    self.steps = steps
  }

  /// What a backend with these settings can do.
  ///
  /// - Parameter route: where what counts is what it can do on this route; otherwise, on any.
  package func capabilities(with settings: Settings, route: String? = nil) -> Set<Capability> {
    let routes = (settings.map("routes")?.values ?? [:]).filter { route == nil || $0.key == route }.values
    return capabilities.union(
      conditional.filter { _, name in
        settings[name] != nil || routes.contains { if case .map(let each) = $0 { each[name] != nil } else { false } }
      }.keys)
  }
}

/// What must hold among the settings of a router's routes, beyond what each says for itself.
package enum RouteRule: Hashable, Sendable {
  /// A route has exactly one of these.
  case oneOf([String])
  /// A route that has the first has the second, too.
  case needs(String, String)
  /// Where a route has all of these, no other one has them all alike.
  case own([String])
}

/// What a backend can do beyond the least its port asks.
package enum Capability: String, Hashable, Sendable, CaseIterable {
  /// Metrics: range queries.
  case rangeQueries
  /// Traffic: any weight between 0 and 100 %; without it only 0 and 100.
  case partialWeights
  /// Traffic: can say what weight is set now.
  case readBack
  /// Traffic: can send requests with a certain header to one slot.
  case headerRoute
  /// Traffic: can send copies of requests to the candidate.
  case mirror
}
