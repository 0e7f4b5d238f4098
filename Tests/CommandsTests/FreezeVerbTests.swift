import Foundation
import LiveRig
import Testing

/// Freezes as people declare them: in a store that nobody drives, with what they hold back on the time line.
@Suite struct FreezeVerbTests {
  private struct Summary: Decodable {
    var freeze: Int64
    var state: String
    var services: [String]
    var environment: String?
    var until: String?
    var starts: String
    var except: [String]
    var declaredBy: String
    var endedBecause: String?
  }

  @Test func `a freeze is declared, holds flags back, is listed, ended, and stands on the time line`() async throws {
    try await Scratch.with { scratch in
      let headgate = scratch.headgate
      #expect(try await headgate("flag", "create", "f", "-e", "staging", "--yes").code == 0)
      let started = try await headgate(
        "freeze", "start", "Black Friday", "-e", "staging", "--service", "shop", "--for", "4h", "--format", "json")
      #expect(started.code == 0, "\(started.all)")
      let freeze = try started.json(Summary.self)
      #expect(freeze.freeze == 1 && freeze.state == "holds" && freeze.services == ["shop"])
      #expect(freeze.starts == "refuse" && freeze.except == ["security", "emergency"])
      let refused = try await headgate("flag", "on", "f", "-e", "staging", "--yes")
      #expect(refused.code == 1 && refused.errors.contains("freeze 1 (\"Black Friday\") holds until"), "\(refused.all)")
      let passed = try await headgate("flag", "on", "f", "-e", "staging", "--yes", "--break-glass", "--reason", "INC-4")
      #expect(passed.code == 0, "\(passed.all)")
      #expect(try await headgate("flag", "kill", "f", "-e", "staging").code == 0)
      #expect(try await headgate("freeze", "list").out.contains("Black Friday"))
      #expect(try await headgate("freeze", "end", "1").code == 1)
      #expect(try await headgate("freeze", "end", "1", "--reason", "quiet").out == "freeze 1 is over\n")
      #expect(try await headgate("freeze", "list").out == "no freeze holds, and none is to come\n")
      let all = try await headgate("freeze", "list", "--every", "--format", "json").json([Summary].self)
      #expect(all.map(\.endedBecause) == ["quiet"])
      let line = try await headgate("timeline", "--service", "shop", "--topic", "freeze")
      #expect(line.lines.count == 4, "\(line.all)")
      #expect(line.out.contains("freeze 1: Black Friday (shop in staging) until"))
      #expect(line.out.contains("a change of the flag f, asked for by") && line.out.contains("goes past freeze 1"))
      #expect(line.out.contains("freeze 1 was ended after"))
      #expect(try await headgate("audit", "verify").code == 0)
    }
  }

  @Test func `a run is refused while a freeze holds, and an emergency goes ahead`() async throws {
    try await Scratch.with { scratch in
      #expect(try await scratch.rehearse("good", version: "1.4.1").code == 0)
      let frozen = try await scratch.headgate(
        "freeze", "start", "year's end", "--store", "rehearsal.db", "--until", "2100-01-01")
      #expect(frozen.code == 0, "\(frozen.all)")
      let refused = try await scratch.rehearse("good", version: "1.4.2")
      #expect(refused.code == 1 && refused.errors.contains("(\"year's end\") holds until 2100-01-01"), "\(refused.all)")
      let passed = try await scratch.rehearse(
        "good", version: "1.4.3", speed: 60, "--change", "emergency", "--reason", "INC-4")
      #expect(passed.code == 0, "\(passed.all)")
      let line = try await scratch.headgate("timeline", "--store", "rehearsal.db", "--topic", "freeze")
      #expect(line.out.contains("a run of shop, version 1.4.2") && line.out.contains("was refused by freeze 1"))
      #expect(line.out.contains("a run of shop, version 1.4.3") && line.out.contains("goes past freeze 1"))
    }
  }

  @Test func `who may declare freezes headgate yaml says, and a wrong window is told`() async throws {
    try await Scratch.with { scratch in
      try scratch.configure(
        "roles: { manager: [rita] }\nfreezes: { start: [manager], end: [manager] }\nactingFor: anybody")
      let headgate = scratch.headgate
      let refused = try await headgate("freeze", "start", "t", "--as", "eve")
      #expect(refused.code == 1 && refused.errors.contains("none of the roles asked for is held, manager"))
      let past = try await headgate("freeze", "start", "t", "--as", "rita", "--until", "2020-01-01")
      #expect(past.code == 1 && past.errors.contains("which has passed"))
      #expect(try await headgate("freeze", "start", "t", "--until", "2100-01-01", "--for", "1h").code == 64)
      #expect(try await headgate("freeze", "start", "t", "--as", "rita").code == 0)
    }
  }

  @Test func `the time line of a service that is not known is none, and one that is near is named`() async throws {
    try await Scratch.with { scratch in
      let headgate = scratch.headgate
      #expect(
        try await headgate("flag", "create", "f", "-e", "staging", "--service", "checkout-api", "--yes").code == 0)
      #expect(try await headgate("flag", "create", "g", "-e", "staging", "--yes").code == 0)
      let unknown = try await headgate("timeline", "--service", "chekout-api")
      #expect(unknown.code == 2)
      #expect(unknown.errors.contains("nothing in this store is of a service chekout-api; did you mean checkout-api?"))
      #expect(try await headgate("timeline", "--service", "checkout-api").lines.count == 3)
    }
  }
}
