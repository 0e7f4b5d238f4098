import KubernetesClient
import PipelineModel
package import PluginKit

extension BackendFactory<any TrafficRouter> {
  /// The Gateway API of Kubernetes, by its API server.
  package static var kubernetes: Self {
    Self(
      kind: BackendKind(
        name: "kubernetes", port: .traffic, about: "Moves traffic by the weights of a Gateway API HTTPRoute.",
        settings: KubernetesClient.settings + [
          .init(
            "write", .oneOf(KubernetesRouter.Writing.allCases.map(\.rawValue)),
            about: "By a merge patch (patch), server-side apply (apply), or one that takes rules over (takeOver)."),
          .init("waitForGateways", .bool, about: "Whether gateways must have seen a change; true unless given."),
        ],
        routeSettings: SettingsSchema(
          [
            .init("route", .text, KubernetesName.format, required: true, about: "Name of the HTTPRoute."),
            .init("namespace", .text, KubernetesName.format, about: "Its namespace, where it is not the router's."),
            .init("blue", .text, required: true, about: "Service of slot blue, among the rule's backendRefs."),
            .init("green", .text, required: true, about: "Service of slot green."),
          ], rules: [.differ("blue", "green")]),
        capabilities: [.partialWeights, .readBack, .headerRoute, .mirror])
    ) { backend, context throws(Failure) in
      let (client, namespace) = try KubernetesClient.make(backend, context)
      var routes: [String: KubernetesRoute] = [:]
      for (name, value) in (backend.settings.map("routes")?.values ?? [:]).sorted(by: { $0.key < $1.key }) {
        guard case .map(let settings) = value else { continue }
        routes[name] = try KubernetesRoute(settings, name: "\(backend.name)/\(name)", namespace: namespace)
      }
      return KubernetesRouter(
        name: backend.name, client: client, routes: routes,
        writing: backend.settings.text("write").flatMap(KubernetesRouter.Writing.init(rawValue:)) ?? .patch,
        waitsForGateways: backend.settings.bool("waitForGateways") ?? true, patience: client.timeout)
    }
  }
}
