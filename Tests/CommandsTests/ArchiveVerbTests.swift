import Foundation
import LiveRig
import Testing

// An archive as people meet it: flags that nobody touched for long, told of as they were; who may archive, and how old; and
// what is said where the archive is not at hand. By the built program.

@Suite struct ArchiveVerbTests {
  private static let policy = """
    store: headgate.db
    actingFor: anybody
    roles:
      auditor: [ann]
      head: [zoe]
    audit:
      reads: [list, history, timeline, show]
      archive: { folder: old, roles: [auditor], least: 400d, breakGlass: [head] }
    flags:
      staging: {}
    """

  private func installation(_ work: (Scratch) async throws -> Void) async throws {
    try await Scratch.with { scratch in
      _ = try scratch.rig.write(Self.policy, to: "headgate.yaml")
      try await ask(scratch, "flag", "create", "pay", "-e", "staging", "--yes")
      try await ask(scratch, "flag", "on", "pay", "-e", "staging", "--yes", "--reason", "to be seen")
      try await ask(scratch, "flag", "off", "pay", "-e", "staging", "--yes", "--reason", "seen")
      try await work(scratch)
    }
  }

  @discardableResult
  private func ask(_ scratch: Scratch, _ words: String...) async throws -> HeadgateProgram.Ending {
    let ending = try await scratch.headgate.run(words)
    #expect(ending.code == 0, "\(words): \(ending.all)")
    return ending
  }

  /// Enough entries to fill a segment, quicker than runs would.
  private func fill(_ scratch: Scratch) async throws {
    for _ in 0..<256 { try await ask(scratch, "audit", "list", "--kind", "defined") }
  }

  private struct Moved: Decodable {
    struct File: Decodable {
      var first, last: Int64
      var file: String
    }
    var first, last: Int64
    var files: [File]
  }

  @Test func `a flag that nobody touched holds nothing back, and is told of as it was`() async throws {
    try await installation { scratch in
      let then = try await ask(scratch, "audit", "list", "--kind", "flagRevised", "--format", "json").jsonLines()
      let time = try #require(then.dropFirst().first?["time"] as? String)
      try await fill(scratch)
      let history = try await ask(scratch, "flag", "history", "pay", "-e", "staging")
      let moved = try await ask(
        scratch, "audit", "archive", "--older-than", "0s", "--as", "zoe", "--break-glass", "--reason", "a trial",
        "--format", "json"
      ).json(Moved.self)
      #expect(moved.first == 1 && moved.files.first?.first == 1 && moved.files.last?.last == moved.last)
      #expect(moved.files.allSatisfy { $0.file.contains("old/journal-") })
      // Where headgate.yaml says that the archive is, nothing is different.
      #expect(try await ask(scratch, "flag", "history", "pay", "-e", "staging").out == history.out)
      let eval = ["flag", "eval", "pay", "-e", "staging", "--at", time]
      let on = try await scratch.headgate.run(eval)
      #expect(on.code == 0 && on.out.contains("true (variant `on`)"), "\(on.all)")
      #expect(try await ask(scratch, "audit", "show", "2").out.contains("turned"))
      try await ask(scratch, "audit", "verify", "--tree")
      try await ask(scratch, "flag", "revert", "pay", "-e", "staging", "--to", "2", "--yes", "--reason", "again")
      #expect(try await ask(scratch, "timeline").out.contains("pay"))
      // Where it is not at hand, that is said.
      try FileManager.default.moveItem(atPath: "\(scratch.folder)/old", toPath: "\(scratch.folder)/elsewhere")
      let lost = try await scratch.headgate.run(eval)
      #expect(lost.code == 2 && lost.errors.contains("revision 2 of flag pay in staging"), "\(lost.all)")
      #expect(lost.errors.contains("lies in an archive, in journal-"), "\(lost.all)")
      #expect(try await scratch.headgate.run(eval + ["--archive", "elsewhere"]).code == 0)
      let part = try await scratch.headgate("flag", "history", "pay", "-e", "staging")
      #expect(part.code == 2 && part.errors.contains("revisions 1 to 2 lie in an archive"), "\(part.all)")
      #expect(part.out.contains("revision 3") && part.out.contains("revision 4"), "\(part.all)")
      let revert = try await scratch.headgate(
        "flag", "revert", "pay", "-e", "staging", "--to", "1", "--yes", "--reason", "further")
      #expect(revert.code == 1 && revert.errors.contains("lies in an archive"), "\(revert.all)")
      let verified = try await scratch.headgate("audit", "verify")
      #expect(verified.code == 2 && verified.errors.contains("nobody has checked them"), "\(verified.all)")
      try await ask(scratch, "audit", "verify", "--archive", "elsewhere", "--tree")
      let timeline = try await scratch.headgate("timeline")
      #expect(timeline.code == 2 && timeline.errors.contains("lie in an archive"), "\(timeline.all)")
      // The flag itself is at hand.
      #expect(try await ask(scratch, "flag", "eval", "pay", "-e", "staging").out.contains("true"))
    }
  }

