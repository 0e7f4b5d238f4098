import Foundation
import LiveRig
import Testing

/// Flags of other systems, taken over by the command line: what is said before, and what is there afterwards.
@Suite struct ForeignFlagTests {
  private struct Report: Decodable {
    var flag: String
    var people: Int
    var moved: Int
  }

  private static let yaml = """
    new-checkout:
      variations: { "on": true, "off": false }
      targeting:
        - query: key in ["ann", "bob"]
          variation: "on"
      defaultRule: { percentage: { "on": 30, "off": 70 } }
    growing:
      variations: { "on": true, "off": false }
      defaultRule:
        progressiveRollout:
          initial: { variation: "off", date: 2020-01-01T00:00:00Z }
          end: { variation: "on", date: 2999-01-01T00:00:00Z }
    """

  private func write(_ scratch: Scratch) throws {
    try Self.yaml.write(toFile: "\(scratch.folder)/goff.yaml", atomically: true, encoding: .utf8)
  }

  @Test func `a dry run says what is left out and who would move, and changes nothing`() async throws {
    try await Scratch.with { scratch in
      try write(scratch)
      let arguments = [
        "flag", "import", "goff.yaml", "--from", "goff", "-e", "staging", "--dry-run", "--store", "s.db",
      ]
      let told = try await scratch.headgate.run(arguments)
      // The file is not taken over whole.
      #expect(told.code == 65, "\(told.all)")
      #expect(
        told.all.contains("goff.yaml:11:7: error: flag `growing`: a progressive rollout is under way"), "\(told.all)")
      #expect(told.out.contains("new-checkout: "))
      #expect(told.out.contains("people get another variant"))
      let reports = try await scratch.headgate.run(arguments + ["--format", "json"]).json([Report].self)
      #expect(reports.map(\.flag) == ["new-checkout"])
      #expect(reports.allSatisfy { $0.moved > $0.people / 4 && $0.moved < $0.people * 3 / 5 })
      #expect(!FileManager.default.fileExists(atPath: "\(scratch.folder)/s.db"))
    }
  }

  @Test func `what was taken over is a flag like any other, on the time line too`() async throws {
    try await Scratch.with { scratch in
      try write(scratch)
      let store = ["--store", "s.db"]
      let taken = try await scratch.headgate.run(
        ["flag", "import", "goff.yaml", "--from", "goff", "-e", "staging", "--owner", "shop", "--yes"] + store)
      #expect(taken.code == 65 && taken.out.contains("new-checkout in staging was imported"), "\(taken.all)")
      let answer = try await scratch.headgate.run(
        ["flag", "eval", "new-checkout", "-e", "staging", "--key", "ann", "--format", "json"] + store)
      #expect(answer.out.contains("\"on\""), "\(answer.all)")
      let told = try await scratch.headgate.run(["timeline", "--topic", "flag"] + store)
      #expect(told.out.contains("new-checkout"), "\(told.all)")
      let suspects = try await scratch.headgate.run(
        ["suspects", "--before", "now"] + store)
      #expect(suspects.out.contains("flag new-checkout"), "\(suspects.all)")
    }
  }
}
