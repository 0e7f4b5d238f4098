import BackendHTTP
import PipelineModel
import PluginKit

/// Turns an HTTP answer into an answer or a failure.
struct PrometheusAnswer {
  var reply: HTTPReply
  var isRange: Bool
  /// Whether an answer that comes with warnings is taken for none.
  var refusesWarnings: Bool

  init(_ reply: HTTPReply, isRange: Bool, refusesWarnings: Bool = false) {
    self.reply = reply
    self.isRange = isRange
    self.refusesWarnings = refusesWarnings
  }

  func sample() throws(Failure) -> Sample {
    guard reply.status == 200 else { throw refusal() }
    let document = try self.document()
    let warnings = (document.warnings ?? []).map { reply.quoted($0, 300) }
    if refusesWarnings, let first = warnings.first {
      throw Failure(.transient, "it answers with a warning, so perhaps not with the whole answer: \(first)")
    }
    return Sample(answer: try answer(document), warnings: warnings)
  }

  private func answer(_ document: PrometheusDocument) throws(Failure) -> Answer {
    guard document.status == "success" else {
      throw Failure(Self.kind(ofError: document.errorType), said(document))
    }
    guard let data = document.data else {
      throw Failure(.misconfigured, "success without data, so this is not a Prometheus: \(reply.excerpt)")
    }
    switch data.result {
    case .vector(let series): return try instant(series)
    case .scalar(let point): return .number(point.value)
    case .matrix(let series): return try range(series)
    case .other:
      throw Failure(
        .rejected, "the query answers with a \(reply.quoted(data.resultType, 40)), where numbers are needed")
    }
  }

  private func instant(_ series: [PrometheusDocument.Series]) throws(Failure) -> Answer {
    let numbers = try series.map { one throws(Failure) in
      guard let point = one.value else { throw Self.histogram }
      return Answer.number(point.value)
    }
    return numbers.count == 1 ? numbers[0] : .list(numbers)
  }

  private func range(_ series: [PrometheusDocument.Series]) throws(Failure) -> Answer {
    guard isRange else {
      throw Failure(
        .rejected,
        "the query answers with a range; drop the range selector at its end, such as [5m], or put a function around it")
    }
    guard series.count <= 1 else {
      let names = series.prefix(2).map { name(of: $0) }.joined(separator: " and ")
      throw Failure(.rejected, "the query answers with \(series.count) series, \(names) among them; sum them into one")
    }
    guard let one = series.first else { return .list([]) }
    guard let points = one.values else { throw Self.histogram }
    return .list(points.map { .number($0.value) })
  }

  private static let histogram = Failure(
    .rejected, "the query answers with a histogram; put histogram_quantile(…) or histogram_count(…) around it")

  private func name(of series: PrometheusDocument.Series) -> String {
    let labels = (series.metric ?? [:]).sorted { $0.key < $1.key }.map { "\($0)=\"\($1)\"" }
    return reply.quoted("{\(labels.joined(separator: ","))}", 120)
  }
}

extension PrometheusAnswer {
  private func document() throws(Failure) -> PrometheusDocument {
    try reply.document(PrometheusDocument.self, of: "a Prometheus")
  }

  /// What an HTTP status other than 200 means.
  private func refusal() -> Failure {
    guard let document = try? self.document() else { return reply.refusal(other: .misconfigured) }
    return reply.refusal(said(document), other: Self.kind(ofError: document.errorType))
  }

  private func said(_ document: PrometheusDocument) -> String {
    let type = reply.quoted(document.errorType ?? document.status, 40)
    return "\(type): \(reply.quoted(document.error ?? "no reason given", 300))"
  }

  private static func kind(ofError type: String?) -> Failure.Kind {
    switch type {
    case "timeout", "canceled", "unavailable", "internal": .transient
    default: .rejected
    }
  }
}
