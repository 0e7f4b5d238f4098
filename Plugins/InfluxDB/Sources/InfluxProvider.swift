import BackendHTTP
import PipelineModel
package import PluginKit

/// Asks an InfluxDB that speaks InfluxQL at `/query`: 1.x, and 2 or 3 by their compatibility.
struct InfluxProvider: MetricProvider {
  var http: HTTPBackend
  var database: String
  var retentionPolicy: String?

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    let attempt = "\(http.name) could not answer \(query.metric) at \(http.url)"
    let statement: InfluxStatement
    do throws(Failure) {
      statement = try InfluxStatement(query)
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
    var fields: [HTTPCall.Field] = [.init("db", database), .init("epoch", "ms"), .init("q", statement.text)]
    if let retentionPolicy { fields.append(.init("rp", retentionPolicy)) }
    // A GET, which the server takes for reading only.
    let call = HTTPCall(.get, "/query", query: fields, headers: [.init("Accept", "application/json")])
    return try await http.send(call, within: query.timeout, attempt) { reply throws(Failure) in
      try InfluxAnswer(reply: reply).answer(isRange: query.range != nil)
    }
  }
}

extension BackendFactory<any MetricProvider> {
  /// InfluxDB by InfluxQL.
  package static var influxdb: Self {
    Self(
      kind: BackendKind(
        name: "influxdb", port: .metrics, about: "Asks InfluxDB in InfluxQL.",
        settings: HTTPSettings.settings(url: "Such as http://influxdb:8086.") + [
          .init("database", .text, required: true, about: "The database that is asked."),
          .init("retentionPolicy", .text, about: "The database's default unless given."),
        ],
        capabilities: [.rangeQueries])
    ) { backend, context throws(Failure) in
      InfluxProvider(
        http: try HTTPBackend(backend, context), database: backend.settings.text("database") ?? "",
        retentionPolicy: backend.settings.text("retentionPolicy"))
    }
  }
}
