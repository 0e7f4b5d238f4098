import BackendHTTP
import PipelineModel
package import PluginKit

extension BackendFactory<any MetricProvider> {
  /// Prometheus, and what speaks its HTTP API.
  package static var prometheus: Self {
    Self(
      kind: BackendKind(
        name: "prometheus", port: .metrics, about: "Asks Prometheus, or anything that speaks its HTTP API.",
        settings: HTTPSettings.settings(url: "Such as http://prometheus:9090, with its path prefix.") + [
          .init(
            "warnings", .oneOf(["tell", "refuse"]),
            about: "What an answer with warnings is, which may be partial: told of, or no answer; tell unless given.")
        ],
        capabilities: [.rangeQueries])
    ) { backend, context throws(Failure) in
      PrometheusProvider(
        http: try HTTPBackend(backend, context), refusesWarnings: backend.settings.text("warnings") == "refuse")
    }
  }
}
