import BackendHTTP
import PipelineModel
package import PluginKit

extension BackendFactory<any TrafficRouter> {
  /// Caddy, by its admin API.
  package static var caddy: Self {
    Self(
      kind: BackendKind(
        name: "caddy", port: .traffic, about: "Moves traffic by Caddy's admin API, by repeating upstreams.",
        settings: HTTPSettings.settings(url: "Admin API, such as http://127.0.0.1:2019."),
        routeSettings: SettingsSchema(
          [
            .init("id", .text, required: true, about: "The @id of the reverse_proxy handler."),
            .init("blue", .text, required: true, about: "Address to dial for slot blue, such as 10.0.0.5:8001."),
            .init("green", .text, required: true, about: "Address to dial for slot green."),
            .init("headers", .text, about: "The @id of a route before it, for requests with a header."),
          ], rules: [.differ("blue", "green")]),
        capabilities: [.partialWeights, .readBack], conditional: [.headerRoute: "headers"])
    ) { backend, context throws(Failure) in
      let admin = CaddyAdmin(try HTTPBackend(backend, context, largestAnswer: 1 << 24))
      var routes: [String: CaddyRoute] = [:]
      for (name, value) in (backend.settings.map("routes")?.values ?? [:]).sorted(by: { $0.key < $1.key }) {
        guard case .map(let settings) = value else { continue }
        routes[name] = try CaddyRoute(settings, name: "\(backend.name)/\(name)")
      }
      return CaddyRouter(name: backend.name, admin: admin, routes: routes)
    }
  }
}
