import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import PrometheusPlugin

/// Whatever a server says, the failure has the right kind, comes in time and shows no secret.
@Suite struct HostileAnswerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var reply: RawServer.Reply
    var kind: Failure.Kind
    var text: String
    var testDescription: String { name }

    init(_ name: String, _ reply: String, _ kind: Failure.Kind, _ text: String) {
      self.init(name, .bytes(Array(reply.utf8)), kind, text)
    }

    init(_ name: String, _ reply: RawServer.Reply, _ kind: Failure.Kind, _ text: String) {
      self.name = name
      self.reply = reply
      self.kind = kind
      self.text = text
    }
  }

  private static func vector(_ series: String) -> String {
    RawServer.http(200, #"{"status":"success","data":{"resultType":"vector","result":[\#(series)]}}"#)
  }

  private static let ofStatus: [Case] = [
    Case("401", RawServer.http(401, "Unauthorized"), .misconfigured, "credentials"),
    Case("403", RawServer.http(403, "<html>"), .misconfigured, "credentials"),
    Case("404 in HTML", RawServer.http(404, "<html>nothing</html>"), .misconfigured, "HTTP 404: \"<html>nothing"),
    Case("429", RawServer.http(429, "slow down"), .transient, "HTTP 429: \"slow down\""),
    Case("500", RawServer.http(500, ""), .transient, "HTTP 500: (empty)"),
    Case("502 in HTML", RawServer.http(502, "<h1>Bad\nGateway</h1>"), .transient, "\"<h1>Bad Gateway</h1>\""),
    Case("204", RawServer.http(204, ""), .misconfigured, "HTTP 204"),
    Case("400 in HTML", RawServer.http(400, "<html>"), .misconfigured, "HTTP 400"),
    Case(
      "400 of Prometheus", RawServer.http(400, #"{"status":"error","errorType":"bad_data","error":"parse error"}"#),
      .rejected, "HTTP 400, bad_data: parse error"),
    Case(
      "a redirect to itself", RawServer.http(302, "", "Location: /api/v1/query?token=hunter2"), .misconfigured,
      "a redirect to /api/v1/query;"),
    Case(
      "a redirect with a user", RawServer.http(301, "", "Location: http://me:hunter2@other/"), .misconfigured,
      "a redirect to other/;"),
  ]

  private static let ofBody: [Case] = [
    Case("HTML with 200", RawServer.http(200, "<!doctype html>"), .misconfigured, "no JSON"),
    Case("nothing with 200", RawServer.http(200, ""), .misconfigured, "(empty)"),
    Case(
      "JSON of somebody else", RawServer.http(200, #"{"version":"1.2"}"#), .misconfigured,
      "none that a Prometheus writes"),
    Case("a JSON list", RawServer.http(200, "[]"), .misconfigured, "no JSON"),
    Case("no data", RawServer.http(200, #"{"status":"success"}"#), .misconfigured, "without data"),
    Case("cut JSON", RawServer.http(200, #"{"status":"success","da"#), .transient, "damaged JSON"),
    Case(
      "an early end", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"status\"", .transient, "broke off"),
    Case(
      "an error with 200", RawServer.http(200, #"{"status":"error","errorType":"timeout","error":"too slow"}"#),
      .transient, "timeout: too slow"),
    Case("no number", vector(#"{"metric":{},"value":[1,"many"]}"#), .misconfigured, "none that a Prometheus writes"),
    Case("a JSON number", vector(#"{"metric":{},"value":[1,5]}"#), .misconfigured, "none that a Prometheus writes"),
    Case(
      "a histogram", vector(#"{"metric":{},"histogram":[1,{"count":"1"}]}"#), .rejected, "histogram_quantile"),
    Case("deep JSON", RawServer.http(200, "{\"a\":" + String(repeating: "[", count: 500_000)), .transient, "damaged"),
    Case("not HTTP", "SSH-2.0-OpenSSH_9.2\r\n", .misconfigured, "does not speak HTTP"),
    Case("nothing at all", "", .transient, "closed"),
    Case(
      "invalid UTF-8",
      .bytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\":\"".utf8) + [0xff, 0xfe, 0x22, 0x7d]),
      .transient, "damaged JSON"),
    Case("too much", RawServer.http(200, "{" + String(repeating: " ", count: 1 << 20)), .rejected, "more than 1048576"),
    Case(
      "no end",
      .endless(
        Array("HTTP/1.1 200 OK\r\n\r\n{".utf8), piece: [UInt8](repeating: 0x20, count: 65_536), pause: .zero),
      .rejected, "more than 1048576"),
    Case(
      "a slow drip", .endless(Array("HTTP/1.1 200 OK\r\n\r\n{".utf8), piece: [0x20], pause: .milliseconds(20)),
      .transient, "no answer within 500ms"),
    Case(
      "a slow drip of headers", .endless(Array("HTTP/1.1 200 OK\r\nX: ".utf8), piece: [0x61], pause: .milliseconds(20)),
      .transient, "no answer within 500ms"),
  ]

  @Test(arguments: ofStatus + ofBody) func `a wrong answer is judged by its kind`(each: Case) async throws {
    try await RawServer.with(each.reply) { server in
      let timeout: Interval = each.text.contains("500ms") ? .milliseconds(500) : .seconds(30)
      let prometheus = try provider(backend(server.url))
      let failure = await #expect(throws: Failure.self) { try await prometheus.sample(query("up", timeout: timeout)) }
      let found = try #require(failure)
      #expect(found.kind == each.kind, "\(found.message)")
      #expect(found.message.contains(each.text), "\(found.message)")
      #expect(found.message.hasPrefix("prom could not answer errors at \(server.url): "), "\(found.message)")
      #expect(found.message.split(whereSeparator: \.isNewline).count == 1 && !found.message.contains("hunter2"))
    }
  }

  @Test func `a server that never answers, or is not there, keeps nobody waiting`() async throws {
    try await RawServer.with(.bytes(Array(Self.vector(#"{"metric":{},"value":[1,"5"]}"#).utf8))) { server in
      let silent = try SilentServer()
      await verifyProvider(
        ProviderHarness(
          provider: try provider(backend(server.url)), cases: [.init(query("up"), .answer(.number(5)))],
          deaf: (try provider(backend(silent.url)), query("up", timeout: .milliseconds(300))),
          absent: try provider(backend(try SilentServer.nobody())), secrets: ["hunter2"]))
    }
  }

  @Test func `the provider's own timeout ends a question too`() async throws {
    let silent = try SilentServer()
    let prometheus = try provider(backend(silent.url, ["timeout": .duration(.milliseconds(300))]))
    await #expect(throws: Failure(.transient, "prom could not answer errors at \(silent.url): no answer within 300ms"))
    {
      try await prometheus.sample(query("up", timeout: .hours(1)))
    }
  }

  @Test func `credentials are sent, and never shown even when the server repeats them`() async throws {
    let token = "hunter2-Zm9v"
    let basic = "Basic bWU6aHVudGVyMi1abTl2"
    let reply = RawServer.Reply.made { request in
      if request.contains("Authorization: Bearer \(token)\r\n") || request.contains("Authorization: \(basic)\r\n") {
        return RawServer.http(400, #"{"status":"error","errorType":"bad_data","error":"got \#(token) and \#(basic)"}"#)
      }
      return RawServer.http(401, "no")
    }
    try await RawServer.with(reply) { server in
      let settings: [[String: Settings.Value]] = [
        ["bearer": .secret("token")],
        ["basic": .map(Settings(["user": .text("me"), "password": .secret("token")]))],
      ]
      for setting in settings {
        let prometheus = try provider(backend(server.url, setting), secrets: ["token": "\(token)\n"])
        let failure = await #expect(throws: Failure.self) { try await prometheus.sample(query("up")) }
        #expect(failure?.kind == .rejected)
        #expect(failure?.message.contains(token) == false, "\(failure?.message ?? "")")
      }
    }
  }

  @Test func `a secret that cannot be had is the operator's to mend`() async throws {
    let prometheus = try provider(backend("http://127.0.0.1:1", ["bearer": .secret("token")]))
    let prefix = "prom could not answer errors at http://127.0.0.1:1: "
    await #expect(throws: Failure(.misconfigured, prefix + "there is no secret token")) {
      try await prometheus.sample(query("up"))
    }
    let split = try provider(backend("http://127.0.0.1:1", ["bearer": .secret("t")]), secrets: ["t": "a\r\nX: b"])
    let failure = await #expect(throws: Failure.self) { try await split.sample(query("up")) }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.contains("X: b") == false)
  }
}
