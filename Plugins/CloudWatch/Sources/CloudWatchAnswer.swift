import BackendHTTP
import PipelineModel
import PluginKit

/// What GetMetricData answers.
struct CloudWatchAnswer {
  var reply: HTTPReply

  /// - Parameter isRange: whether the points of one series are wanted, or the one value of each.
  func answer(isRange: Bool) throws(Failure) -> Answer {
    guard reply.status == 200 else { throw refusal() }
    let document = try reply.json()
    guard let results = document["MetricDataResults"]?.items else { throw strange }
    if let next = document["NextToken"]?.text, !next.isEmpty {
      throw Failure(.rejected, "the answer has more than one page; ask for fewer series or a shorter range")
    }
    let series = try results.map { result throws(Failure) in try values(of: result) }
    guard isRange else {
      let values = series.filter { !$0.isEmpty }.map { $0[$0.count - 1] }
      return values.count == 1 ? values[0] : .list(values)
    }
    guard series.count <= 1 else {
      throw Failure(.rejected, "the query answers with \(series.count) series; put SUM(…) around it")
    }
    return .list(series.first ?? [])
  }

  private func values(of result: Answer) throws(Failure) -> [Answer] {
    switch result["StatusCode"]?.text {
    case nil, "Complete"?: break
    case "Forbidden"?: throw Failure(.misconfigured, "CloudWatch says Forbidden\(message(of: result))")
    case let status?:
      // Half of the data is not the truth; the next look asks again.
      throw Failure(.transient, "CloudWatch says \(reply.quoted(status, 40))\(message(of: result))")
    }
    guard let values = result["Values"]?.items, values.allSatisfy({ $0.number != nil }) else { throw strange }
    return values
  }

  private func message(of result: Answer) -> String {
    let texts = (result["Messages"]?.items ?? []).compactMap { $0["Value"]?.text }
    return texts.isEmpty ? "" : ": \(reply.quoted(texts.joined(separator: "; "), 200))"
  }

  /// What a status other than 200 means; AWS's own words are `{"__type": "…#Code", "message": …}`.
  private func refusal() -> Failure {
    guard let document = try? reply.json(), let type = document["__type"]?.text else { return reply.refusal() }
    let code = type.split(separator: "#").last.map(String.init) ?? type
    let words = document["message"]?.text ?? document["Message"]?.text
    let said = reply.quoted(words.map { "\(code): \($0)" } ?? code, 300)
    let refused = ["AccessDenied", "UnrecognizedClient", "InvalidClientToken", "Signature", "ExpiredToken", "OptIn"]
    if refused.contains(where: { code.contains($0) }) {
      return Failure(.misconfigured, "HTTP \(reply.status), \(said)")
    }
    if ["Throttl", "LimitExceeded", "ServiceUnavailable"].contains(where: { code.contains($0) }) {
      return Failure(.transient, "HTTP \(reply.status), \(said)", retryAfter: reply.retryAfter)
    }
    return reply.refusal(said)
  }

  private var strange: Failure {
    Failure(.misconfigured, "HTTP 200 with JSON, but none that CloudWatch writes: \(reply.excerpt)")
  }
}
