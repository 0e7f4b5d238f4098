import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import PrometheusPlugin

/// An answer that comes with warnings may be a part of the whole: it is told with them, or taken for none.
@Suite struct WarningTests {
  private static let partial = RawServer.http(
    200,
    """
    {"status":"success","warnings":["store 3: connection refused\\nand more","token hunter2"],"infos":["PromQL info"],
     "data":{"resultType":"vector","result":[{"metric":{},"value":[1,"5"]}]}}
    """)

  private func sample(_ more: [String: Settings.Value]) async throws -> Sample {
    try await RawServer.with(.bytes(Array(Self.partial.utf8))) { server in
      try await provider(backend(server.url, more.merging(["bearer": .secret("t")]) { $1 }), secrets: ["t": "hunter2"])
        .ask(query("up"))
    }
  }

  @Test func `they are told with the answer, in one line each and without secrets`() async throws {
    let sample = try await sample([:])
    #expect(sample.answer == .number(5))
    #expect(sample.warnings == ["store 3: connection refused and more", "token •••"])
    #expect(sample.stand == nil)
  }

  @Test func `with refuse it is no answer`() async throws {
    let failure = await #expect(throws: Failure.self) { try await sample(["warnings": .text("refuse")]) }
    #expect(failure?.kind == .transient)
    #expect(
      failure?.message.hasSuffix(
        "it answers with a warning, so perhaps not with the whole answer: store 3: connection refused and more")
        == true,
      "\(failure?.message ?? "")")
  }
}
