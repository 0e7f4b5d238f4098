import Foundation
import PipelineModel
import PluginKit
import Testing

@testable import BackendHTTP

/// A status that nobody wants becomes the right kind of failure, and its words show no secret.
@Suite struct RefusalTests {
  private func reply(_ status: Int, _ body: String = "", _ headers: [HTTPCall.Field] = [], secrets: [String] = [])
    -> HTTPReply
  {
    HTTPReply(status: status, headers: headers, body: Data(body.utf8), secrets: HiddenSecrets(secrets))
  }

  @Test func `every status has its kind`() {
    let kinds: [(Failure.Kind, [Int])] = [
      (.transient, [408, 425, 429, 500, 502, 503, 504, 599]),
      (.misconfigured, [100, 204, 301, 302, 307, 308, 401, 403, 404, 405, 407, 410]),
      (.rejected, [400, 402, 406, 409, 411, 412, 413, 415, 418, 422, 451]),
    ]
    for (kind, statuses) in kinds {
      for status in statuses { #expect(reply(status).refusal().kind == kind, "\(status)") }
    }
    #expect(
      reply(404, "no such route").refusal(missing: .rejected) == Failure(.rejected, "HTTP 404: \"no such route\""))
    #expect(reply(400).refusal(other: .misconfigured).kind == .misconfigured)
  }

  @Test func `the words are the server's own, made fit`() {
    #expect(reply(503, "<h1>Bad\nGateway</h1>").refusal().message == "HTTP 503: \"<h1>Bad Gateway</h1>\"")
    #expect(reply(400).refusal("bad_data: no").message == "HTTP 400, bad_data: no")
    #expect(reply(401).refusal("token expired").message.hasSuffix("not accepted (token expired)"))
    let away = [HTTPCall.Field("location", "http://me:hunter2@other/?token=hunter2")]
    #expect(reply(302, "", away).refusal().message.contains("a redirect to other/; redirects are not followed"))
  }

  @Test(arguments: [
    ("30", "30s"), ("0", "0s"), ("999999999", "1d"), ("Sun, 06 Nov 1994 08:49:37 GMT", "37s"),
    ("Sun, 06 Nov 1994 08:00:00 GMT", "0s"), ("-5", nil), ("soon", nil), ("Sun, 06 Nix 1994 08:49:37 GMT", nil),
  ])
  func `Retry-After is seconds or a date`(text: String, expected: String?) {
    let now = Date(timeIntervalSince1970: 784_111_740)
    let reply = reply(429, "slow down", [.init("Retry-After", text)])
    #expect(reply.retryAfter(now: now)?.description == expected)
  }

  @Test func `how long to wait is said`() {
    let failure = reply(429, "slow down", [.init("retry-after", "30")]).refusal()
    #expect(failure == Failure(.transient, "HTTP 429: \"slow down\"; it asks to wait 30s"))
  }

  @Test func `a secret is blotted out before a text is cut, so that no half of one is left`() {
    let secret = "hunter2/longer"
    let echo = String(repeating: "x", count: 150) + secret
    #expect(!reply(500, echo, secrets: [secret]).refusal().message.contains("hunter2"))
    #expect(!reply(500, "hunter2%2Flonger", secrets: [secret]).refusal().message.contains("hunter2"))
    #expect(HiddenSecrets(["", "abc", "abcdef"]).hidden(in: "abcdef abc") == "••• •••")
  }
}
