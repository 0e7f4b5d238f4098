import Foundation
import LiveRig
import Testing

/// Flags of a store, changed over HTTP and from the command line while they are served.
@Suite struct FlagServingTests {
  private static let token = "ada-token-of-32-bytes-0123456789"
  private static let shop = "shop-token-of-32-bytes-012345678"

  private struct House {
    let scratch: Scratch
    let server: Child
    let address: String
    let config: String

    init(_ scratch: Scratch, _ more: String = "") async throws {
      self.scratch = scratch
      config = try scratch.rig.write(
        """
        store: headgate.db
        actingFor: anybody
        roles: { release-manager: [ada, rita] }
        flags:
          staging: { change: [release-manager] }
          production: { change: [release-manager], approve: [release-manager] }
        serve:
          tokens:
            ada: { secret: ada, may: [read, change], as: ada }
            shop: { secret: shop, may: [evaluate, sync, change] }
          files: { staging: staging.json }
        secrets: { ada: { env: ADA_TOKEN }, shop: { env: SHOP_TOKEN } }
        \(more)
        """, to: "headgate.yaml")
      server = try await scratch.rig.start(
        "serve", "/usr/bin/env",
        [
          "ADA_TOKEN=\(FlagServingTests.token)", "SHOP_TOKEN=\(FlagServingTests.shop)", HeadgateProgram.path, "serve",
          "--port", "0", "--config", config,
        ])
      let server = server
      try await Rig.wait(for: "the address") { server.output.contains("driving") || !server.isRunning }
      let found = server.output.firstMatch(of: #/serving on (http:\S+)/#).map { String($0.output.1) }
      address = try #require(found, "\(server.output)")
    }

    func ask(
      _ method: String, _ path: String, _ body: String = "", token: String = FlagServingTests.token, match: Int? = nil
    ) async throws -> (status: Int, body: String) {
      var headers = [("Authorization", "Bearer \(token)")]
      if let match { headers.append(("If-Match", "\"\(match)\"")) }
      return try #require(await Rig.send(method, address + path, json: body, headers: headers))
    }

    func value(_ key: String, in environment: String) async throws -> String {
      try await ask(
        "POST", "/environments/\(environment)/ofrep/v1/evaluate/flags/\(key)", #"{"context":{"targetingKey":"u1"}}"#,
        token: FlagServingTests.shop
      ).body
    }
  }

  private static let definition =
    #"{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off"}"#

  @Test func `who reads a flag's history over HTTP is on record, once for looking again and again`() async throws {
    try await Scratch.with { scratch in
      let house = try await House(scratch, "audit: { reads: [history] }")
      let path = "/api/v1/environments/staging/flags/pay"
      #expect(try await house.ask("POST", path, #"{"definition":\#(Self.definition)}"#).status == 201)
      for _ in 0..<3 {
        let history = try await house.ask("GET", path + "/history")
        #expect(history.status == 200 && history.body.contains(#""revision":1"#), "\(history)")
      }
      let list = try await scratch.headgate("audit", "list", "--kind", "audit", "--format", "json")
      let reads = try list.jsonLines().compactMap { entry in (entry["fact"] as? [String: Any]).map { (entry, $0) } }
      #expect(reads.map { $0.1["filter"] as? String } == ["flag pay in staging"])
      #expect(reads.first?.0["actor"] as? String == "person:ada")
      #expect((reads.first?.0["origin"] as? String)?.hasPrefix("api token ada from ") == true)
      house.server.signal(SIGTERM)
      #expect(try await house.server.ending() == 0)
    }
  }

