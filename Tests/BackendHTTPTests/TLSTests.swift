import LiveRig
import PipelineModel
import Testing

@testable import BackendHTTP

/// Only the authorities that are named are trusted, only for the time and name they vouch for.
@Suite struct TLSTests {
  private static let answer = RawServer.Reply.bytes(Array(RawServer.http(200, "secure").utf8))

  private func tls(_ more: [String: Settings.Value]) -> [String: Settings.Value] { ["tls": .map(Settings(more))] }

  private func secrets() throws -> [String: String] {
    ["key": try TLSFixture.client.keyText(), "other": try TLSFixture.server.keyText(), "rubbish": "key"]
  }

  @Test func `a server whose authority is named is trusted`() async throws {
    try await RawServer.with(Self.answer, tls: TLSFixture.server.serving()) { server in
      let store = try backend(server.url, tls(["ca": .text(TLSFixture.authority)]))
      #expect(try await store.text() == "secure")
      #expect(try await store.text() == "secure")
    }
  }

  @Test(arguments: [TLSFixture.authority, TLSFixture.stranger, nil])
  func `an expired certificate, another authority, or none named is the operator's to mend`(ca: String?) async throws {
    let shown: TLSFixture = ca == TLSFixture.authority ? .expired : .server
    try await RawServer.with(Self.answer, tls: shown.serving()) { server in
      let store = try backend(server.url, ca.map { tls(["ca": .text($0)]) } ?? [:])
      let failure = await #expect(throws: Failure.self) { try await store.text() }
      #expect(failure?.kind == .misconfigured)
      #expect(failure?.message.contains("not one to trust") == true, "\(failure?.message ?? "")")
    }
  }

  @Test func `a client certificate is shown to a server that asks`() async throws {
    try await RawServer.with(Self.answer, tls: TLSFixture.server.serving(asking: true)) { server in
      let ca = Settings.Value.text(TLSFixture.authority)
      let certificate = Settings.Value.text(TLSFixture.client.certificate)
      let own = tls(["ca": ca, "certificate": certificate, "key": .secret("key")])
      let store = try backend(server.url, own, secrets: try secrets())
      #expect(try await store.text() == "secure")
      await #expect(throws: Failure.self) { try await backend(server.url, tls(["ca": ca])).text() }
      for (key, text) in [("other", "do not fit together"), ("rubbish", "no unencrypted key in PEM")] {
        let wrong = tls(["ca": ca, "certificate": certificate, "key": .secret(key)])
        let failure = await #expect(throws: Failure.self) {
          try await backend(server.url, wrong, secrets: secrets()).text()
        }
        #expect(failure?.kind == .misconfigured)
        #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "")")
      }
    }
  }

  @Test func `plain text where TLS is expected is told`() async throws {
    try await RawServer.with(Self.answer, until: "\u{0}") { server in
      let url = server.url.replacing("http:", with: "https:")
      let failure = await #expect(throws: Failure.self) {
        try await backend(url, tls(["ca": .text(TLSFixture.authority)])).text()
      }
      #expect(failure?.message.contains("does not speak TLS") == true, "\(failure?.message ?? "")")
    }
  }

  @Test func `files that are not there or hold something else are named`() async throws {
    for (path, text) in [("/nowhere.pem", "/nowhere.pem"), (TLSFixture.server.key, "no certificate in PEM")] {
      let failure = await #expect(throws: Failure.self) {
        try await backend("https://127.0.0.1:1", tls(["ca": .text(path)])).text()
      }
      #expect(failure?.kind == .misconfigured)
      #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "")")
    }
  }

  @Test func `settings that contradict each other are refused`() {
    for (url, more) in [
      ("http://host", ["ca": Settings.Value.text("a")]), ("https://host", ["certificate": .text("a")]),
      ("https://host", ["key": .secret("a")]),
    ] {
      let failure = #expect(throws: Failure.self) { try backend(url, tls(more)) }
      #expect(failure?.kind == .misconfigured)
    }
  }
}
