import Foundation
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import SMTPPlugin

/// Against a real mail server: encryption, login, text of every kind, and refusals of every kind.
@Suite(
  .serialized,
  .enabled(
    if: MailServer.isInstalled || ProcessInfo.processInfo.environment["CI"] != nil,
    "python3-aiosmtpd not installed; run script/bootstrap live"))
struct SMTPTests {
  private func notifier(
    _ port: Int, _ tls: String, to: [String] = ["oncall@example.com"], _ more: [String: Settings.Value] = [:],
    password: String = "hunter2"
  ) throws(Failure) -> any Notifier {
    let context = BackendContext(
      secret: { _ in "\(password)\n" }, stateDirectory: "/", baseDirectory: "/", now: { Timestamp(milliseconds: 0) })
    var settings: [String: Settings.Value] = [
      "host": .text("127.0.0.1"), "port": .number(Double(port)), "from": .text("headgate@example.com"),
      "to": .list(to.map { .text($0) }), "tls": .text(tls),
    ]
    if tls != "none" {
      settings["ca"] = .text(TLSFixture.authority)
      settings["user"] = .text("headgate")
      settings["password"] = .secret("mail")
    }
    settings.merge(more) { _, new in new }
    return try BackendFactory<any Notifier>.smtp.make(
      Backend(name: "mail", kind: "smtp", settings: Settings(settings)), context)
  }

  private var notice: Notice {
    Notice(
      key: "s-41-7-rollback", thread: "s-41", event: .rollback, severity: .warning, alarm: .firing, run: RunID(41),
      pipeline: "checkout", service: "shop", environment: "production", version: "v7",
      time: Timestamp(milliseconds: 1_700_000_000_000), title: "checkout v7: über 日本語 rolling back",
      text: "first\n.\n..second", runbook: "https://runbooks.example/checkout",
      fields: [.init(name: "run", value: "41")], timeout: .seconds(60))
  }

  @Test(arguments: ["starttls", "implicit", "none"])
  func `a mail arrives as it was meant`(mode: String) async throws {
    try await Rig.with { rig in
      let server = try await MailServer(mode, in: rig)
      let to = ["oncall@example.com", "lead@example.com"]
      try await notifier(server.port, mode, to: to).send(notice)
      let mail = try #require(try server.mails().first)
      #expect(mail.from == "headgate@example.com" && mail.to == to)
      #expect(mail.secure == (mode != "none") && mail.user == (mode == "none" ? nil : "headgate"))
      #expect(mail.header("Message-ID") == "<s-41-7-rollback@example.com>")
      #expect(mail.header("References") == "<s-41@example.com>")
      #expect(mail.header("Date") == "Tue, 14 Nov 2023 22:13:20 +0000")
      #expect(mail.header("Subject") == SMTPMessage.encodedWord(notice.title).replacing("\r\n ", with: " "))
      let lines = mail.body?.components(separatedBy: "\r\n")
      #expect(lines == [notice.title, "", "first", ".", "..second", "", "run: 41", "runbook: \(notice.runbook ?? "")"])
      #expect(mail.data.components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 76 })
    }
  }

  @Test func `a subject of any length is words that each can be read alone`() throws {
    #expect(SMTPMessage.encodedWord("plain words") == "plain words")
    let long = SMTPMessage.encodedWord(String(repeating: "日本語 ", count: 40))
    for word in long.components(separatedBy: "\r\n ") {
      #expect(word.utf8.count <= 75 && word.hasPrefix("=?utf-8?B?") && word.hasSuffix("?="))
      let text = Data(base64Encoded: String(word.dropFirst(10).dropLast(2)))
      #expect(text.flatMap { String(data: $0, encoding: .utf8) } != nil)
    }
    #expect(!SMTPMessage.encodedWord("one\r\nBcc: somebody@example.com").contains("\r\n"))
  }

  @Test func `what cannot be trusted or is not accepted is the operator's to mend`() async throws {
    try await Rig.with { rig in
      let server = try await MailServer("starttls", in: rig)
      await expect(.misconfigured, "535") { try notifier(server.port, "starttls", password: "hunter3") }
      await expect(.misconfigured, "certificate") {
        try notifier(server.port, "starttls", ["ca": .text(TLSFixture.stranger)])
      }
      await expect(.misconfigured, "TLS") { try notifier(server.port, "implicit") }
      await expect(.rejected, "550: 5.1.1 no such user") {
        try notifier(server.port, "starttls", to: ["refused@example.com"])
      }
      await expect(.transient, "451: 4.3.0 come back later") {
        try notifier(server.port, "starttls", to: ["later@example.com"])
      }
      let expired = try await MailServer("implicit", certificate: .expired, in: rig)
      await expect(.misconfigured, "certificate") { try notifier(expired.port, "implicit") }
      let plain = try await MailServer("none", in: rig)
      await expect(.misconfigured, "offers no STARTTLS") { try notifier(plain.port, "starttls") }
      #expect(try server.mails().isEmpty && expired.mails().isEmpty && plain.mails().isEmpty)
    }
  }

  private func expect(
    _ kind: Failure.Kind, _ text: String, _ make: () throws -> any Notifier
  ) async {
    let failure = await #expect(throws: Failure.self) { try await make().send(notice) }
    #expect(failure?.kind == kind && failure?.message.contains(text) == true, "\(failure?.message ?? "")")
    #expect(failure?.message.contains("hunter") == false)
  }

  @Test(arguments: [
    "HTTP/1.1 400 Bad Request\r\n\r\n", "220 x\r\n250 ok\r\n", "220-\r\n220", "999 what\r\n", "\u{0}\u{1}\r\n",
    String(repeating: "220-x\r\n", count: 500), String(repeating: "x", count: 100_000), "",
  ])
  func `whatever answers there, it fails in time`(said: String) async throws {
    let reply = RawServer.Reply.bytes(Array(said.utf8))
    try await RawServer.with(reply, until: "", speaksFirst: true) { server in
      var hasty = notice
      hasty.timeout = .seconds(2)
      let mail = try notifier(server.port, "none")
      let patient = hasty
      let failure = await #expect(throws: Failure.self) { try await mail.send(patient) }
      #expect(failure?.message.isEmpty == false)
    }
  }

  @Test func `wrong settings are refused before anything is sent`() {
    for (more, text) in [
      (["from": Settings.Value.text("Head Gate <a@b.c>")], "no address"),
      (["to": .list([.text("a@b.c>\r\nRCPT TO:<d@e.f")])], "no address"), (["port": .number(70_000)], "port"),
      (["user": .text("x")], "together"), (["user": .text("x"), "password": .secret("p")], "encrypted"),
    ] {
      let failure = #expect(throws: Failure.self) { try notifier(25, "none", more) }
      #expect(failure?.kind == .misconfigured && failure?.message.contains(text) == true, "\(failure?.message ?? "")")
    }
  }

  @Test func `it keeps the promises of a notifier`() async throws {
    let silent = try SilentListener()
    try await Rig.with { rig in
      let server = try await MailServer("starttls", in: rig)
      await verifyNotifier(
        NotifierHarness(
          notifier: try notifier(server.port, "starttls"), notice: notice,
          received: { key in try server.mails().filter { $0.header("Message-ID")?.contains("<\(key)@") == true }.count
          },
          deaf: try notifier(silent.port, "none"), absent: try notifier(try Rig.freePort(), "none"),
          refusing: (try notifier(server.port, "starttls", to: ["refused@example.com"]), .rejected),
          secrets: ["hunter2"]))
    }
  }
}
