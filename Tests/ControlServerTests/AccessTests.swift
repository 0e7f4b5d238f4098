import Foundation
import Hummingbird
import HummingbirdTesting
import PipelineModel
import Testing

@testable import ControlServer

/// Who may do what.
@Suite struct AccessTests {
  private static let flag = "/ofrep/v1/evaluate/flags/on"

  @Test func `without its token nobody gets anything but a sign of life`() async throws {
    try await Served(tokens: true).test { client in
      #expect(try await client.get("/healthz").status == 200)
      for path in ["/metrics", "/flags.json", "/environments/production/flags.json", "/nothing"] {
        #expect(try await client.get(path).status == 401, "\(path)")
      }
      for value in ["Bearer \(Served.shopToken)x", "Bearer ", "Basic \(Served.shopToken)", Served.shopToken, ""] {
        let response = try await client.post(Self.flag, "{}", headers: [.authorization: value])
        #expect(response.status == 401, "\(value)")
        #expect(response.headers[.wwwAuthenticate] == "Bearer realm=\"headgate\"")
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect(!response.body.contains(Served.shopToken))
      }
    }
  }

  @Test func `a token is taken as a bearer's or as a key`() async throws {
    try await Served(tokens: true).test { client in
      for headers in [
        [.authorization: "Bearer \(Served.shopToken)"], [.authorization: "bearer \(Served.shopToken)"],
        HTTPFields(dictionaryLiteral: (try #require(HTTPFields.keyName), Served.shopToken)),
      ] as [HTTPFields] {
        #expect(try await client.post(Self.flag, "{}", headers: headers).status == 200)
      }
    }
  }

  @Test func `a token does what it may, where it may`() async throws {
    let served = try Served(tokens: true)
    try served.put(#"{"flags":{}}"#, environment: "staging")
    let shop: HTTPFields = [.authorization: "Bearer \(Served.shopToken)"]
    let ada: HTTPFields = [.authorization: "Bearer \(Served.adaToken)"]
    try await served.test { client in
      let staging = try await client.post("/environments/staging" + Self.flag, "{}", headers: shop)
      #expect(staging.status == 403 && staging.body.contains("not for the environment"))
      #expect(staging.body.contains("mend"))
      let sync = try await client.get("/flags.json", headers: shop)
      #expect(sync.status == 403 && sync.body.contains("may not sync"))
      #expect(try await client.get("/metrics", headers: shop).status == 403)
      // The only environment of its token needs no name.
      #expect(try await client.post(Self.flag, "{}", headers: shop).status == 200)
      #expect(try await client.get("/environments/staging/flags.json", headers: ada).status == 200)
      let unknown = try await client.get("/environments/moon/flags.json", headers: shop)
      #expect(unknown.status == 403 && !unknown.body.contains("staging"))
    }
  }

  @Test func `a token that asks too often is told when to come back`() async throws {
    try await Served(tokens: true, rate: 3).test { client in
      let shop: HTTPFields = [.authorization: "Bearer \(Served.shopToken)"]
      for _ in 1...3 { #expect(try await client.post(Self.flag, "{}", headers: shop).status == 200) }
      let response = try await client.post(Self.flag, "{}", headers: shop)
      #expect(response.status == 429 && response.headers[.retryAfter] == "1")
      let ada: HTTPFields = [.authorization: "Bearer \(Served.adaToken)"]
      #expect(try await client.get("/metrics", headers: ada).status == 200)
    }
  }

  @Test func `what is not used of a rate is not saved up`() throws {
    let token = Serving.Token(name: "a", secret: "a", scopes: [.evaluate], rate: 2)
    let book = try TokenBook([token], values: [Served.shopToken])
    let caller = try #require(book.caller(presenting: Served.shopToken))
    func admitted(_ milliseconds: Int64, tries: Int) -> Int {
      (0..<tries).count { _ in book.admit(caller, at: Served.now + Interval(milliseconds: milliseconds)) }
    }
    #expect(admitted(0, tries: 5) == 2)
    #expect(admitted(400, tries: 5) == 0)
    #expect(admitted(500, tries: 5) == 1)
    #expect(admitted(3_600_000, tries: 5) == 2)
    // A clock that was set back gives nothing and takes nothing.
    #expect(admitted(0, tries: 5) == 0)
  }

  @Test func `a token that could be guessed, or is another one's, is refused`() {
    let a = Serving.Token(name: "a", secret: "a", scopes: [.evaluate])
    let b = Serving.Token(name: "b", secret: "b", scopes: [.evaluate])
    #expect(throws: TokenBook.Refusal.self) { try TokenBook([a], values: ["123456789012345"]) }
    #expect(throws: TokenBook.Refusal.self) { try TokenBook([a, b], values: [Served.shopToken, Served.shopToken]) }
    do {
      _ = try TokenBook([a], values: ["hunter2"])
    } catch {
      #expect(error.description.contains("\"a\" has 7 bytes") && !error.description.contains("hunter2"))
    }
  }

  @Test(arguments: ["0.0.0.0", "::", "10.1.2.3", "example.org"])
  func `other machines reach nothing without a token`(host: String) throws {
    let serving = Serving(address: .init(host: host, port: 0))
    let server = ControlServer(
      serving, tokens: try TokenBook([], values: []), shelf: FlagShelf(), log: Served.log
    ) { Served.now }
    #expect(throws: ControlServer.Refusal.self) { try server.application() }
  }

  @Test func `without tokens a page of a browser gets nothing`() async throws {
    try await Served().test(.live) { client in
      let origin = try #require(HTTPFields.originName)
      let foreign = try await client.post(Self.flag, "{}", headers: [origin: "https://evil.example"])
      #expect(foreign.status == 403 && foreign.body.contains("evil.example"))
      #expect(try await client.post(Self.flag, "{}", headers: [origin: "null"]).status == 403)
      #expect(try await client.post(Self.flag, "{}", headers: [origin: "http://localhost:3000"]).status == 200)
      #expect(try await client.post(Self.flag, "{}").status == 200)
    }
  }

  @Test(arguments: [
    ("localhost", true), ("localhost:80", true), ("127.0.0.1:8710", true), ("[::1]:8710", true), ("::1", true),
    ("http://127.0.0.1", true), ("rebound.example:8710", false), ("localhost.evil.example", false), ("null", false),
    ("", false), ("127.0.0.1.evil.example:80", false), ("https://localhost@evil.example", false),
  ]) func `a name is of this machine, or it is not`(name: String, isLocal: Bool) {
    #expect(Doorkeeper.isLocal(name) == isLocal)
  }

  @Test func `a ticket opens the stream of its environment and nothing else`() async throws {
    let served = try Served(tokens: true)
    let shop: HTTPFields = [.authorization: "Bearer \(Served.shopToken)"]
    try await served.test { client in
      let body = try await client.post("/ofrep/v1/evaluate/flags", "{}", headers: shop).body
      let target = try #require(body.firstMatch(of: #/"requestUri":"([^"]+)"/#).map { String($0.output.1) })
      let ticket = try #require(target.split(separator: "=").last.map(String.init))
      #expect(!target.contains(Served.shopToken))
      for path in [
        "/environments/staging/ofrep/v1/events?ticket=\(ticket)", "/flags.json?ticket=\(ticket)",
        "/environments/production/ofrep/v1/events?ticket=\(ticket)0", "/environments/production/ofrep/v1/events",
      ] {
        #expect(try await client.get(path).status == 401, "\(path)")
      }
      #expect(try await client.post("/ofrep/v1/evaluate/flags", "{}", headers: shop).body == body)
    }
  }
}
