import BackendHTTP
import PipelineModel
package import PluginKit

extension BackendFactory<any MetricProvider> {
  /// Any endpoint that answers with JSON.
  package static var http: Self {
    Self(
      kind: BackendKind(
        name: "http", port: .metrics,
        about: "Asks any endpoint that answers with JSON; a query is `GET /place $.path.to.value`.",
        settings: HTTPSettings.settings(url: "Such as https://stats.example/api; queries go under it."))
    ) { backend, context throws(Failure) in
      HTTPProvider(http: try HTTPBackend(backend, context))
    }
  }
}
