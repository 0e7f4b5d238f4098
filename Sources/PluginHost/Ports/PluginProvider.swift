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
      return Sample(answer: Answer(sampled.answer), warnings: warnings)
    } catch {
      throw error.told("\(connection.backend.name) could not answer \(query.metric): \(error.message)")
    }
  }
}
