import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import PrometheusPlugin

/// Against a real Prometheus: every answer it can give is judged rightly.
@Suite(.serialized, .live(.prometheus)) struct PrometheusLiveTests {
  private static let two = #"label_replace(vector(1),"a","1","","") or label_replace(vector(2),"a","2","","")"#
  private static let slow = "sum(sum_over_time(vector(1)[300s:1ms]))"

  private func instant(_ text: String, _ expected: ProviderHarness.Expected) -> ProviderHarness.Case {
    ProviderHarness.Case(query(text), expected)
  }

  private func range(_ text: String, _ expected: ProviderHarness.Expected) -> ProviderHarness.Case {
    ProviderHarness.Case(query(text, range: .init(over: .seconds(10), step: .seconds(5))), expected)
  }

  private var table: [ProviderHarness.Case] {
    [
      instant("vector(0.25)", .answer(.number(0.25))),
      instant(Self.two, .answer(.list([.number(1), .number(2)]))),
      instant("no_such_series", .answer(.list([]))),
      instant("vector(0) / vector(0)", .answer(.number(.nan))),
      instant("vector(1) / vector(0)", .answer(.number(.infinity))),
      instant("-vector(1) / vector(0)", .answer(.number(-.infinity))),
      instant("1 + 1", .answer(.number(2))),
      instant("time()", .answer(.number(1_700_000_000.123))),
      instant("\"text\"", .failure(.rejected)),
      instant("up[5m]", .failure(.rejected)),
      instant("sum(", .failure(.rejected)),
      instant("(\(Self.two)) * on(b) (\(Self.two))", .failure(.rejected)),
      range("vector(3)", .answer(.list([.number(3), .number(3), .number(3)]))),
      range("time() / 0 * 0", .answer(.list([.number(.nan), .number(.nan), .number(.nan)]))),
      range("no_such_series", .answer(.list([]))),
      range(Self.two, .failure(.rejected)),
      range("up[5m]", .failure(.rejected)),
    ]
  }

  @Test func `every answer of a real server is judged rightly`() async throws {
    try await Rig.with { rig in
      let server = try await PrometheusServer(in: rig)
      let hung = try await PrometheusServer(in: rig)
      let stopped = try await PrometheusServer(in: rig)
      hung.hang()
      await stopped.stop()
      await verifyProvider(
        ProviderHarness(
          provider: try provider(server.backend("prom")), cases: table,
          deaf: (try provider(hung.backend("prom")), query("up", timeout: .milliseconds(500))),
          absent: try provider(stopped.backend("prom"))))
      hung.resume()
      #expect(try await provider(hung.backend("prom")).sample(query("vector(1)")) == .number(1))
    }
  }

  @Test func `messages say what Prometheus said and what to do`() async throws {
    try await Rig.with { rig in
      let server = try await PrometheusServer(in: rig)
      let prometheus = try provider(server.backend("prom"))
      let prefix = "prom could not answer errors at \(server.url): "
      let wide = Metric.Range(over: .hours(24), step: .seconds(1))
      let cases = [
        (query("sum("), "HTTP 400, bad_data: invalid parameter \"query\": 1:5: parse error: unclosed left parenthesis"),
        (
          query("up[5m]"),
          "the query answers with a range; drop the range selector at its end, such as [5m], or put a "
            + "function around it"
        ),
        (query("\"text\""), "the query answers with a string, where numbers are needed"),
        (
          query(Self.two, range: .init(over: .seconds(10), step: .seconds(5))),
          "the query answers with 2 series, {a=\"1\"} and {a=\"2\"} among them; sum them into one"
        ),
        (
          query("vector(1)", range: wide),
          "HTTP 400, bad_data: exceeded maximum resolution of 11,000 points per "
            + "timeseries. Try decreasing the query resolution (?step=XX)"
        ),
      ]
      for (query, message) in cases {
        await #expect(throws: Failure(.rejected, prefix + message)) { try await prometheus.sample(query) }
      }
    }
  }

  @Test func `an evaluation over the server's time limit is transient`() async throws {
    try await Rig.with { rig in
      let server = try await PrometheusServer(options: ["--query.timeout=1ms"], in: rig)
      let prometheus = try provider(server.backend("prom"))
      let failure = await #expect(throws: Failure.self) { try await prometheus.sample(query(Self.slow)) }
      #expect(failure?.kind == .transient)
      #expect(failure?.message.contains("HTTP 503, timeout: query timed out") == true, "\(failure?.message ?? "")")
    }
  }

  @Test func `a server that wants TLS, a client's certificate and a password is given them`() async throws {
    try await Rig.with { rig in
      let server = try await PrometheusServer(isSecure: true, in: rig)
      let ca = Settings.Value.text(TLSFixture.authority)
      let own: [String: Settings.Value] = [
        "ca": ca, "certificate": .text(TLSFixture.client.certificate), "key": .secret("key"),
      ]
      let basic = Settings.Value.map(Settings(["user": .text("me"), "password": .secret("password")]))
      let secrets = ["key": try TLSFixture.client.keyText(), "password": "hunter2", "wrong": "hunter3"]
      let right = try provider(backend(server.url, ["tls": .map(Settings(own)), "basic": basic]), secrets: secrets)
      #expect(try await right.sample(query("vector(0.25)")) == .number(0.25))
      let wrong = Settings.Value.map(Settings(["user": .text("me"), "password": .secret("wrong")]))
      let refused: [[String: Settings.Value]] = [
        ["basic": basic], ["tls": .map(Settings(own))], ["tls": .map(Settings(own)), "basic": wrong],
        ["tls": .map(Settings(["ca": .text(TLSFixture.stranger)])), "basic": basic],
      ]
      for settings in refused {
        let provider = try provider(backend(server.url, settings), secrets: secrets)
        let failure = await #expect(throws: Failure.self) { try await provider.sample(query("vector(1)")) }
        #expect(failure?.kind == .misconfigured, "\(failure?.message ?? "")")
        #expect(failure?.message.contains("hunter") == false)
      }
    }
  }

  @Test func `a wrong path is the operator's to mend`() async throws {
    try await Rig.with { rig in
      let server = try await PrometheusServer(in: rig)
      let prometheus = try provider(backend("\(server.url)/prefix"))
      let failure = await #expect(throws: Failure.self) { try await prometheus.sample(query("up")) }
      #expect(failure?.kind == .misconfigured)
      #expect(failure?.message.contains("HTTP 404") == true)
    }
  }

  @Test(.live(.haproxy, .python3)) func `what the router counted is what the gate sees`() async throws {
    try await Rig.with { rig in
      let blue = try await DemoService("v1", in: rig)
      let green = try await DemoService("v2", in: rig)
      let haproxy = try await HAProxyServer(blue: blue.port, green: green.port, in: rig)
      let server = try await PrometheusServer(targets: [haproxy.exporterPort, blue.port, green.port], in: rig)
      try await Rig.wait(for: "three targets") { await server.sees(targets: 3) }
      _ = try await haproxy.ask("set weight shop/green 100")
      try await green.set(errors: 1)
      let report = try await Load.send(400, to: haproxy.weightsPort, in: rig)
      let failed = Double(report.statuses["500"] ?? 0)
      #expect(failed > 150)
      let prometheus = try provider(server.backend("prom"))
      for text in [
        #"sum(haproxy_server_http_responses_total{proxy="shop",server="green",code="5xx"})"#,
        #"sum(shop_requests_total{version="v2",code="500"})"#,
      ] {
        try await Rig.wait(for: text) { try await prometheus.sample(now(text)) == .number(failed) }
      }
    }
  }

  private func now(_ text: String) -> MetricQuery {
    query(text, at: Timestamp(milliseconds: Int64(secondsSinceEpoch() * 1000)))
  }
}
