import BackendHTTP
import PipelineModel
package import PluginKit

extension BackendFactory<any TrafficRouter> {
  /// Envoy, by its runtime or by a file of routes that it watches.
  package static var envoy: Self {
    Self(
      kind: BackendKind(
        name: "envoy", port: .traffic,
        about: "Moves traffic by Envoy's weighted clusters, set in its runtime or in a file that it watches.",
        settings: HTTPSettings.settings(url: "Admin interface, such as http://127.0.0.1:9901."),
        routeSettings: SettingsSchema(
          [
            .init("runtime", .text, about: "The runtime_key_prefix of the route's weighted_clusters."),
            .init("file", .text, EnvoyRoute.file, about: "JSON file of route configurations (RDS) that Envoy watches."),
            .init("configuration", .text, about: "Name of the route configuration, where the file has several."),
            .init("blue", .text, required: true, about: "Cluster of slot blue."),
            .init("green", .text, required: true, about: "Cluster of slot green."),
          ], rules: [.oneOf(["runtime", "file"]), .needs("configuration", "file"), .differ("blue", "green")]),
        capabilities: [.partialWeights, .readBack], conditional: [.headerRoute: "file", .mirror: "file"])
    ) { backend, context throws(Failure) in
      // A dump of all routes of a large mesh has some megabytes.
      let admin = try HTTPBackend(backend, context, largestAnswer: 1 << 26)
      return EnvoyRouter(
        name: backend.name, admin: EnvoyAdmin(backend: admin), routes: try routes(backend, context),
        patience: admin.timeout)
    }
  }
}

private func routes(_ backend: Backend, _ context: BackendContext) throws(Failure) -> [String: EnvoyRoute] {
  var routes: [String: EnvoyRoute] = [:]
  for (name, value) in (backend.settings.map("routes")?.values ?? [:]).sorted(by: { $0.key < $1.key }) {
    guard case .map(let settings) = value else { continue }
    routes[name] = try EnvoyRoute(settings, name: "\(backend.name)/\(name)", base: context.baseDirectory)
  }
  return routes
}
