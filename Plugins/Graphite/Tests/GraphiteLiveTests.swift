import Foundation
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import GraphitePlugin

func provider(_ url: String) throws(Failure) -> any MetricProvider {
  let context = BackendContext(
    secret: { _ in "" }, stateDirectory: "/", baseDirectory: "/", now: { Timestamp(milliseconds: 0) })
  return try BackendFactory<any MetricProvider>.graphite.make(
    Backend(name: "graphite", kind: "graphite", settings: Settings(["url": .text(url)])), context)
}

func query(
  _ text: String, at seconds: Int64 = 1_700_000_000, over: Interval = .minutes(1), range: Metric.Range? = nil,
  timeout: Interval = .seconds(60)
) -> MetricQuery {
  MetricQuery(
    metric: "errors", text: text, range: range, at: Timestamp(milliseconds: seconds * 1000), timeout: timeout,
    interval: over)
}

/// Against a real Graphite: carbon that stores and graphite-web that answers.
@Suite(.serialized, .live(.carbon, .graphite)) struct GraphiteLiveTests {
  /// Values of `v2` in the seconds after `start`, and one of `v1`.
  private func points(_ start: Int64) -> [(name: String, value: Double, seconds: Int64)] {
    [
      ("shop.v1.err", 0.5, start + 1), ("shop.v2.err", 1, start + 1), ("shop.v2.err", 2, start + 2),
      ("shop.v2.err", 4, start + 4),
    ]
  }

  private func cases(_ start: Int64) -> [ProviderHarness.Case] {
    let four = Metric.Range(over: .seconds(4), step: .seconds(1))
    let pair = Metric.Range(over: .seconds(8), step: .seconds(4))
    return [
      .init(query("shop.v2.err", at: start + 4), .answer(.number(4))),
      .init(query("shop.v2.err", at: start + 3), .answer(.number(2))),
      .init(query("shop.v2.err", at: start + 30), .answer(.number(4))),
      .init(query("shop.v2.err", at: start + 30, over: .seconds(5)), .answer(.null)),
      .init(query("shop.*.err", at: start + 4), .answer(.list([.number(0.5), .number(4)]))),
      .init(query("sumSeries(shop.*.err)", at: start + 1), .answer(.number(1.5))),
      .init(query("scale(\n  shop.v2.err,\n  0.5)", at: start + 4), .answer(.number(2))),
      .init(query("shop.v9.err", at: start + 4), .answer(.list([]))),
      .init(
        query("shop.v2.err", at: start + 4, range: four), .answer(.list([.number(1), .number(2), .null, .number(4)]))),
      .init(query("shop.v2.err", at: start + 8, range: four), .answer(.list([]))),
      .init(query("shop.v9.err", at: start + 4, range: four), .answer(.list([]))),
      .init(query("shop.*.err", at: start + 4, range: pair), .failure(.rejected)),
      .init(query("noSuchFunction(shop.v2.err)", at: start + 4), .failure(.rejected)),
      // It takes this for the name of a series.
      .init(query("sumSeries(", at: start + 4), .answer(.list([]))),
    ]
  }

  @Test func `every answer of a real server is judged rightly`() async throws {
    try await Rig.with { rig in
      let server = try await GraphiteServer(in: rig)
      let start = Int64(Date().timeIntervalSince1970) - 120
      try await server.store(points(start))
      let silent = try SilentListener()
      let nobody = "http://127.0.0.1:\(try Rig.freePort())"
      await verifyProvider(
        ProviderHarness(
          provider: try provider(server.url), cases: cases(start),
          deaf: (
            try provider("http://127.0.0.1:\(silent.port)"), query("a", timeout: .milliseconds(300))
          ), absent: try provider(nobody)))
    }
  }

  @Test func `a server that hangs keeps nobody waiting`() async throws {
    try await Rig.with { rig in
      let server = try await GraphiteServer(in: rig)
      try await server.hang()
      let graphite = try provider(server.url)
      let failure = await #expect(throws: Failure.self) {
        try await graphite.sample(query("a", timeout: .milliseconds(500)))
      }
      #expect(failure?.kind == .transient)
      #expect(failure?.message.hasSuffix("no answer within 500ms") == true, "\(failure?.message ?? "")")
    }
  }
}

/// What no Graphite would answer is no answer.
@Suite struct GraphiteHostileTests {
  @Test(arguments: [
    (#"{"a": 1}"#, "none that a Graphite writes"), (#"[{"target": "a"}]"#, "none that a Graphite writes"),
    (#"[{"target": "a", "datapoints": [["5", 1]]}]"#, "none that a Graphite writes"),
    (#"[{"target": "a", "datapoints": [[5]]}]"#, "none that a Graphite writes"), ("<html>", "no JSON"), ("", "no JSON"),
  ])
  func `other JSON, or none, is the operator's to mend`(body: String, text: String) async throws {
    try await RawServer.with(.bytes(Array(RawServer.http(200, body).utf8))) { server in
      let graphite = try provider(server.url)
      let failure = await #expect(throws: Failure.self) { try await graphite.sample(query("a")) }
      #expect(failure?.kind == .misconfigured)
      #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "")")
    }
  }

  @Test(arguments: [
    (#"[{"target": "a", "datapoints": [[1e9999, 1], [null, 2]]}]"#, Answer.number(.infinity)),
    (#"[{"target": "a", "datapoints": []}]"#, .null), ("[]", .list([])),
  ])
  func `missing and infinite values are answers`(body: String, expected: Answer) async throws {
    try await RawServer.with(.bytes(Array(RawServer.http(200, body).utf8))) { server in
      let graphite = try provider(server.url)
      #expect(try await graphite.sample(query("a")) == expected)
    }
  }
}
