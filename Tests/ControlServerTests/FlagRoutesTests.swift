import ControlAPI
import Engine
import Flags
import Foundation
import Hummingbird
import HummingbirdTesting
import PipelineModel
import Testing

@testable import ControlServer

/// Changes by HTTP are requests in the name of the token's owner.
@Suite struct FlagRoutesTests {
  private static let flag = "/api/v1/environments/production/flags/pay"
  private static let ada: HTTPFields = [.authorization: "Bearer \(Served.adaToken)"]
  private static let shop: HTTPFields = [.authorization: "Bearer \(Served.shopToken)"]

  private static func ada(_ revision: Int) -> HTTPFields {
    [.authorization: "Bearer \(Served.adaToken)", .ifMatch: "\"\(revision)\""]
  }

  private static func with(
    _ work: @Sendable (any TestClientProtocol, RememberedOffice) async throws -> Void
  ) async throws {
    let office = RememberedOffice()
    try await Served(tokens: true, office: office).test { try await work($0, office) }
  }

  @Test func `a flag is shown with its revision as its tag`() async throws {
    try await Self.with { client, _ in
      let flag = try await client.get(Self.flag, headers: Self.ada)
      #expect(flag.status == 200 && flag.headers[.eTag] == "\"7\"" && flag.body.contains(#""key":"pay""#))
      let list = try await client.get("/api/v1/environments/production/flags", headers: Self.ada)
      #expect(list.status == 200 && list.body.hasPrefix("[{"))
      let none = try await client.get("/api/v1/environments/production/flags/none", headers: Self.ada)
      #expect(none.status == 404 && none.body.contains("there is no flag"))
      #expect(try await client.get(Self.flag, headers: Self.shop).status == 403)
      #expect(try await client.get(Self.flag).status == 401)
    }
  }

