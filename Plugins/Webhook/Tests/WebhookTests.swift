import Crypto
import Foundation
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Synchronization
import Testing

@testable import WebhookPlugin

/// What a receiver gets, and what becomes of one that does not take it.
@Suite struct WebhookTests {
  private let secrets = ["key": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "plain": "hunter2"]

  private func notifier(_ settings: [String: Settings.Value], secrets more: [String: String] = [:]) throws(Failure)
    -> any Notifier
  {
    let secrets = secrets.merging(more) { _, new in new }
    let context = BackendContext(
      secret: { name throws(Failure) in
        guard let value = secrets[name] else { throw Failure(.misconfigured, "there is no secret \(name)") }
        return value
      }, stateDirectory: "/", baseDirectory: "/", now: { Timestamp(milliseconds: 1_614_265_330_000) })
    return try BackendFactory<any Notifier>.webhook.make(
      Backend(name: "hook", kind: "webhook", settings: Settings(settings)), context)
  }

  private var notice: Notice {
    Notice(
      key: "s-41-7-rollback", thread: "s-41", event: .rollback, severity: .warning, alarm: .firing, run: RunID(41),
      pipeline: "checkout", service: "shop", environment: "production", version: "v7",
      time: Timestamp(milliseconds: 1_700_000_000_000), title: "checkout v7 in production: rolling back",
      text: "rolling back: the gate said fail <!channel> & more", runbook: "https://runbooks.example/checkout",
      fields: [.init(name: "run", value: "41"), .init(name: "weight", value: "25%")])
  }

  /// The example of the specification, as its libraries test it.
  @Test func `the signature is that of Standard Webhooks`() {
    let signature = WebhookSignature.of(
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek", seconds: "1614265330", body: Data(#"{"test": 2432232314}"#.utf8),
      key: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
  }

  @Test func `a receiver can tell who sent it, and drop a second one`() async throws {
    let requests = Mutex<[String]>([])
    let reply = RawServer.Reply.made { request in
      requests.withLock { $0.append(request) }
      return RawServer.http(200, "ok")
    }
    try await RawServer.with(reply, until: #""version":"v7"}"#) { server in
      let hook = try notifier(["url": .text("\(server.url)/in"), "signature": .secret("plain")])
      try await hook.send(notice)
      try await hook.send(notice)
    }
    let received = requests.withLock(\.self)
    try #require(received.count == 2)
    for request in received {
      #expect(request.hasPrefix("POST /in HTTP/1.1\r\n") && request.contains("webhook-id: s-41-7-rollback\r\n"))
      let body = try #require(request.components(separatedBy: "\r\n\r\n").last)
      let signed = Data("s-41-7-rollback.1614265330.\(body)".utf8)
      let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: Data("hunter2".utf8)))
      #expect(request.contains("webhook-signature: v1,\(Data(code).base64EncodedString())\r\n"))
    }
  }

  @Test func `plain JSON has every member of the notice`() throws {
    let body = try json(.json)
    #expect(body["key"] as? String == notice.key && body["thread"] as? String == notice.thread)
    #expect(body["event"] as? String == "rollback" && body["alarm"] as? String == "firing")
    #expect(body["run"] as? Int == 41 && body["time"] as? String == "2023-11-14T22:13:20.000Z")
    #expect(body["fields"] as? [String: String] == ["run": "41", "weight": "25%"])
    #expect(body["text"] as? String == notice.text && body["runbook"] as? String == notice.runbook)
  }

  @Test func `for Slack a text can be neither a mention nor a link`() throws {
    let body = try json(.slack)
    #expect(body["text"] as? String == notice.title)
    let attachment = try #require((body["attachments"] as? [[String: Any]])?.first)
    #expect(attachment["text"] as? String == "rolling back: the gate said fail &lt;!channel&gt; &amp; more")
    #expect(attachment["color"] as? String == "warning" && attachment["title_link"] as? String == notice.runbook)
  }

  @Test func `for Teams it is an adaptive card`() throws {
    let attachment = try #require((try json(.teams)["attachments"] as? [[String: Any]])?.first)
    #expect(attachment["contentType"] as? String == "application/vnd.microsoft.card.adaptive")
    let card = try #require(attachment["content"] as? [String: Any])
    #expect(card["type"] as? String == "AdaptiveCard" && card["$schema"] != nil)
    let blocks = try #require(card["body"] as? [[String: Any]])
    #expect(blocks.first?["text"] as? String == notice.title && blocks.last?["type"] as? String == "FactSet")
  }

  private func json(_ shape: WebhookShape) throws -> [String: Any] {
    let body = Data(try shape.body(of: notice).utf8)
    return try #require(try JSONSerialization.jsonObject(with: body) as? [String: Any])
  }

  @Test func `templates are the operator's words`() async throws {
    let received = Mutex("")
    let reply = RawServer.Reply.made { request in
      received.withLock { $0 = request }
      return RawServer.http(200, "ok")
    }
    try await RawServer.with(reply, until: #""version":"v7"}"#) { server in
      let hook = try notifier([
        "url": .text(server.url), "title": .text("[${severity}] ${service}: ${event} at ${weight}, $${HOME}"),
      ])
      try await hook.send(notice)
    }
    #expect(received.withLock(\.self).contains(#""title":"[warning] shop: rollback at 25%, ${HOME}""#))
    #expect(throws: Failure.self) { try notifier(["url": .text("http://h"), "text": .text("${nothing}")]) }
    #expect(throws: Failure.self) { try notifier(["url": .text("http://h"), "text": .text("${text")]) }
  }

  @Test func `an address that is a secret is never shown`() async throws {
    let reply = RawServer.Reply.bytes(Array(RawServer.http(404, "no_service at /services/T0/hunter2").utf8))
    try await RawServer.with(reply) { server in
      let hook = try notifier(
        ["secretUrl": .secret("address")], secrets: ["address": "\(server.url)/services/T0/hunter2\n"])
      let failure = await #expect(throws: Failure.self) { try await hook.send(notice) }
      #expect(failure?.kind == .misconfigured)
      #expect(failure?.message.contains("\(server.port)") == false, "\(failure?.message ?? "")")
    }
    let nonsense = try notifier(["secretUrl": .secret("address")], secrets: ["address": "hunter2"])
    let failure = await #expect(throws: Failure.self) { try await nonsense.send(notice) }
    #expect(failure?.kind == .misconfigured && failure?.message.contains("hunter2") == false)
    #expect(throws: Failure.self) { try notifier([:]) }
    #expect(throws: Failure.self) { try notifier(["url": .text("http://h"), "secretUrl": .secret("a")]) }
  }

  @Test func `it keeps the promises of a notifier`() async throws {
    let requests = Mutex<[String]>([])
    let reply = RawServer.Reply.made { request in
      requests.withLock { $0.append(request) }
      return RawServer.http(202, "")
    }
    let silent = try SilentListener()
    try await RawServer.with(reply) { server in
      try await RawServer.with(.bytes(Array(RawServer.http(400, "invalid_payload").utf8))) { refusing in
        await verifyNotifier(
          NotifierHarness(
            notifier: try notifier(["url": .text(server.url), "shape": .text("slack")]), notice: notice,
            received: { key in
              requests.withLock { $0.filter { $0.contains("webhook-id: \(key)\r\n") }.count }
            },
            deaf: try notifier(["url": .text("http://127.0.0.1:\(silent.port)")]),
            absent: try notifier(["url": .text("http://127.0.0.1:\(try Rig.freePort())")]),
            refusing: (try notifier(["url": .text(refusing.url)]), .rejected), secrets: ["hunter2"]))
      }
    }
  }
}
