import BackendHTTP
import PipelineModel
package import PluginKit

extension BackendFactory<any Notifier> {
  /// Prometheus Alertmanager, by its API v2.
  package static var alertmanager: Self {
    Self(
      kind: BackendKind(
        name: "alertmanager", port: .notification,
        about: "Raises an alert while a run is degraded, and resolves it when that is over.",
        settings: HTTPSettings.settings(url: "Such as http://alertmanager:9093, with its path prefix.") + [
          .init("labels", .mapOf(.text), label, about: "More labels for every alert, for its routes."),
          .init(
            "resolveAfter", .duration,
            about: "When an alert that nobody resolves or raises again is over; 1h unless given."),
        ] + NoticeTemplates.settings)
    ) { backend, context throws(Failure) in
      AlertmanagerNotifier(
        http: try HTTPBackend(backend, context), labels: try labels(of: backend),
        resolveAfter: backend.settings.duration("resolveAfter") ?? .hours(1),
        templates: try NoticeTemplates(backend))
    }
  }

  private static var label: SettingFormat {
    .matching("[A-Za-z_][A-Za-z0-9_]*", example: "team", help: "use letters, digits and `_`, no digit first")
  }

  private static func labels(of backend: Backend) throws(Failure) -> [String: String] {
    var labels: [String: String] = [:]
    for (name, value) in backend.settings.map("labels")?.values ?? [:] {
      guard case .text(let text) = value, AlertmanagerNotifier.isLabel(name) else {
        throw Failure(
          .misconfigured, "\(backend.name): \"\(name)\" cannot be a label; use letters, digits and `_`, no digit first")
      }
      labels[name] = text
    }
    return labels
  }
}
