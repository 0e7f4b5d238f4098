import PipelineModel
package import PluginKit

extension BackendFactory<any TrafficRouter> {
  /// HAProxy, by its runtime API.
  package static var haproxy: Self {
    Self(
      kind: BackendKind(
        name: "haproxy", port: .traffic, about: "Moves traffic by HAProxy's runtime API, without a reload.",
        settings: SettingsSchema(
          [
            .init("socket", .text, about: "Path of the stats socket, which needs `level admin`."),
            .init("address", .text, .hostAndPort, about: "host:port of the stats socket, where it is not a file."),
            .init("timeout", .duration, about: "Longest one command may take; 5s unless given."),
            .init("stateFile", .text, about: "HAProxy's server-state-file, to write so that a reload keeps weights."),
            .init("keepMaps", .bool, about: "Whether maps are written to their files, so that a reload keeps them."),
          ], rules: [.oneOf(["socket", "address"])]),
        routeSettings: SettingsSchema(
          [
            .init("backend", .text, HAProxyRoute.word, about: "Backend whose two servers share by weight."),
            .init(
              "map", .text, HAProxyRoute.word,
              about: "Map that splits the traffic, its path as HAProxy's configuration has it."),
            .init("key", .text, HAProxyRoute.word, about: "Entry of the map."),
            .init("slot", .oneOf(["blue", "green"]), about: "Slot whose share the map holds; green unless given."),
            .init("blue", .text, HAProxyRoute.word, about: "Server, or with `map` the backend, of slot blue."),
            .init("green", .text, HAProxyRoute.word, about: "Server, or with `map` the backend, of slot green."),
            .init(
              "header", .text, HAProxyRoute.word,
              about: "Header whose values HAProxy's configuration looks up in `headers`."),
            .init(
              "headers", .text, HAProxyRoute.word,
              about: "Map from that header's values to blue or green, of this route alone."),
          ],
          rules: [
            .oneOf(["backend", "map"]), .needs("backend", "blue"), .needs("backend", "green"), .needs("blue", "green"),
            .needs("green", "blue"), .needs("map", "key"), .needs("key", "map"), .needs("slot", "map"),
            .needs("header", "headers"), .needs("headers", "header"), .differ("blue", "green"),
          ]),
        distinctRoutes: [["headers"], ["map", "key"]],
        headerSetting: "header", capabilities: [.partialWeights, .readBack], conditional: [.headerRoute: "headers"])
    ) { backend, context throws(Failure) in
      let socket = RuntimeSocket(
        try address(backend, context), timeout: backend.settings.duration("timeout") ?? .seconds(5))
      let keeping = HAProxyKeeping(
        stateFile: backend.settings.text("stateFile").map { WholeFile(resolved($0, context)) },
        keepsMaps: backend.settings.bool("keepMaps") ?? false)
      return HAProxyRouter(
        name: backend.name, socket: socket, routes: try routes(backend), headers: try headers(backend),
        keeping: keeping)
    }
  }
}

private func resolved(_ path: String, _ context: BackendContext) -> String {
  path.hasPrefix("/") ? path : "\(context.baseDirectory)/\(path)"
}

func address(_ backend: Backend, _ context: BackendContext) throws(Failure) -> RuntimeSocket.Address {
  switch (backend.settings.text("socket"), backend.settings.text("address")) {
  case (let path?, nil):
    return .unix(path: resolved(path, context))
  case (nil, let address?):
    guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]),
      (1...65_535).contains(port), colon != address.startIndex
    else {
      throw Failure(.misconfigured, "\(backend.name): `address` is \"\(address)\"; write host:port")
    }
    let host = address[..<colon].trimmingPrefix("[")
    return .tcp(host: String(host.hasSuffix("]") ? host.dropLast() : host), port: port)
  default:
    throw Failure(.misconfigured, "\(backend.name): give either `socket` (a path) or `address` (host:port)")
  }
}

private func routes(_ backend: Backend) throws(Failure) -> [String: HAProxyRoute] {
  var routes: [String: HAProxyRoute] = [:]
  for (name, value) in (backend.settings.map("routes")?.values ?? [:]).sorted(by: { $0.key < $1.key }) {
    guard case .map(let settings) = value else { continue }
    routes[name] = try HAProxyRoute(settings, name: "\(backend.name)/\(name)")
  }
  return routes
}

private func headers(_ backend: Backend) throws(Failure) -> [String: HAProxyHeaderMap] {
  var headers: [String: HAProxyHeaderMap] = [:]
  for (name, value) in (backend.settings.map("routes")?.values ?? [:]).sorted(by: { $0.key < $1.key }) {
    guard case .map(let settings) = value else { continue }
    headers[name] = try HAProxyHeaderMap(settings, name: "\(backend.name)/\(name)")
  }
  return headers
}
