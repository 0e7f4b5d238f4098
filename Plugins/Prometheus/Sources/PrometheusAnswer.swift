import PipelineModel
import PluginKit

/// Turns an HTTP answer into an answer or a failure.
struct PrometheusAnswer {
  var reply: PrometheusReply
  var isRange: Bool

  init(_ reply: PrometheusReply, isRange: Bool) {
    self.reply = reply
    self.isRange = isRange
  }

  func answer() throws(Failure) -> Answer {
    guard reply.status == 200 else { throw refusal() }
    let document = try reply.document()
    guard document.status == "success" else {
      throw Failure(Self.kind(ofError: document.errorType), Self.said(document))
    }
    guard let data = document.data else {
      throw Failure(.misconfigured, "success without data, so this is not a Prometheus: \(reply.excerpt)")
    }
    switch data.result {
    case .vector(let series): return try instant(series)
    case .scalar(let point): return .number(point.value)
    case .matrix(let series): return try range(series)
    case .other:
      throw Failure(.rejected, "the query answers with a \(data.resultType.excerpt(40)), where numbers are needed")
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
      let names = series.prefix(2).map { Self.name(of: $0) }.joined(separator: " and ")
      throw Failure(.rejected, "the query answers with \(series.count) series, \(names) among them; sum them into one")
    }
    guard let one = series.first else { return .list([]) }
    guard let points = one.values else { throw Self.histogram }
    return .list(points.map { .number($0.value) })
  }

  private static let histogram = Failure(
    .rejected, "the query answers with a histogram; put histogram_quantile(…) or histogram_count(…) around it")

  private static func name(of series: PrometheusDocument.Series) -> String {
    let labels = (series.metric ?? [:]).sorted { $0.key < $1.key }.map { "\($0)=\"\($1)\"" }
    return "{\(labels.joined(separator: ","))}".excerpt(120)
  }
}

extension PrometheusAnswer {
  /// What an HTTP status other than 200 means.
  private func refusal() -> Failure {
    switch reply.status {
    case 300..<400:
      return Failure(
        .misconfigured,
        "HTTP \(reply.status), a redirect to \(target); redirects are not followed, so set `url` to the final address")
    case 401, 403:
      return Failure(.misconfigured, "HTTP \(reply.status): the credentials are missing or not accepted")
    case 429, 500...: return Failure(.transient, said)
    case 404, 405, ..<300: return Failure(.misconfigured, "\(said); does `url` lead to a Prometheus?")
    default:
      guard let document = try? reply.document() else { return Failure(.misconfigured, said) }
      return Failure(Self.kind(ofError: document.errorType), "HTTP \(reply.status), \(Self.said(document))")
    }
  }

  /// Where a redirect leads, without what might be a secret in it.
  private var target: String {
    let place = (reply.location ?? "nowhere").prefix { $0 != "?" && $0 != "#" }
    guard let at = place.lastIndex(of: "@") else { return place.excerpt(120) }
    return place[place.index(after: at)...].excerpt(120)
  }

  private var said: String {
    if let document = try? reply.document() { return "HTTP \(reply.status), \(Self.said(document))" }
    return "HTTP \(reply.status): \(reply.excerpt)"
  }

  private static func said(_ document: PrometheusDocument) -> String {
    "\((document.errorType ?? document.status).excerpt(40)): \((document.error ?? "no reason given").excerpt(300))"
  }

  private static func kind(ofError type: String?) -> Failure.Kind {
    switch type {
    case "timeout", "canceled", "unavailable", "internal": .transient
    default: .rejected
    }
  }
}
