import PipelineModel

/// The installation a pipeline is checked against, if any, and what its backends can do.
struct Surroundings {
  let installation: Installation?
  private let kinds: [BackendKind]

  init(_ installation: Installation?, _ kinds: [BackendKind]) {
    self.installation = installation
    self.kinds = kinds
  }

  /// `false` only where it is known that the backend cannot.
  func can(_ backend: String, of port: BackendKind.Port, _ capability: Capability) -> Bool {
    guard let kind = self.kind(of: backend, port) else { return true }
    return kind.capabilities.contains(capability)
  }

  /// `false` only where it is known that the router cannot do it on that route.
  func can(_ route: RouteName, _ capability: Capability) -> Bool {
    guard let kind = self.kind(of: route.router, .traffic),
      let router = backends(.traffic).first(where: { $0.name == route.router })
    else { return true }
    return kind.capabilities(with: router.settings, route: route.route).contains(capability)
  }

  /// The setting that gives the router's kind a capability it has only under a condition.
  func condition(of capability: Capability, on route: RouteName) -> String? {
    kind(of: route.router, .traffic)?.conditional[capability]
  }

  /// The one header that the router looks at on a route; `nil`: any, or there is no telling.
  func header(on route: RouteName) -> (name: String, setting: String)? {
    guard let setting = kind(of: route.router, .traffic)?.headerSetting,
      let router = backends(.traffic).first(where: { $0.name == route.router }),
      case .map(let settings)? = router.settings.map("routes")?.values[route.route], let name = settings.text(setting)
    else { return nil }
    return (name, setting)
  }

  /// Why the router's kind cannot look at a header; `nil`: it can, or there is no telling.
  func refusal(of match: HeaderMatch, on route: RouteName) -> String? {
    kind(of: route.router, .traffic)?.headerLimits?.refusal(of: match)
  }

  /// What a runner can be asked to do; `nil` where there is no telling.
  func steps(of runner: String) -> [StepKind]? { kind(of: runner, .step)?.steps }

  func backends(_ port: BackendKind.Port) -> [Backend] {
    guard let installation else { return [] }
    switch port {
    case .metrics: return installation.providers
    case .traffic: return installation.routers
    case .deployment: return installation.deployers
    case .notification: return installation.notifiers
    case .step: return installation.runners
    }
  }

  /// Names under `routes:` of a router; `nil` where there is no telling.
  func routes(of router: String) -> [String]? {
    guard let backend = backends(.traffic).first(where: { $0.name == router }), backend.fault == nil else { return nil }
    if let routes = backend.settings.map("routes") { return routes.values.keys.sorted() }
    return kind(of: router, .traffic)?.routeSettings == nil ? nil : []
  }

  /// Why a backend cannot serve a service; `nil`: it can, or there is no telling.
  func refusal(of service: String, by name: String, _ port: BackendKind.Port) -> (message: String, help: String)? {
    guard let setting = kind(of: name, port)?.serviceSetting,
      let backend = backends(port).first(where: { $0.name == name })
    else { return nil }
    guard let served = backend.settings.text(setting) else { return nil }
    if served == service { return nil }
    return (
      "\(quote(name)) serves \(quote(served)) and no other service, and this pipeline ships \(quote(service))",
      "backends of the kind \(quote(backend.kind)) serve one service each: give \(quote(service)) one of its own"
    )
  }

  private func kind(of backend: String, _ port: BackendKind.Port) -> BackendKind? {
    guard let found = backends(port).first(where: { $0.name == backend }), found.fault == nil else { return nil }
    return kinds.first { $0.port == port && $0.name == found.kind }
  }

  /// Reports a name that the installation does not have, or that of a backend that cannot be used.
  func check(_ name: Located<String>, _ port: BackendKind.Port, _ noun: String, _ sink: DiagnosticSink) {
    guard installation != nil else { return }
    let known = backends(port).map(\.name)
    if let found = backends(port).first(where: { $0.name == name.value }) {
      return found.fault.map { sink.error("\(noun) \(quote(name.value)) cannot be used: \($0)", at: name.place) } ?? ()
    }
    sink.unknown(noun, name.value, among: known, at: name.place, help: known.isEmpty ? "headgate.yaml names none" : nil)
  }
}
