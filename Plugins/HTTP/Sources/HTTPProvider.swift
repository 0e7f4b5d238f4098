import BackendHTTP
import PipelineModel
import PluginKit

/// Asks any endpoint that answers with JSON.
struct HTTPProvider: MetricProvider {
  var http: HTTPBackend

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    let attempt = "\(http.name) could not answer \(query.metric) at \(http.url)"
    guard query.range == nil else {
      throw Failure(.rejected, "\(attempt): an endpoint is asked for the value now; take out `range`")
    }
    let question: HTTPQuestion
    do throws(Failure) {
      question = try HTTPQuestion(query.text)
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
    return try await http.send(question.call, within: query.timeout, attempt) { reply throws(Failure) in
      guard reply.isSuccess else { throw reply.refusal() }
      return reply.secrets.hidden(in: question.path.part(of: try reply.json()))
    }
  }
}
