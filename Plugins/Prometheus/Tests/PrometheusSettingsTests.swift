import BackendHTTP
import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import PrometheusPlugin

/// Wrong settings are refused when the provider is made; right ones become the request that is documented.
@Suite struct PrometheusSettingsTests {
  @Test(arguments: [
    "", "prometheus:9090", "ftp://host", "http://", "http://me:hunter2@host:9090", "http://host:9090/?token=hunter2",
    "http://host/#x",
  ])
  func `an address that cannot be used is refused without showing a secret`(url: String) {
    let failure = #expect(throws: Failure.self) { try provider(backend(url)) }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.contains("hunter2") == false)
  }

  @Test func `two kinds of credentials, or a header HTTP does not allow, are refused`() {
    let basic = Settings.Value.map(Settings(["user": .text("me"), "password": .secret("p")]))
    for more: [String: Settings.Value] in [
      ["bearer": .secret("t"), "basic": basic], ["basic": .map(Settings(["user": .text("me")]))],
      ["headers": .map(Settings(["X Tenant": .text("a")]))], ["headers": .map(Settings(["X-Tenant": .text("a\r\nb")]))],
    ] {
      #expect(throws: Failure.self) { try provider(backend("http://host", more)) }
    }
  }

  @Test func `an instant question carries the look's time, a range its start, end and step`() {
    let at = Timestamp(milliseconds: 1_700_000_000_007)
    #expect(
      form(of: query("a+b{c=\"ä\"}", at: at), timeout: .seconds(5))
        == "query=a%2Bb%7Bc%3D%22%C3%A4%22%7D&time=1700000000.007&timeout=5000ms")
    let range = Metric.Range(over: .minutes(1), step: .seconds(15))
    #expect(
      form(of: query("up", range: range, at: at), timeout: .zero)
        == "query=up&start=1699999940.007&end=1700000000.007&step=15.000&timeout=1ms")
  }

  private func form(of query: MetricQuery, timeout: Interval) -> String {
    HTTPCall.escaped(PrometheusForm.fields(of: query, timeout: timeout))
  }

  @Test func `path prefix and headers reach the server`() async throws {
    let reply = RawServer.Reply.made { request in
      let isRight = request.hasPrefix("POST /prom/api/v1/query HTTP/1.1\r\n") && request.contains("X-Tenant: blue\r\n")
      return isRight
        ? RawServer.http(
          200, #"{"status":"success","warnings":["w"],"data":{"resultType":"scalar","result":[1,"-Inf"]}}"#)
        : RawServer.http(404, "")
    }
    try await RawServer.with(reply) { server in
      let prometheus = try provider(
        backend("\(server.url)/prom/", ["headers": .map(Settings(["X-Tenant": .text("blue")]))]))
      #expect(try await prometheus.sample(query("up")) == .number(-.infinity))
    }
  }
}
