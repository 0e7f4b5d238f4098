import Foundation
import LiveRig
import Testing

/// What happened to a service, told in order, and what of it is suspected: rehearsals and incidents, by the command line.
@Suite struct TimelineTests {
  private struct Told: Decodable {
    var time: String
    var topic: String
    var run: Int?
    var services: [String]
    var text: String
  }

  private struct Suspected: Decodable {
    var rank: Int
    var run: Int?
    var score: Double
    var exposure: Double
    var reasons: [String]
  }

  private func told(_ headgate: HeadgateProgram, _ more: String...) async throws -> [Told] {
    let arguments = ["timeline", "--store", "rehearsal.db", "--format", "json"]
    return try await headgate.run(arguments + more).json([Told].self)
  }

  @Test
  func `deployments, rollbacks and incidents of a service are told in one order, and the bad release is suspected`()
    async throws
  {
    try await Scratch.with { scratch in
      #expect(try await scratch.rehearse().code == 0)
      #expect(try await scratch.rehearse("bad", version: "1.4.2").code == 1)
      let headgate = scratch.headgate
      let bad = try await told(headgate, "--service", "shop").filter { $0.run == 2 }
      let broken = try #require(bad.last { $0.topic == "step" && $0.text.contains("gives 50% to 1.4.2") }).time
      let opened = try await headgate(
        "incident", "open", "the shop answers 500", "--service", "shop", "--severity", "critical", "--since",
        later(than: broken), "--as", "ann", "--store", "rehearsal.db", "--format", "json")
      #expect(opened.code == 0, "\(opened.all)")
      try await order(headgate)
      try await suspects(headgate)
      try await closing(headgate)
    }
  }

  /// A second after.
  private func later(than time: String) throws -> String {
    let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    return try format.parse(time).addingTimeInterval(1).formatted(format)
  }

  private func order(_ headgate: HeadgateProgram) async throws {
    let all = try await told(headgate, "--service", "shop")
    #expect(all.map(\.time) == all.map(\.time).sorted())
    let topics = all.map(\.topic)
    #expect(topics.first == "deployment")
    #expect(Set(topics).isSuperset(of: ["deployment", "step", "gate", "rollback", "incident"]), "\(topics)")
    #expect(try #require(topics.firstIndex(of: "incident")) < topics.lastIndex(of: "rollback") ?? 0)
    #expect(try await headgate("timeline", "--service", "none", "--store", "rehearsal.db").code == 2)
    // Nobody said in which environment it is.
    #expect(try await told(headgate, "--environment", "staging").map(\.topic) == ["incident"])
    #expect(try await told(headgate, "--topic", "incident").map(\.topic) == ["incident"])
    #expect(try await told(headgate, "--to", "1d ago").isEmpty)
    let text = try await headgate("timeline", "--service", "shop", "--store", "rehearsal.db")
    #expect(text.out.contains("run 2  rolled back: all traffic is on 1.4.1"), "\(text.out)")
    #expect(text.out.contains("incident 1: the shop answers 500 (critical, shop); reported by ann"))
  }

  private func suspects(_ headgate: HeadgateProgram) async throws {
    let found = try await headgate(
      "suspects", "--incident", "1", "--within", "30m", "--store", "rehearsal.db", "--format", "json"
    ).json([Suspected].self)
    #expect(found.map(\.rank) == [1, 2])
    #expect(found.map(\.run) == [2, 1], "\(found)")
    #expect(found.first?.exposure == 0.5)
    #expect(found.allSatisfy { $0.reasons.count == 3 })
    #expect(found.map(\.score) == found.map(\.score).sorted(by: >))
    let text = try await headgate("suspects", "--incident", "1", "--service", "mail", "--store", "rehearsal.db")
    #expect(text.out.contains("changed another service, shop in production (× 0.10)"), "\(text.out)")
    #expect(try await headgate("suspects", "--incident", "9", "--store", "rehearsal.db").code == 2)
    #expect(try await headgate("suspects", "--store", "rehearsal.db").code == 64)
  }

