import AWSSigning
import BackendHTTP
import Foundation
import PipelineModel
package import PluginKit

/// Asks CloudWatch by GetMetricData, in its JSON protocol.
struct CloudWatchProvider: MetricProvider {
  var http: HTTPBackend
  /// How long CloudWatch takes to know.
  var delay: Interval

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    let attempt = "\(http.name) could not answer \(query.metric) at \(http.url)"
    let question: CloudWatchQuestion
    do throws(Failure) {
      question = try CloudWatchQuestion(query.text)
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
    let call = HTTPCall(
      .post, "/", headers: [.init("X-Amz-Target", "GraniteServiceVersion20100801.GetMetricData")]
    ).sending(
      Data(question.body(over: CloudWatchWindow(query, delay: delay)).json.utf8), as: "application/x-amz-json-1.0")
    return try await http.send(call, within: query.timeout, attempt) { reply throws(Failure) in
      try CloudWatchAnswer(reply: reply).answer(isRange: query.range != nil)
    }
  }
}

extension BackendFactory<any MetricProvider> {
  /// Amazon CloudWatch.
  package static var cloudwatch: Self {
    Self(
      kind: BackendKind(
        name: "cloudwatch", port: .metrics,
        about: "Asks Amazon CloudWatch; a query is `Sum of NAMESPACE METRIC where DIMENSION = VALUE`.",
        settings: [.init("region", .text, AWSSource.region, required: true, about: "Such as eu-central-1.")]
          + AWSSource.settings + [
            .init("url", .text, .url, about: "https://monitoring.REGION.amazonaws.com unless given."),
            .init("timeout", .duration, about: "Longest wait for one answer; 10s unless given."),
            .init("delay", .duration, about: "How late CloudWatch gets its data; 1m unless given."),
          ],
        capabilities: [.rangeQueries])
    ) { backend, context throws(Failure) in
      let region = backend.settings.text("region") ?? ""
      guard !region.isEmpty, region.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }) else {
        throw Failure(.misconfigured, "\(backend.name): `region` must look like eu-central-1")
      }
      let url = backend.settings.text("url") ?? "https://monitoring.\(region).amazonaws.com"
      var http = try HTTPBackend(backend, url: url, context)
      http.credentials = .aws(
        try AWSSource(backend, context), region: region, service: "monitoring", now: context.now, context.secret)
      return CloudWatchProvider(http: http, delay: backend.settings.duration("delay") ?? .minutes(1))
    }
  }
}