  @Test func `who may archive, and how old, is the policy's, and every refusal is on record`() async throws {
    try await installation { scratch in
      try await fill(scratch)
      func archive(_ more: String...) async throws -> HeadgateProgram.Ending {
        try await scratch.headgate.run(["audit", "archive"] + more)
      }
      let young = try await archive("--older-than", "30d", "--as", "ann")
      #expect(young.out.hasPrefix("nothing to move"), "\(young.all)")
      let tooYoung = try await archive("--older-than", "0s", "--as", "ann")
      #expect(tooYoung.code == 1 && tooYoung.errors.contains("entries stay in the store for 400d"), "\(tooYoung.all)")
      let glass = try await archive("--older-than", "0s", "--as", "ann", "--break-glass", "--reason", "disk")
      #expect(glass.code == 1 && glass.errors.contains("none of the roles asked for is held, head"), "\(glass.all)")
      let wordless = try await archive("--older-than", "0s", "--as", "zoe", "--break-glass")
      #expect(wordless.code == 1 && wordless.errors.contains("say why with --reason"), "\(wordless.all)")
      #expect(!FileManager.default.fileExists(atPath: "\(scratch.folder)/old"))
      let done = try await archive("--older-than", "0s", "--as", "zoe", "--break-glass", "--reason", "disk is full")
      #expect(done.code == 0, "\(done.all)")
      let records = try await ask(scratch, "audit", "list", "--kind", "audit", "--all", "--format", "json").jsonLines()
      func facts(_ what: String) -> [[String: Any]] {
        records.filter { ($0["fact"] as? [String: Any])?["what"] as? String == what }
      }
      let refused = facts("sealRefused").compactMap { $0["actor"] as? String }
      #expect(refused.map { $0.suffix(4) } == [":ann", ":ann", ":zoe"], "\(refused)")
      let sealed = try #require(facts("sealed").first)
      #expect((sealed["fact"] as? [String: Any])?["breaksGlass"] as? Bool == true)
      #expect(sealed["reason"] as? String == "disk is full")
      #expect((sealed["actor"] as? String)?.hasSuffix(":zoe") == true)
    }
  }

  @Test func `who reads of the past is on record, and a list says how much it does not show`() async throws {
    try await installation { scratch in
      try await ask(scratch, "flag", "history", "pay", "-e", "staging", "--reason", "asked by an auditor")
      try await ask(scratch, "timeline", "--environment", "staging")
      try await ask(scratch, "audit", "show", "2")
      let few = try await ask(scratch, "audit", "list", "--limit", "2")
      #expect(few.lines.count == 3 && few.errors.contains("showing the last 2 of "), "\(few.all)")
      let all = try await ask(scratch, "audit", "list", "--all", "--format", "json").jsonLines()
      #expect(all.map { $0["seq"] as? Int } == (1...all.count).map { $0 })
      let reads = all.compactMap { $0["fact"] as? [String: Any] }.filter { $0["what"] as? String == "read" }
      #expect(reads.map { $0["verb"] as? String } == ["history", "timeline", "show", "list", "list"])
      #expect(reads.map { $0["filter"] as? String }.prefix(3) == ["flag pay in staging", "--environment staging", "2"])
      let newest = try await ask(scratch, "audit", "list", "--limit", "1", "--newest-first", "--format", "json")
      #expect(try newest.jsonLines().first?["seq"] as? Int == all.count + 1)
    }
  }

  @Test func `what a store and an archive are made of is its owner's alone`() async throws {
    try await installation { scratch in
      try await fill(scratch)
      try await ask(
        scratch, "audit", "archive", "--older-than", "0s", "--as", "zoe", "--break-glass", "--reason", "a trial")
      try await ask(scratch, "audit", "export", "--output", "log.jsonl")
      let segment = try #require(FileManager.default.contentsOfDirectory(atPath: "\(scratch.folder)/old").first)
      for (name, mode) in [
        ("headgate.db", 0o600), ("headgate.db.lock", 0o600), ("old", 0o700), ("old/\(segment)", 0o600),
        ("log.jsonl", 0o600),
      ] {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(scratch.folder)/\(name)")
        #expect(attributes[.posixPermissions] as? Int == mode, "\(name)")
      }
    }
  }
}
