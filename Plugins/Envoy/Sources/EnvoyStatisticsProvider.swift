import BackendHTTP
import PipelineModel
package import PluginKit

/// Answers from Envoy's own statistics, without a metric store.
///
/// Envoy has totals since its start; an increase is the difference to a reading that this provider made about an interval
/// before. After a start of Envoy or of this controller there is none yet: the answer is an empty list. Envoy puts
/// latencies into its histograms every five seconds (`stats_flush_interval`).
struct EnvoyStatisticsProvider: MetricProvider {
  var http: HTTPBackend
  var readings = CounterReadings()
  var now: @Sendable () -> Timestamp

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    let attempt = "\(http.name) could not answer \(query.metric) at \(http.url)"
    do throws(Failure) {
      guard query.range == nil else {
        throw Failure(.rejected, "Envoy keeps no past; take out `range`, and use `increase(…)` over the interval")
      }
      let measure = try EnvoyStatisticsQuestion(query.text)
      let statistics = try await statistics(measure.names, query.timeout)
      return try await answer(measure, statistics, query)
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  private func answer(
    _ question: EnvoyStatisticsQuestion, _ statistics: EnvoyStatistics, _ query: MetricQuery
  ) async throws(Failure) -> Answer {
    var counters: [String: Double] = [:]
    for name in question.names {
      if case .latency = question.measure {
        counters = try known(statistics.buckets(name), name)
      } else {
        // A cluster has no statistic of answers from 500 up before its first one.
        let isErrors = name.hasSuffix("upstream_rq_5xx") && question.names.count > 1
        counters[name] = try known(statistics.value(name) ?? (isErrors ? 0 : nil), name)
      }
    }
    if case .statistic(let name) = question.measure { return counters[name].map(Answer.number) ?? .list([]) }
    let time = now()
    let uptime = try await uptime(query.timeout)
    let began = Timestamp(milliseconds: now().milliseconds - Int64(uptime * 1000))
    let reading = CounterReading(
      subject: question.names.joined(separator: " "), counters: counters, time: time,
      began: began)
    let increase = readings.increase(to: reading, over: query.interval)
    return increase.flatMap { Self.value(question, $0) }.map(Answer.number) ?? .list([])
  }

  private static func value(_ question: EnvoyStatisticsQuestion, _ increase: CounterIncrease) -> Double? {
    let rises = question.names.map { increase.counters[$0] }
    switch question.measure {
    case .errors: return rises[1]
    case .requests, .increase: return rises[0]
    case .errorRatio: return rises[0].flatMap { all in rises[1].map { $0 / all } }
    case .rate: return rises[0].map { $0 / increase.seconds }
    // Envoy measures in milliseconds.
    case .latency(let percent, _):
      return EnvoyStatistics.quantile(percent, of: increase.counters).map { $0 / 1000 }
    case .statistic: return nil
    }
  }

  private func known<Value>(_ value: Value?, _ name: String) throws(Failure) -> Value {
    guard let value else { throw Failure(.rejected, "Envoy has no statistic \"\(name.excerpt(120))\"; see /stats") }
    return value
  }

  private func statistics(_ names: [String], _ limit: Interval) async throws(Failure) -> EnvoyStatistics {
    let escaped = names.map { name in
      name.reduce(into: "") { text, character in
        if ".|()".contains(character) { text += "\\" }
        text.append(character)
      }
    }
    let call = HTTPCall(
      .get, "/stats",
      query: [
        .init("format", "json"), .init("histogram_buckets", "disjoint"),
        .init("filter", "^(\(escaped.joined(separator: "|")))$"),
      ])
    return try await http.send(call, within: limit, "its statistics") { reply throws(Failure) in
      guard reply.status == 200 else { throw reply.refusal() }
      return try EnvoyStatistics(try reply.json())
    }
  }

  /// Seconds since this Envoy began.
  private func uptime(_ limit: Interval) async throws(Failure) -> Double {
    try await http.send(HTTPCall(.get, "/server_info"), within: limit, "its age") { reply throws(Failure) in
      guard reply.status == 200 else { throw reply.refusal() }
      guard let text = try reply.json()["uptime_current_epoch"]?.text, text.hasSuffix("s"),
        let seconds = Double(text.dropLast()), 0..<1e12 ~= seconds
      else { throw Failure(.misconfigured, "its /server_info has no uptime_current_epoch") }
      return seconds
    }
  }
}

extension BackendFactory<any MetricProvider> {
  /// Envoy's own statistics, by its admin interface.
  package static var envoy: Self {
    Self(
      kind: BackendKind(
        name: "envoy", port: .metrics,
        about: "Answers from Envoy's own statistics; a query is `errorRatio of cluster` or `p95 of cluster`.",
        settings: HTTPSettings.settings(url: "Admin interface, such as http://127.0.0.1:9901."))
    ) { backend, context throws(Failure) in
      EnvoyStatisticsProvider(http: try HTTPBackend(backend, context, largestAnswer: 1 << 24), now: context.now)
    }
  }
}
