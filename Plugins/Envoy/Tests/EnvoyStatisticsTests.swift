import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Synchronization
import Testing

@testable import EnvoyPlugin

/// What Envoy counted is the answer, and before it was read twice there is none.
@Suite(.serialized) struct EnvoyStatisticsTests {
  private func provider(_ url: String, _ now: @escaping @Sendable () -> Timestamp) throws(Failure) -> any MetricProvider
  {
    let context = BackendContext(secret: { _ in "" }, stateDirectory: "/", baseDirectory: "/", now: now)
    return try BackendFactory<any MetricProvider>.envoy.make(
      Backend(name: "edge", kind: "envoy", settings: Settings(["url": .text(url)])), context)
  }

  private func query(_ text: String, over: Interval = .seconds(4), timeout: Interval = .seconds(30)) -> MetricQuery {
    MetricQuery(metric: "errors", text: text, at: Timestamp(milliseconds: 0), timeout: timeout, interval: over)
  }

  /// Time that passes as it does for Envoy.
  private static let real: @Sendable () -> Timestamp = {
    let passed = ContinuousClock.Instant.now - began
    return Timestamp(
      milliseconds: passed.components.seconds * 1000 + passed.components.attoseconds / 1_000_000_000_000_000)
  }
  private static let began = ContinuousClock.Instant.now

  @Test(.live(.envoy, .python3)) func `it keeps the promises of a provider`() async throws {
    try await Rig.with { rig in
      let blue = try await DemoService("v1", in: rig)
      let green = try await DemoService("v2", in: rig)
      let envoy = try await EnvoyServer(blue: blue.port, green: green.port, in: rig)
      let silent = try SilentListener()
      let nobody = "http://127.0.0.1:\(try Rig.freePort())"
      await verifyProvider(
        ProviderHarness(
          provider: try provider(envoy.admin, Self.real),
          cases: [
            .init(query("cluster.green.membership_total"), .answer(.number(1))),
            .init(query("errorRatio of green", over: .hours(1)), .answer(.list([]))),
            .init(query("increase(cluster.green.upstream_rq_total)", over: .hours(1)), .answer(.list([]))),
            .init(query("errorRatio of red"), .failure(.rejected)), .init(query("no.such.name"), .failure(.rejected)),
            .init(query("p95 of red"), .failure(.rejected)), .init(query("pxx of green"), .failure(.rejected)),
            .init(query("errors green"), .failure(.rejected)), .init(query("a\"b"), .failure(.rejected)),
          ],
          deaf: (
            try provider("http://127.0.0.1:\(silent.port)", Self.real), query("a.b", timeout: .milliseconds(300))
          ), absent: try provider(nobody, Self.real)))
    }
  }

  @Test(.live(.envoy, .python3)) func `what it counted between two readings is the answer`() async throws {
    try await Rig.with { rig in
      let blue = try await DemoService("v1", in: rig)
      let green = try await DemoService("v2", in: rig)
      let envoy = try await EnvoyServer(blue: blue.port, green: green.port, in: rig)
      let provider = try provider(envoy.admin, Self.real)
      // Each is about the time since the one before, however long that took.
      var last: [String: Timestamp] = [:]
      func ask(_ text: String) async throws -> Answer {
        let now = Self.real()
        let over = max(.milliseconds(1), now - (last[text] ?? now))
        last[text] = now
        return try await provider.sample(query(text, over: over))
      }
      for (errors, expected) in [(1.0, 1.0), (0, 0)] {
        try await blue.set(errors: errors)
        try await Rig.wait(for: "a ratio of \(expected)") {
          _ = try await Load.send(20, to: envoy.runtimePort, in: rig)
          return try await ask("errorRatio of blue") == .number(expected)
        }
      }
      try await Rig.wait(for: "a latency") {
        _ = try await Load.send(20, to: envoy.runtimePort, in: rig)
        guard case .number(let seconds) = try await ask("p50 of blue") else { return false }
        return seconds > 0 && seconds < 60
      }
    }
  }

  /// What Envoy writes, as far as it is read.
  private static func written(_ all: Int, _ errors: Int?, _ slow: Int) -> String {
    let failed = errors.map { #"{"name":"cluster.green.upstream_rq_5xx","value":\#($0)},"# } ?? ""
    return RawServer.http(
      200,
      """
      {"stats":[{"name":"cluster.green.upstream_rq_completed","value":\(all)},\(failed)
       {"histograms":[{"name":"cluster.green.upstream_rq_time","buckets":[
        {"upper_bound":100,"interval":0,"cumulative":\(all - slow)},{"upper_bound":300,"interval":0,"cumulative":\(slow)}]}]}]}
      """)
  }

  @Test(arguments: [
    ("errorRatio of green", Answer.number(0.1)), ("errors of green", .number(10)), ("requests of green", .number(100)),
    ("rate of green", .number(100.0 / 60)), ("p50 of green", .number(0.0625)), ("p90 of green", .number(0.2)),
  ])
  func `two readings make an increase, and a restart begins anew`(text: String, expected: Answer) async throws {
    let step = Mutex(0)
    let reply = RawServer.Reply.made { request in
      if request.hasPrefix("GET /server_info") {
        return RawServer.http(200, "{\"uptime_current_epoch\": \"\([100, 160, 5][step.withLock { $0 }])s\"}")
      }
      return [Self.written(50, nil, 10), Self.written(150, 10, 30), Self.written(300, 20, 30)][step.withLock { $0 }]
    }
    try await RawServer.with(reply) { server in
      let provider = try provider(server.url) {
        Timestamp(milliseconds: 1_700_000_000_000 + Int64(step.withLock { $0 }) * 60_000)
      }
      for expected in [Answer.list([]), expected, .list([])] {
        #expect(try await provider.sample(query(text, over: .minutes(1))) == expected)
        step.withLock { $0 += 1 }
      }
    }
  }

  @Test(arguments: ["{}", "[]", "<html>", #"{"stats": 5}"#]) func `other answers are none`(body: String) async throws {
    try await RawServer.with(.bytes(Array(RawServer.http(200, body).utf8))) { server in
      let provider = try provider(server.url, Self.real)
      let failure = await #expect(throws: Failure.self) { try await provider.sample(query("a.b")) }
      #expect(failure?.kind == .misconfigured, "\(failure?.message ?? "")")
    }
  }
}
