import BackendHTTP
import PipelineModel
import PluginKit

/// Asks a Prometheus, or anything that speaks its HTTP API, at `/api/v1/query` and `/api/v1/query_range`.
struct PrometheusProvider: MetricProvider {
  var http: HTTPBackend
  /// Whether an answer that comes with warnings is taken for none.
  var refusesWarnings = false

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer { try await ask(query).answer }

  func ask(_ query: MetricQuery) async throws(Failure) -> Sample {
    let limit = min(query.timeout, http.timeout)
    let path = query.range == nil ? "query" : "query_range"
    let call = HTTPCall(.post, "/api/v1/\(path)", headers: [.init("Accept", "application/json")])
      .sending(form: PrometheusForm.fields(of: query, timeout: limit))
    let attempt = "\(http.name) could not answer \(query.metric) at \(http.url)"
    return try await http.send(call, within: limit, attempt) { reply throws(Failure) in
      try PrometheusAnswer(reply, isRange: query.range != nil, refusesWarnings: refusesWarnings).sample()
    }
  }
}
