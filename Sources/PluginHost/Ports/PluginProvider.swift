import PipelineModel
import PluginKit

/// A metric provider that is a program of its own.
struct PluginProvider: MetricProvider {
  let connection: PluginConnection

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer { try await ask(query).answer }

  func ask(_ query: MetricQuery) async throws(Failure) -> Sample {
    do throws(Failure) {
      let sampled: Wire.Sampled = try await connection.call(
        .sample, Wire.Sample(query, within: query.timeout), within: query.timeout)
      let warnings = (sampled.warnings ?? []).map { connection.log.hidden(in: $0) }
      let answer = Answer(sampled.answer).mapping { connection.log.hidden(in: $0) }
      return Sample(answer: answer, warnings: warnings)
    } catch {
      throw error.told("\(connection.backend.name) could not answer \(query.metric): \(error.message)")
    }
  }
}

extension Answer {
  /// The same with other texts, those that members are named by among them.
  fileprivate func mapping(_ change: (String) -> String) -> Answer {
    switch self {
    case .text(let text): .text(change(text))
    case .list(let elements): .list(elements.map { $0.mapping(change) })
    case .object(let members): .object(members.map { .init(name: change($0.name), value: $0.value.mapping(change)) })
    case .number, .null, .bool: self
    }
  }
}
