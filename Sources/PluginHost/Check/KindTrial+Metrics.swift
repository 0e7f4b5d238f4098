import Conformance
import PipelineModel
import PluginKit

extension KindTrial {
  /// Questions are answered, rejected or have no data, as plugin.yaml says, alone and all at once; one that is given up
  /// ends.
  func sampling(_ trial: PluginTrial) -> Port {
    guard let first = trial.queries.first else { return Port() }
    let provider = PluginProvider(connection: connection)
    let cases =
      trial.queries.map { ProviderHarness.Case(query($0), .data) }
      + (trial.badQuery.map { [.init(query($0), .failure(.rejected))] } ?? [])
      + (trial.emptyQuery.map { [.init(query($0), .nothing)] } ?? [])
    let ranged = kind.capabilities(with: trial.settings).contains(.rangeQueries) ? [range(first, provider)] : []
    return Port(
      first: ProviderHarness(provider: provider, cases: cases, secrets: hidden).promises + ranged
        + [
          givingUp(.sample) { Wire.Sample(query(first), within: .seconds(10)) },
          atOnce(questions(trial, provider)),
        ] + (trial.slowQuery.map { [slow($0, beside: first, provider)] } ?? []))
  }

  private func query(_ text: String) -> MetricQuery {
    MetricQuery(metric: "check", text: text, at: trial?.at ?? now, timeout: .seconds(30))
  }

  private func range(_ text: String, _ provider: PluginProvider) -> Promise {
    var query = query(text)
    query.range = Metric.Range(over: .minutes(1), step: .seconds(10))
    let question = query
    return .success(
      "`\(text)`, asked over a range, is answered by a list",
      judge: { if case .number(let number) = $0 { "the answer is \(number), and should be a list" } else { nil } }
    ) { () async throws(Failure) in try await provider.sample(question) }
  }

  /// Of three kinds, so that answers that come to the wrong question show.
  private func questions(
    _ trial: PluginTrial, _ provider: PluginProvider
  ) -> [@Sendable () async -> String?] {
    var asks = trial.queries.map { text in
      { @Sendable in await ask(text, provider) { $0.isEmpty ? "the answer is \($0), no data" : nil } }
    }
    if let bad = trial.badQuery {
      asks.append {
        await Self.complaint(unlessRejected: "`\(bad)`") { () async throws(Failure) in
          try await provider.sample(query(bad))
        }
      }
    }
    if let empty = trial.emptyQuery {
      asks.append { await ask(empty, provider) { $0.isEmpty ? nil : "the answer is \($0), and there is no data" } }
    }
    return asks
  }

  private func ask(
    _ text: String, _ provider: PluginProvider, judge: @Sendable (Answer) -> String?
  ) async -> String? {
    let query = query(text)
    return await Self.complaint(
      "`\(text)`", { () async throws(Failure) in try await provider.sample(query) }, judge: judge)
  }

  private func slow(_ text: String, beside first: String, _ provider: PluginProvider) -> Promise {
    givingUpInFlight("`\(text)`", .sample) {
      Wire.Sample(query(text), within: $0)
    } meanwhile: {
      await ask(first, provider) { _ in nil }
    }
  }
}
