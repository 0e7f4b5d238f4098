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
  /// Where a route has all of one of these lists, no other route has them all alike.
  package var distinctRoutes: [[String]]
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
    distinctRoutes: [[String]] = [], headerSetting: String? = nil, headerLimits: HeaderLimits? = nil,
    capabilities: Set<Capability> = [], conditional: [Capability: String] = [:], serviceSetting: String? = nil,
    steps: [StepKind] = []
  ) {
    self.name = name
    self.port = port
    self.about = about
    self.settings = settings
    self.routeSettings = routeSettings
    self.distinctRoutes = distinctRoutes
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