  private func closing(_ headgate: HeadgateProgram) async throws {
    let store = ["--store", "rehearsal.db"]
    let closed = try await headgate.run(["incident", "close", "1", "--reason", "rolled back"] + store)
    #expect(closed.code == 0, "\(closed.all)")
    let again = try await headgate.run(["incident", "close", "1"] + store)
    #expect(again.code == 1)
    #expect(again.all.contains("incident 1 is closed already"))
    let listed = try await headgate.run(["incident", "list", "--open"] + store)
    #expect(listed.out == "no incidents\n")
    let kinds = try await headgate.run(["audit", "list", "--kind", "incident", "--format", "json"] + store)
    #expect(try kinds.jsonLines().count == 3, "opened, closed, and what was refused")
    #expect(try await headgate.run(["audit", "verify"] + store).code == 0)
  }

  @Test func `an incident can be reported where nothing was ever deployed`() async throws {
    try await Scratch.with { scratch in
      let opened = try await scratch.headgate("incident", "open", "mail is slow", "--store", "new.db")
      #expect(opened.code == 0, "\(opened.all)")
      #expect(opened.out.hasPrefix("incident 1 is open since "))
      let told = try await scratch.headgate("timeline", "--store", "new.db")
      #expect(told.out.contains("incident 1: mail is slow (major); reported by "))
    }
  }

  @Test(arguments: [
    "2026-11-21", "2026-11-21T13:05", "2026-11-21 13:05:07", "2026-11-21T13:05:07.25Z", "2026-11-21T14:05+01:00",
    "2026-11-21T14:05-0930", "2026-11-21 14:05 Europe/Berlin", "2h ago", "1d12h ago", "now", "2024-02-29",
  ])
  func `a time may be written in any of these ways`(text: String) async throws {
    try await Scratch.with { scratch in
      _ = try await scratch.headgate("incident", "open", "x", "--store", "new.db")
      let ending = try await scratch.headgate("timeline", "--from", text, "--to", "2099-01-01", "--store", "new.db")
      #expect(ending.code == 0, "\(ending.all)")
    }
  }

  @Test(arguments: [
    ("2026-11-21T14:05 Europe/Berlin", "2026-11-21T13:05:00.000Z"),
    ("2026-07-01 00:30+02:00", "2026-06-30T22:30:00.000Z"),
    ("2026-11-21T13:05:07.25Z", "2026-11-21T13:05:07.250Z"), ("2026-11-21", "2026-11-21T00:00:00.000Z"),
  ])
  func `zones and fractions are minded`(text: String, instant: String) async throws {
    let ending = try await HeadgateProgram(in: Scratch.fixtures)(
      "incident", "list", "--from", text, "--to", text, "--store", Self.missing)
    #expect(ending.code == 2, "a store that is not there: \(ending.all)")
    try await Scratch.with { scratch in
      _ = try await scratch.headgate("incident", "open", "x", "--store", "new.db")
      let empty = try await scratch.headgate("timeline", "--from", text, "--to", text, "--store", "new.db")
      #expect(empty.code == 64)
      #expect(empty.all.contains("--from is \(instant), --to is \(instant)"), "\(empty.all)")
    }
  }

  private static let missing = "/nonexistent/headgate.db"

  @Test(arguments: [
    ("yesterday", "is not a time. A time is a day (2026-11-21)"), ("2h", "Did you mean \"2h ago\"?"),
    ("2 hours ago", "is not a time"), ("2026-02-30", "there is no such date or time"),
    ("2026-11-21T25:00", "there is no such date or time"),
    ("2026-11-21T13:05 Mars/Base", "Mars/Base is not a time zone"),
    ("2026-03-29T02:30 Europe/Berlin", "there is no such time in Europe/Berlin"), ("2026-11-21T13:05+99:00", "+99:00"),
  ])
  func `a time that makes no sense is told with what would`(text: String, message: String) async throws {
    let ending = try await HeadgateProgram(in: Scratch.fixtures)("timeline", "--from", text)
    #expect(ending.code == 64)
    #expect(ending.all.contains(message), "\(ending.all)")
  }
}
