import Foundation
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import PluginHost

/// The plugins that we ship and teach with keep the promises of their ports, asked as the controller asks.
@Suite struct WorkedPluginTests {
  private static let end = Timestamp(milliseconds: 1_700_000_120_000)

  private func accesslog(_ stage: Stage, path: String = "sample.jsonl") throws -> any MetricProvider {
    let folder = "\(Stage.plugins)/accesslog"
    try? FileManager.default.copyItem(atPath: "\(folder)/sample.jsonl", toPath: "\(stage.folder)/sample.jsonl")
    return try stage.made(stage.host.providers, try Stage.plugin(folder), Settings(["path": .text(path)]))
  }

  @Test(.python) func `accesslog keeps the promises of a metric provider`() async throws {
    try await Stage.with { stage in
      func ask(_ text: String) -> MetricQuery {
        MetricQuery(metric: "m", text: text, at: Self.end, timeout: .seconds(60), interval: .minutes(2))
      }
      await verifyProvider(
        ProviderHarness(
          provider: try accesslog(stage),
          cases: [
            .init(ask("count"), .answer(.number(120))), .init(ask("max seconds"), .answer(.number(0.069))),
            .init(ask("share status >= 500 where version == purple"), .answer(.null)),
            .init(ask("median of everything"), .failure(.rejected)),
          ]))
    }
  }

  @Test(.python) func `a log that is not there is told of by its path`() async throws {
    try await Stage.with { stage in
      let failure = try await accesslog(stage, path: "no.jsonl").failure("count")
      #expect(failure.kind == .misconfigured)
      #expect(failure.message.contains("there is no log \(stage.folder)/no.jsonl"))
    }
  }

  @Test(.python) func `the tests of accesslog itself pass`() async throws {
    try await run("python3", "-B", "-m", "unittest", "discover", "\(Stage.plugins)/accesslog/tests")
  }
}