  @Test func `a flag is made, turned on and killed, and every application sees it`() async throws {
    try await Scratch.with { scratch in
      let house = try await House(scratch)
      let path = "/api/v1/environments/staging/flags/pay"
      let made = try await house.ask("POST", path, #"{"definition":\#(Self.definition),"contract":{"owner":"shop"}}"#)
      #expect(made.status == 201 && made.body.contains(#""revision":1"#), "\(made)")
      try await Rig.wait(for: "the flag") { try await house.value("pay", in: "staging").contains("DISABLED") }
      let on = try await house.ask("POST", path + "/on", #"{"variant":"on","reason":"OPS-7"}"#, match: 1)
      #expect(on.status == 200 && on.body.contains(#""revision":2"#), "\(on)")
      try await Rig.wait(for: "on") { try await house.value("pay", in: "staging").contains(#""value":true"#) }
      let stale = try await house.ask("POST", path + "/off", "{}", match: 1)
      #expect(stale.status == 412, "\(stale)")
      // From the command line, while the server drives.
      let killed = try await scratch.headgate(
        "flag", "kill", "pay", "-e", "staging", "--as", "rita", "--reason", "errors")
      #expect(killed.code == 0, "\(killed.all)")
      try await Rig.wait(for: "off") { try await house.value("pay", in: "staging").contains("DISABLED") }
      try await Rig.wait(for: "the file") {
        let file = FileManager.default.contents(atPath: "\(scratch.folder)/staging.json") ?? Data()
        return String(decoding: file, as: UTF8.self).contains(#""state":"DISABLED""#)
      }
      let audit = try await scratch.headgate("audit", "list", "--format", "json")
      #expect(audit.out.contains("person:ada") && audit.out.contains("api token ada from 127.0.0.1"), "\(audit.all)")
      await house.server.stop()
    }
  }

  @Test func `whoever was told that a change is done finds it served`() async throws {
    try await Scratch.with { scratch in
      let house = try await House(scratch)
      let path = "/api/v1/environments/staging/flags/pay"
      #expect(try await house.ask("POST", path, #"{"definition":\#(Self.definition)}"#).status == 201)
      for round in 0..<10 {
        let revision = 1 + 2 * round
        let on = try await house.ask("POST", path + "/on", #"{"variant":"on"}"#, match: revision)
        let value = try await house.value("pay", in: "staging")
        #expect(on.status == 200 && value.contains(#""value":true"#), "\(round): \(on), \(value)")
        let off = try await house.ask("POST", path + "/off", "{}", match: revision + 1)
        let none = try await house.value("pay", in: "staging")
        #expect(off.status == 200 && none.contains("DISABLED"), "\(round): \(off), \(none)")
      }
      #expect(try await house.ask("POST", path + "/kill", #"{"reason":"errors"}"#).status == 200)
      let again = try await house.ask("POST", path + "/kill", #"{"reason":"errors"}"#)
      #expect(again.status == 200 && again.body.contains(#""state":"latched""#), "\(again)")
      #expect(again.body.contains(#""revision":22"#), "\(again)")
      await house.server.stop()
    }
  }

  @Test func `what would come of a change can be asked before, and leaves nothing behind`() async throws {
    try await Scratch.with { scratch in
      let house = try await House(scratch)
      let production = "/api/v1/environments/production/flags/pay"
      let body = #"{"definition":\#(Self.definition),"contract":{"endState":"on"}}"#
      let asked = try await house.ask("POST", production + "?dryRun=true", body)
      #expect(asked.status == 200 && asked.body.contains(#""approvalsNeeded":1"#), "\(asked)")
      #expect(asked.body.contains(#""moved":0"#) && asked.body.contains(#""population":10000"#), "\(asked)")
      let refused = try await house.ask("POST", production + "?dryRun=true", body, token: Self.shop)
      #expect(refused.status == 409 && refused.body.contains("none of the roles"), "\(refused)")
      let staging = "/api/v1/environments/staging/flags/pay"
      let done = try await house.ask("POST", staging + "?dryRun=true", body)
      #expect(done.status == 200 && done.body.contains(#""proposals":[]"#), "\(done)")
      #expect(done.body.contains(#""revision":1"#), "\(done)")
      #expect(try await house.ask("GET", staging).status == 404)
      #expect(try await house.ask("GET", "/api/v1/proposals?all=true").body == "[]")
      let audit = try await scratch.headgate("audit", "list", "--format", "json")
      #expect(!audit.out.contains("flag"), "\(audit.all)")
      await house.server.stop()
    }
  }

  @Test func `what needs a second person waits for one, and a token without the role gets nothing done`() async throws {
    try await Scratch.with { scratch in
      let house = try await House(scratch)
      let path = "/api/v1/environments/production/flags/pay"
      let body = #"{"definition":\#(Self.definition),"contract":{"endState":"on"}}"#
      let refused = try await house.ask("POST", path, body, token: Self.shop)
      #expect(refused.status == 409 && refused.body.contains("none of the roles"), "\(refused)")
      let asked = try await house.ask("POST", path, body)
      #expect(asked.status == 202, "\(asked)")
      let hash = try #require(asked.body.firstMatch(of: #/"hash":"([^"]+)"/#).map { String($0.output.1) })
      let own = try await house.ask("POST", "/api/v1/proposals/1/approve", #"{"hash":"\#(hash)"}"#)
      #expect(own.status == 409, "\(own)")
      let approved = try await scratch.headgate("flag", "approve", "1", "--as", "rita", "--yes")
      #expect(approved.code == 0, "\(approved.all)")
      try await Rig.wait(for: "the flag") { try await house.ask("GET", path).status == 200 }
      await house.server.stop()
    }
  }

  @Test func `who was given a flag is found again, and what nobody asks for is stale`() async throws {
    try await Scratch.with { scratch in
      let house = try await House(scratch)
      for key in ["pay", "idle"] {
        let body = #"{"definition":\#(Self.definition),"contract":{"endState":"on"}}"#
        #expect(try await house.ask("POST", "/api/v1/environments/staging/flags/\(key)", body).status == 201)
      }
      let on = try await house.ask("POST", "/api/v1/environments/staging/flags/pay/on", #"{"variant":"on"}"#, match: 1)
      #expect(on.status == 200, "\(on)")
      try await Rig.wait(for: "on") { try await house.value("pay", in: "staging").contains(#""value":true"#) }
      try await Rig.wait(for: "the count") {
        try await scratch.headgate("flag", "exposed", "pay", "-e", "staging", "--user", "u1").out.contains(" on ")
      }
      let pay = try await house.ask("POST", "/api/v1/environments/staging/flags/pay/archive", "{}", match: 2)
      #expect(pay.status == 409 && pay.body.contains("applications still ask for pay in staging"), "\(pay)")
      let idle = try await house.ask("POST", "/api/v1/environments/staging/flags/idle/archive", "{}", match: 1)
      #expect(idle.status == 200, "\(idle)")
      await house.server.stop()
      let exposed = try await scratch.headgate(
        "flag", "exposed", "pay", "-e", "staging", "--user", "u1", "--format", "json")
      #expect(exposed.code == 0 && exposed.out.contains(#""variant" : "on""#), "\(exposed.all)")
      #expect(!exposed.out.contains("\"u1\""))
      let nobody = try await scratch.headgate("flag", "exposed", "pay", "-e", "staging", "--user", "u2")
      #expect(nobody.out.hasPrefix("nobody, as far as was counted since"), "\(nobody.all)")
      let asked = ["flag", "exposed", "pay", "-e", "staging"]
      for (words, told) in [
        (["flag", "exposed", "pya", "-e", "staging"], "did you mean pay?"),
        (["flag", "exposed", "nothing-of-the-kind", "-e", "staging"], "there is no flag"),
        (asked + ["--variant", "onn"], "never had a variant onn; did you mean on?"),
        (asked + ["--from", "2026-11-02", "--to", "2026-11-01"], "the period is empty"),
      ] {
        let refused = try await scratch.headgate.run(words)
        #expect([2, 64].contains(refused.code) && refused.errors.contains(told), "\(words): \(refused.all)")
        #expect(refused.out.isEmpty, "\(words): \(refused.all)")
      }
      #expect(try await scratch.headgate.run(asked + ["--variant", "off"]).out.hasPrefix("nobody"))
      let stale = try await scratch.headgate("flag", "stale", "-e", "staging")
      #expect(stale.code == 1 && stale.out.contains("it has no owner"), "\(stale.all)")
      #expect(stale.errors.contains("nobody knows which flags are unused"))
    }
  }
}
