import PipelineModel
package import PluginKit

/// Answers from HAProxy's own counters, without a metric store.
///
/// HAProxy has totals since its start; an increase is the difference to a reading that this provider made about an
/// interval before. After a start, a reload or a cleared counter there is none yet: the answer is an empty list.
struct HAProxyStatisticsProvider: MetricProvider {
  var name: String
  var socket: RuntimeSocket
  var readings = CounterReadings()
  var now: @Sendable () -> Timestamp

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    do throws(Failure) {
      guard query.range == nil else {
        throw Failure(.rejected, "HAProxy keeps no past; take out `range`, and use `increase(…)` over the interval")
      }
      let question = try HAProxyStatisticsQuestion(query.text)
      var socket = socket
      socket.timeout = min(socket.timeout, query.timeout)
      let text = try await socket.ask("show info; show stat \(question.proxy) -1 -1")
      let statistics = try HAProxyStatistics(text)
      return try answer(question, try statistics.row(question.server), statistics.uptime, query.interval)
    } catch {
      throw error.told("\(name) could not answer \(query.metric): \(error.message)")
    }
  }

  private func answer(
    _ question: HAProxyStatisticsQuestion, _ row: HAProxyStatistics.Row, _ uptime: Double, _ interval: Interval
  ) throws(Failure) -> Answer {
    switch question.measure {
    case .column(let column): return try row.number(column).map(Answer.number) ?? .list([])
    case .latency, .errors, .requests, .errorRatio, .rate, .increase: break
    }
    let counted: [String]
    if case .increase(let column) = question.measure { counted = [column] } else { counted = HAProxyStatistics.answers }
    var counters: [String: Double] = [:]
    for column in counted { counters[column] = try row.number(column) }
    let time = now()
    let reading = CounterReading(
      subject: "\(question.proxy)/\(question.server) \(counted[0])", counters: counters, time: time,
      began: Timestamp(milliseconds: time.milliseconds - Int64(uptime * 1000)))
    guard let increase = readings.increase(to: reading, over: interval) else { return .list([]) }
    if case .latency = question.measure { return try latency(row, increase) }
    return value(question.measure, increase).map(Answer.number) ?? .list([])
  }

  /// HAProxy's mean stays at what it was, or at 0, while there are no requests; then there is no latency.
  private func latency(_ row: HAProxyStatistics.Row, _ increase: CounterIncrease) throws(Failure) -> Answer {
    guard increase.counters.values.reduce(0, +) > 0 else { return .list([]) }
    return try row.number("rtime").map { .number($0 / 1000) } ?? .list([])
  }

  private func value(_ measure: HAProxyStatisticsQuestion.Measure, _ increase: CounterIncrease) -> Double? {
    let all = increase.counters.values.reduce(0, +)
    let errors = increase.counters["hrsp_5xx"]
    switch measure {
    case .increase(let column): return increase.counters[column]
    case .errors: return errors
    case .requests: return increase.counters.isEmpty ? nil : all
    case .errorRatio: return errors.map { $0 / all }
    case .rate: return increase.counters.isEmpty ? nil : all / increase.seconds
    case .latency, .column: return nil
    }
  }
}

extension BackendFactory<any MetricProvider> {
  /// HAProxy's own counters, by its runtime API.
  package static var haproxy: Self {
    Self(
      kind: BackendKind(
        name: "haproxy", port: .metrics,
        about: "Answers from HAProxy's own counters; a query is `errorRatio of proxy/server`.",
        settings: SettingsSchema([
          .init("socket", .text, about: "Path of the stats socket; `level user` is enough."),
          .init("address", .text, about: "host:port of the stats socket, where it is not a file."),
          .init("timeout", .duration, about: "Longest wait for one answer; 5s unless given."),
        ]))
    ) { backend, context throws(Failure) in
      HAProxyStatisticsProvider(
        name: backend.name,
        socket: RuntimeSocket(
          try address(backend, context), timeout: backend.settings.duration("timeout") ?? .seconds(5)),
        now: context.now)
    }
  }
}