  @Test func `a change is asked for in the name of the person, on the revision that was seen`() async throws {
    try await Self.with { client, office in
      let body = #"{"definition":{"variants":{"b":1.0},"state":"ENABLED"},"contract":{"owner":null},"reason":"OPS-1"}"#
      let done = try await client.ask(.patch, Self.flag, body, headers: Self.ada(7))
      #expect(done.status == 200 && done.headers[.eTag] == "\"8\"", "\(done)")
      let asked = try #require(await office.asked.first)
      let name = FlagName(environment: "production", key: "pay")
      #expect(
        asked.act
          == .wish(
            FlagWish(
              name,
              .set(
                FlagDraft(
                  definition: #"{"state":"ENABLED","variants":{"b":1.0}}"#,
                  contract: FlagContract(owner: nil, purpose: "to pay"))), ifRevision: 7)))
      #expect(asked.by == "person:ada" && asked.reason == "OPS-1" && asked.origin.hasPrefix("api token ada from "))
    }
  }

  @Test func `a change that names no revision, or not the last, is told so`() async throws {
    try await Self.with { client, office in
      let blind = try await client.ask(.patch, Self.flag, "{}", headers: Self.ada)
      #expect(blind.status == 428)
      await office.refuse("production/pay is at revision 7, and not at 6")
      let stale = try await client.ask(.patch, Self.flag, "{}", headers: Self.ada(6))
      #expect(stale.status == 412 && stale.body.contains("look at revision 7"))
      await office.refuse("ada may not change flags in production")
      let refused = try await client.ask(.patch, Self.flag, "{}", headers: Self.ada(7))
      #expect(refused.status == 409 && refused.body.contains("may not change"))
    }
  }

  @Test(arguments: [
    ("2026-12-01T08:00:00Z", "2026-12-01T08:00:00.000Z"), ("2026-12-01T08:00:00.000Z", "2026-12-01T08:00:00.000Z"),
    ("2026-12-01", "2026-12-01T00:00:00.000Z"), ("2026-12-01T09:00+01:00", "2026-12-01T08:00:00.000Z"),
    ("2026-12-01 09:00 Europe/Berlin", "2026-12-01T08:00:00.000Z"), ("now", Served.now.rfc3339),
  ]) func `an instant is taken as the command line takes it`(written: String, meant: String) async throws {
    try await Self.with { client, office in
      let body = #"{"at":"\#(written)","contract":{"expires":"\#(written)"}}"#
      #expect(try await client.ask(.patch, Self.flag, body, headers: Self.ada(7)).status == 200)
      let wish = try #require(await office.asked.first?.act.wishes.first)
      #expect(wish.at?.rfc3339 == meant && wish.deed.draft?.contract.expires?.rfc3339 == meant)
    }
  }

  @Test func `an instant that is none is told how one is written`() async throws {
    try await Self.with { client, _ in
      let refused = try await client.ask(.patch, Self.flag, #"{"at":"2026-13-01"}"#, headers: Self.ada(7))
      #expect(refused.status == 422 && refused.body.contains("there is no such date or time"), "\(refused)")
    }
  }

  private static func definition(values: Int) -> String {
    let list = Array(repeating: "1", count: values).joined(separator: ",")
    return #"{"state":"ENABLED","variants":{"a":{"l":[\#(list)]}}}"#
  }

  @Test func `a definition has as much in it as from the command line, and no more`() async throws {
    try await Self.with { client, office in
      let most = #"{"definition":\#(Self.definition(values: 99_000))}"#
      #expect(try await client.ask(.patch, Self.flag, most, headers: Self.ada(7)).status == 200)
      let more = #"{"definition":\#(Self.definition(values: 100_001))}"#
      let refused = try await client.ask(.patch, Self.flag, more, headers: Self.ada(7))
      #expect(refused.status == 422 && refused.body.contains("more than 100000 values"), "\(refused)")
      #expect(refused.body.contains("line 1, column 200"), "\(refused)")
      #expect(await office.asked.count == 1)
    }
  }

  @Test func `what waits for approval is accepted, not done`() async throws {
    try await Self.with { client, office in
      await office.propose()
      let response = try await client.ask(.post, Self.flag + "/on", #"{"variant":"a"}"#, headers: Self.ada(7))
      #expect(response.status == 202 && response.body.contains(#""proposal":12"#), "\(response)")
      let approved = try await client.post(
        "/api/v1/proposals/12/approve", #"{"hash":"sha256:1","reason":"looked at it"}"#, headers: Self.ada)
      #expect(approved.status == 202)
      #expect(await office.asked.last?.act == .approve(12, hash: "sha256:1"))
      #expect(try await client.post("/api/v1/proposals/12/approve", "{}", headers: Self.ada).status == 428)
      #expect(try await client.post("/api/v1/proposals/13/reject", "{}", headers: Self.ada).status == 404)
      #expect(try await client.post("/api/v1/proposals/12/reject", "{}", headers: Self.shop).status == 403)
    }
  }

  @Test func `what a change would come to can be asked before, by the same request`() async throws {
    try await Self.with { client, office in
      await office.propose()
      let places: [(HTTPRequest.Method, String, String)] = [
        (.patch, Self.flag, "{}"), (.post, Self.flag, #"{"definition":{}}"#), (.post, Self.flag + "/on", "{}"),
        (.post, Self.flag + "/kill", "{}"), (.post, "/api/v1/proposals/12/reject", "{}"),
        (.post, "/api/v1/proposals/12/approve", #"{"hash":"sha256:1"}"#),
      ]
      for (method, path, body) in places {
        let told = try await client.ask(method, path + "?dryRun=true", body, headers: Self.ada(7))
        #expect(told.status == 200 && told.body.contains(#""approvalsNeeded":1"#), "\(path): \(told)")
        #expect(try await client.ask(method, path + "?dryRun=yes", body, headers: Self.ada(7)).status == 400)
        #expect(try await client.ask(method, path + "?dryRun=true", body, headers: Self.shop).status == 403)
      }
      #expect(await office.previewed.count == places.count)
      #expect(await office.asked.isEmpty)
    }
  }

  @Test func `a refusal that speaks of the command line says what that is over HTTP`() async throws {
    try await Self.with { client, office in
      await office.refuse("pay was switched off for a reason; say with --reason why it may be on again")
      for query in ["", "?dryRun=true"] {
        let refused = try await client.ask(.post, Self.flag + "/on" + query, "{}", headers: Self.ada(7))
        #expect(refused.status == 409 && refused.body.contains("is a `reason` in the body"), "\(refused)")
      }
    }
  }

  @Test func `a kill waits for nobody`() async throws {
    try await Self.with { client, office in
      let killed = try await client.post(Self.flag + "/kill", nil, headers: Self.ada)
      #expect(killed.status == 200)
      let name = FlagName(environment: "production", key: "pay")
      #expect(await office.asked.map(\.act) == [.wish(FlagWish(name, .kill))])
      #expect(try await client.post(Self.flag + "/kill", nil, headers: Self.shop).status == 403)
      for word in ["on", "off", "archive", "revert"] {
        #expect(try await client.post("\(Self.flag)/\(word)", "{}", headers: Self.ada).status == 428, "\(word)")
      }
      #expect(try await client.post(Self.flag + "/explode", "{}", headers: Self.ada(7)).status == 404)
    }
  }

  @Test(arguments: [
    "{", "[]", #"{"definition":{},"strange":1}"#, #"{"reason":7}"#, #"{"at":"tomorrow"}"#, #"{"fractional":"v9"}"#,
    #"{"contract":{"services":"shop"}}"#, #"{"contract":{"boss":"x"}}"#, #"{"breakGlass":"yes"}"#,
    #"{"revision":1.5}"#,
  ]) func `a change that cannot be read asks for nothing`(body: String) async throws {
    try await Self.with { client, office in
      let places: [(HTTPRequest.Method, String)] = [
        (.patch, Self.flag), (.post, Self.flag), (.post, Self.flag + "/revert"),
      ]
      for (method, path) in places {
        let response = try await client.ask(method, path, body, headers: Self.ada(7))
        #expect([400, 422].contains(response.status), "\(response)")
      }
      #expect(await office.asked.isEmpty)
    }
  }
}

extension FlagDeed {
  fileprivate var draft: FlagDraft? { if case .set(let draft) = self { draft } else { nil } }
}

/// An office that remembers what it was asked.
actor RememberedOffice: FlagOffice {
  struct Asked: Equatable {
    var act: FlagAct
    var by: String
    var origin: String
    var reason: String?
  }

  private(set) var asked: [Asked] = []
  private(set) var previewed: [FlagAct] = []
  private var refusal: String?
  private var proposes = false

  func refuse(_ why: String) { refusal = why }
  func propose() { proposes = true }

  func flags(in environment: String) -> [FlagSummary] { [summary(7)] }
  func flag(_ name: FlagName) -> FlagSummary? { name.key == "pay" ? summary(7) : nil }
  func history(of name: FlagName, for caller: Principal, origin: String) -> [FlagSummary] {
    [summary(6), summary(7)]
  }
  func proposal(_ number: Int64) -> ProposalSummary? { proposals(all: true).first { $0.proposal == number } }
  func proposals(all: Bool) -> [ProposalSummary] { proposes ? [proposal] : [] }

  func ask(_ act: FlagAct, by caller: Principal, origin: String, reason: String?) throws -> FlagAnswer {
    asked.append(Asked(act: act, by: caller.description, origin: origin, reason: reason))
    if let refusal { throw Problem(refused: refusal) }
    return proposes
      ? FlagAnswer(revisions: [], proposals: [proposal], movers: [])
      : FlagAnswer(revisions: [summary(8)], proposals: [], movers: [])
  }

  func preview(_ act: FlagAct, by caller: Principal, reason: String?) throws -> FlagPreview {
    if let refusal { throw Problem(refused: refusal) }
    previewed.append(act)
    return FlagPreview(revisions: [], proposals: [proposal], movers: [])
  }

  private func summary(_ revision: Int64) -> FlagSummary {
    FlagSummary(
      environment: "production", key: "pay", revision: revision, state: "on", defaultVariant: "a", owner: "shop",
      purpose: "to pay", expires: nil, endState: nil, services: [], rollout: nil, fractional: "v2", change: "changed",
      changedAt: "2026-11-21T13:05:00.123Z", changedBy: "person:ada", reason: nil, approvedBy: [], entry: 41,
      definition: #"{"state":"ENABLED","variants":{"a":1}}"#)
  }

  private var proposal: ProposalSummary {
    ProposalSummary(
      proposal: 12, environment: "production", key: "pay", state: "open", note: nil, change: "turned on", revision: 8,
      requestedBy: "person:ada", requestedAt: "2026-11-21T13:05:00.123Z", reason: nil,
      expires: "2026-11-22T13:05:00.123Z", due: nil, approvalsNeeded: 1, approvedBy: [], hash: "sha256:1",
      definition: "{}")
  }
}
