package import PipelineModel
package import PluginKit

/// A provider behind its guard: tried again when it does not answer, asked once by all who want to know the same, and
/// another one asked in its stead when it gives no answer at all.
package struct ResilientProvider: MetricProvider {
  private let provider: any MetricProvider
  private let gate: BackendGuard
  let shared: SharedAnswers?
  private let fallback: (name: String, provider: any MetricProvider)?

  package init(
    _ provider: any MetricProvider, behind gate: BackendGuard,
    fallback: (name: String, provider: any MetricProvider)? = nil
  ) {
    self.provider = provider
    self.gate = gate
    self.fallback = fallback
    shared = gate.policy.share ? SharedAnswers(now: gate.time.now) : nil
  }

  /// How many calls wait for a place at it.
  var waiting: Int { gate.waiting }

  package func sample(_ query: MetricQuery) async throws(Failure) -> Answer { try await ask(query).answer }

  package func ask(_ query: MetricQuery) async throws(Failure) -> Sample {
    guard let shared else { return try await askOrFallBack(query) }
    return try await shared.answer(query) { () async throws(Failure) in try await askOrFallBack(query) }
  }

  private func askOrFallBack(_ query: MetricQuery) async throws(Failure) -> Sample {
    do throws(Failure) {
      return try await askGuarded(query)
    } catch {
      // A question that is wrong is wrong there too.
      guard let fallback, error.kind != .rejected, !Task.isCancelled else { throw error }
      return try await ask(fallback.provider, fallback.name, query, instead: error)
    }
  }

  private func askGuarded(_ query: MetricQuery) async throws(Failure) -> Sample {
    var query = query
    query.timeout = min(query.timeout, gate.policy.timeout)
    return try await gate.repeatedly(within: query.timeout) { [provider, query] () async throws(Failure) in
      try await provider.ask(query)
    }
  }

  private func ask(
    _ fallback: any MetricProvider, _ name: String, _ query: MetricQuery, instead first: Failure
  ) async throws(Failure) -> Sample {
    do throws(Failure) {
      var sample = try await fallback.ask(query)
      sample.stand = .init(provider: name, because: first.message)
      return sample
    } catch {
      throw first.told("\(first.message); nor could its fallback \(name): \(error.message)")
    }
  }
}
