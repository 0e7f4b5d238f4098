import BackendHTTP
import PipelineModel
package import PluginKit

/// Asks Graphite, or what speaks its API, at `/render`; a query is a target.
///
/// Now: the last value of each series within the interval. A range: the one series, at most a point for each step, the
/// empty places at its end left out since they are still to be filled.
struct GraphiteProvider: MetricProvider {
  var http: HTTPBackend

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    let attempt = "\(http.name) could not answer \(query.metric) at \(http.url)"
    return try await http.send(Self.call(query), within: query.timeout, attempt) { reply throws(Failure) in
      guard reply.status == 200 else { throw reply.refusal() }
      let series = try GraphiteSeries.all(in: reply)
      return query.range == nil ? Self.now(series) : try Self.range(series, reply)
    }
  }

  static func call(_ query: MetricQuery) -> HTTPCall {
    let over = max(1000, query.range?.over.milliseconds ?? query.interval.milliseconds)
    var fields: [HTTPCall.Field] = [
      .init("target", query.text.split(whereSeparator: \.isNewline).joined(separator: " ")), .init("format", "json"),
      .init("from", "\((query.at.milliseconds - over) / 1000)"), .init("until", "\(query.at.milliseconds / 1000)"),
    ]
    if let range = query.range {
      fields.append(.init("maxDataPoints", "\(max(1, range.over.milliseconds / max(1, range.step.milliseconds)))"))
    }
    return HTTPCall(.get, "/render", query: fields)
  }

  private static func now(_ series: [GraphiteSeries]) -> Answer {
    let values = series.map { $0.values.last { $0 != .null } ?? .null }
    return values.count == 1 ? values[0] : .list(values)
  }

  private static func range(_ series: [GraphiteSeries], _ reply: HTTPReply) throws(Failure) -> Answer {
    guard series.count <= 1 else {
      let names = series.prefix(2).map { reply.quoted($0.name, 60) }.joined(separator: " and ")
      throw Failure(
        .rejected, "the target answers with \(series.count) series, \(names) among them; put sumSeries(…) around it")
    }
    return .list(series.first?.values.withoutMissingAtTheEnd ?? [])
  }
}

/// `{"target": …, "datapoints": [[value, seconds], …]}`
struct GraphiteSeries {
  var name: String
  /// In the order of their times; `null` where nothing was stored.
  var values: [Answer]

  static func all(in reply: HTTPReply) throws(Failure) -> [GraphiteSeries] {
    let strange = Failure(
      .misconfigured, "HTTP 200 with JSON, but none that a Graphite writes: \(reply.excerpt)")
    guard let items = try reply.json().items else { throw strange }
    return try items.map { item throws(Failure) in
      guard let name = item["target"]?.text, let points = item["datapoints"]?.items else { throw strange }
      return GraphiteSeries(
        name: name,
        values: try points.map { point throws(Failure) in
          guard let pair = point.items, pair.count == 2, pair[0].number != nil || pair[0] == .null,
            pair[1].number != nil
          else { throw strange }
          return pair[0]
        })
    }
  }
}

extension BackendFactory<any MetricProvider> {
  /// Graphite, and what speaks its render API.
  package static var graphite: Self {
    Self(
      kind: BackendKind(
        name: "graphite", port: .metrics, about: "Asks Graphite, or anything that speaks its render API.",
        settings: HTTPSettings.settings(url: "Such as http://graphite:8080, with its path prefix."),
        capabilities: [.rangeQueries])
    ) { backend, context throws(Failure) in
      GraphiteProvider(http: try HTTPBackend(backend, context))
    }
  }
}
