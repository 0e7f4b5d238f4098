import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import HTTPPlugin

/// A question becomes the request it describes, and whatever comes back an answer or a failure of the right kind.
@Suite struct HTTPProviderTests {
  /// Knows two places, and echoes what it is sent in a third.
  private static let endpoint = RawServer.Reply.made { request in
    let body = request.components(after: "\r\n\r\n")
    switch request.split(separator: " ").dropFirst().first {
    case "/api/stats?version=v2": return RawServer.http(200, #"{"errors": {"rate": 0.25}, "none": null}"#)
    case "/api/search" where request.hasPrefix("POST") && request.contains("X-Kind: a\r\n") && body == "{\"q\": 1}":
      return RawServer.http(200, #"{"hits": {"total": 7}}"#)
    case "/api/number": return RawServer.http(200, " 12.5\n")
    case "/api/echo": return RawServer.http(200, "{\"said\": \"hunter2\"}")
    case "/api/empty": return RawServer.http(204, "")
    case "/api/html": return RawServer.http(200, "<html>5</html>")
    case "/api/cut": return RawServer.http(200, "{\"a\": [1, 2")
    case "/api/login": return RawServer.http(302, "", "Location: /login")
    case "/api/busy": return RawServer.http(429, "later", "Retry-After: 30")
    default: return RawServer.http(404, "{\"message\": \"nothing here\"}")
    }
  }

  private static let search = "POST /search $.hits.total\nX-Kind: a\nContent-Type: application/json\n\n{\"q\": 1}"

  private static let cases: [ProviderHarness.Case] = [
    .init(query("GET /stats?version=v2 $.errors.rate"), .answer(.number(0.25))),
    .init(query("/stats?version=v2 $.errors.rate"), .answer(.number(0.25))),
    .init(query("/stats?version=v2 $.none"), .answer(.null)),
    .init(query("/stats?version=v2 $.absent.rate"), .answer(.null)),
    .init(query("/number"), .answer(.number(12.5))),
    .init(query("/echo $.said"), .answer(.text("•••"))),
    .init(query("/empty $.a"), .failure(.misconfigured)),
    .init(query("/html"), .failure(.misconfigured)),
    .init(query("/cut $.a"), .failure(.transient)),
    .init(query("/login $.a"), .failure(.misconfigured)),
    .init(query("/busy $.a"), .failure(.transient)),
    .init(query("/nowhere $.a"), .failure(.misconfigured)),
    .init(query("/stats $..a"), .failure(.rejected)),
  ]

  @Test func `it keeps the promises of a provider`() async throws {
    try await RawServer.with(Self.endpoint) { server in
      let silent = try SilentListener()
      let url = "\(server.url)/api"
      await verifyProvider(
        ProviderHarness(
          provider: try provider(url, ["bearer": .secret("token")]), cases: Self.cases,
          deaf: (
            try provider("http://127.0.0.1:\(silent.port)"), query("/ $.a", timeout: .milliseconds(300))
          ), absent: try provider("http://127.0.0.1:\(try Rig.freePort())"), secrets: ["hunter2"]))
    }
  }

  @Test func `method, headers and body are those of the question`() async throws {
    try await RawServer.with(Self.endpoint, until: "{\"q\": 1}") { server in
      let stats = try provider("\(server.url)/api")
      #expect(try await stats.sample(query(Self.search)) == .number(7))
    }
  }

  @Test(arguments: [
    ("FETCH /a $.b", "line 1, column 1: \"FETCH\" is no method"),
    ("GET /a b", "line 1, column 8: a path begins with $"),
    ("GET /a $.b[", "line 1, column 12: an index"), ("GET /ä $.b", "must be escaped, as %20"),
    ("POST /a $.b\nno header\n\nx", "line 2: a header such as"),
    ("GET /a $.b\n\n{\"q\": 1}", "line 3: a GET has no body"),
    ("GET /a $.b\nA: b\u{1}c", "line 2: a header may have no control characters"),
  ])
  func `a mistake in a question is told with its place`(text: String, message: String) {
    let failure = #expect(throws: Failure.self) { try HTTPQuestion(text) }
    #expect(failure?.kind == .rejected)
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }

  @Test func `a range is refused`() async throws {
    var ranged = query("/ $.a")
    ranged.range = Metric.Range(over: .minutes(5), step: .minutes(1))
    let question = ranged
    let failure = await #expect(throws: Failure.self) { try await provider("http://127.0.0.1:1").sample(question) }
    #expect(failure?.kind == .rejected)
  }
}

extension String {
  fileprivate func components(after mark: String) -> String {
    firstRange(of: mark).map { String(self[$0.upperBound...]) } ?? ""
  }
}
