import PipelineModel
import PluginKit

/// A metric provider that is a program of its own.
struct PluginProvider: MetricProvider {
  let connection: PluginConnection

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    do throws(Failure) {
      let sampled: Wire.Sampled = try await connection.call(
        .sample, Wire.Sample(query, within: query.timeout), within: query.timeout)
      return Answer(sampled.answer)
    } catch {
      throw Failure(error.kind, "\(connection.backend.name) could not answer \(query.metric): \(error.message)")
    }
  }
}
