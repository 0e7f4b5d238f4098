import Foundation
import Glibc
import LiveRig
import Testing

// The audit log, signed for by the controller that drives it, proved to somebody without it, and moved into an archive: by
// the built program, as people use it.

@Suite struct ProofVerbTests {
  /// A folder with a key, a git repository and an installation that signs.
  private func installation(
    entries: Int = 1000, reads: String = "export", _ work: (Scratch) async throws -> Void
  ) async throws {
    try await Scratch.with { scratch in
      let key = try await scratch.headgate("audit", "key", "new", "--name", "example.com/shop", "--output", "audit.key")
      #expect(key.code == 0, "\(key.all)")
      _ = try scratch.rig.write(key.out, to: "log.pub")
      try await Self.git(scratch, "init", "--quiet", "kept")
      for (name, value) in [("user.name", "headgate"), ("user.email", "headgate@example.com")] {
        try await Self.git(scratch, "-C", "kept", "config", name, value)
      }
      _ = try scratch.rig.write(
        """
        store: headgate.db
        audit:
          key: { secret: audit }
          entries: \(entries)
          file: checkpoints.txt
          git: { worktree: kept }
          reads: [\(reads)]
        secrets:
          audit: { file: audit.key }
        """, to: "headgate.yaml")
      _ = try scratch.rig.write(RecordTests.harmless, to: "harmless.yaml")
      try await work(scratch)
    }
  }

  private static func git(_ scratch: Scratch, _ arguments: String...) async throws {
    try run("git", arguments, in: scratch.folder)
  }

  @discardableResult
  private static func run(_ program: String, _ arguments: [String], in folder: String) throws -> (Int32, String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = URL(filePath: folder)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: said, as: UTF8.self))
  }

  private func ship(_ scratch: Scratch, _ version: Int = 1) async throws {
    let run = try await scratch.headgate("run", "harmless.yaml", "--set", "version=\(version)")
    #expect(run.code == 0, "\(run.all)")
  }

  private func text(_ scratch: Scratch, _ name: String) throws -> String {
    try String(contentsOfFile: "\(scratch.folder)/\(name)", encoding: .utf8)
  }

  @Test func `what is done by command alone is signed for too, and its tail cannot be cut off unseen`() async throws {
    try await installation { scratch in
      _ = try scratch.rig.write(
        #"{"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off"}"#, to: "f.json")
      for key in ["a", "b", "c"] {
        let made = try await scratch.headgate("flag", "create", key, "-e", "staging", "--file", "f.json", "--yes")
        #expect(made.code == 0, "\(made.all)")
      }
      let whole = try await scratch.headgate(
        "audit", "verify", "--checkpoint", "checkpoints.txt", "--key", "log.pub")
      #expect(whole.code == 0, "\(whole.all)")
      #expect(whole.out.contains("entries 1 to 5 are those that were signed for"), "\(whole.out)")
      let other = try await scratch.headgate("audit", "key", "new", "--name", "example.com/x", "--output", "x.key")
      _ = try scratch.rig.write(other.out, to: "other.pub")
      let unsigned = try await scratch.headgate("audit", "verify", "--key", "other.pub")
      #expect(unsigned.code == 2, "\(unsigned.all)")
      #expect(unsigned.all.contains("nobody has signed for this log with that key"), "\(unsigned.all)")
    }
  }

  @Test func `a controller that leaves has signed for all it wrote, in the journal, a file and a repository`()
    async throws
  {
    try await installation { scratch in
      try await ship(scratch)
      let file = try text(scratch, "checkpoints.txt")
      #expect(file.hasPrefix("example.com/shop\n"))
      #expect(try text(scratch, "kept/checkpoints.txt") == file)
      let log = try Self.run("git", ["-C", "kept", "log", "--format=%s"], in: scratch.folder)
      #expect(log.1.hasPrefix("Checkpoint of "), "\(log.1)")
      #expect(try Self.run("git", ["-C", "kept", "status", "--porcelain"], in: scratch.folder).1.isEmpty)
      let listed = try await scratch.headgate("audit", "checkpoint", "--list")
      #expect(listed.out == file)
      let verified = try await scratch.headgate(
        "audit", "verify", "--checkpoint", "checkpoints.txt", "--key", "log.pub")
      #expect(verified.code == 0, "\(verified.all)")
      #expect(verified.out.contains("2 checkpoints hold, 2 with a signature that was checked"), "\(verified.all)")
      try await ship(scratch, 2)
      #expect(try text(scratch, "checkpoints.txt").hasPrefix(file))
      #expect(try text(scratch, "checkpoints.txt") == text(scratch, "kept/checkpoints.txt"))
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(scratch.folder)/audit.key")
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      let again = try await scratch.headgate("audit", "key", "new", "--name", "a", "--output", "audit.key")
      #expect(again.code == 2 && again.errors.contains("never written over"), "\(again.all)")
      let key = try await scratch.headgate("audit", "key", "public")
      #expect(try key.out == text(scratch, "log.pub"))
      let told = try await scratch.headgate("audit", "key", "public", "--format", "json")
      #expect(try told.json([String: String].self) == ["key": key.lines.first ?? ""])
      let leaked = try (listed.all + verified.all + key.all).contains(text(scratch, "audit.key").suffix(20))
      #expect(!leaked)
    }
  }

  @Test func `a store from before the checkpoint was cut off, and one that is another, are found out`() async throws {
    try await installation { scratch in
      try await ship(scratch)
      let old = "\(scratch.folder)/old.db"
      try FileManager.default.copyItem(atPath: "\(scratch.folder)/headgate.db", toPath: old)
      try await ship(scratch, 2)
      let cut = try await scratch.headgate(
        "audit", "verify", "--store", "old.db", "--checkpoint", "checkpoints.txt", "--key", "log.pub")
      #expect(cut.code == 1, "\(cut.all)")
      #expect(cut.out.contains("is missing"), "\(cut.all)")
      let unsigned = try await scratch.headgate(
        "audit", "verify", "--store", "headgate.db", "--checkpoint", "checkpoints.txt", "--config", "none.yaml")
      #expect(unsigned.code == 2, "\(unsigned.all)")
      // Who has the store and not the key makes a key of the same name.
      let forged = try await scratch.headgate(
        "audit", "key", "new", "--name", "example.com/shop", "--output", "forged.key")
      _ = try scratch.rig.write(
        "store: old.db\naudit: { key: { secret: a } }\nsecrets: { a: { file: forged.key } }\n", to: "forged.yaml")
      _ = try scratch.rig.write(forged.out, to: "forged.pub")
      let note = try await scratch.headgate("audit", "checkpoint", "--config", "forged.yaml", "--reason", "mine now")
      #expect(note.code == 0, "\(note.all)")
      _ = try scratch.rig.write(note.out, to: "forged.txt")
      let refused = try await scratch.headgate(
        "audit", "verify", "--store", "old.db", "--checkpoint", "forged.txt", "--key", "log.pub")
      #expect(refused.code == 1 && refused.out.contains("not signed by a key that was given"), "\(refused.all)")
    }
  }

  @Test func `a proof convinces without a store, a few lines of Python too, and a changed one does not`() async throws {
    try await installation(reads: "export, prove") { scratch in
      try await ship(scratch)
      let proof = try await scratch.headgate("audit", "prove", "2", "--reason", "asked by the auditor")
      #expect(proof.code == 0, "\(proof.all)")
      _ = try scratch.rig.write(proof.out, to: "proof.json")
      let elsewhere = "\(scratch.folder)/elsewhere"
      try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
      let there = HeadgateProgram(in: elsewhere)
      let verified = try await there("audit", "verify", "--proof", "../proof.json", "--key", "../log.pub")
      #expect(verified.code == 0, "\(verified.all)")
      #expect(verified.out.hasPrefix("the proof holds: entry 2 is in the log example.com/shop of"))
      let unsigned = try await there("audit", "verify", "--proof", "../proof.json")
      #expect(unsigned.code == 2)
      let python = try documentedCheck()
      let checked = try Self.run("python3", ["-c", python, "proof.json", "log.pub"], in: scratch.folder)
      #expect(checked.0 == 0 && checked.1.hasPrefix("entry 2 of example.com/shop is in the log of"), "\(checked.1)")
      for (old, new) in [("\"index\":1", "\"index\":2"), ("seq\\\":2", "seq\\\":3"), ("origin", "0rigin")] {
        let changed = proof.out.replacing(old, with: new)
        try #require(changed != proof.out)
        _ = try scratch.rig.write(changed, to: "changed.json")
        let refused = try await there("audit", "verify", "--proof", "../changed.json", "--key", "../log.pub")
        #expect(refused.code == 1, "\(refused.all)")
        #expect(try Self.run("python3", ["-c", python, "changed.json", "log.pub"], in: scratch.folder).0 != 0)
      }
      let other = try await scratch.headgate(
        "audit", "key", "new", "--name", "example.com/shop", "--output", "other.key")
      _ = try scratch.rig.write(other.out, to: "other.pub")
      #expect(
        try await there("audit", "verify", "--proof", "../proof.json", "--key", "../other.pub").code == 1)
      #expect(try Self.run("python3", ["-c", python, "proof.json", "other.pub"], in: scratch.folder).0 != 0)
      let audits = try await scratch.headgate("audit", "list", "--kind", "audit", "--format", "json").jsonLines()
      let read = audits.last { ($0["fact"] as? [String: Any])?["what"] as? String == "read" }
      let fact = try #require(read?["fact"] as? [String: Any])
      #expect(fact["verb"] as? String == "prove" && fact["filter"] as? String == "2")
      #expect(read?["reason"] as? String == "asked by the auditor")
    }
  }

  private func documentedCheck() throws -> String {
    let page = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Engine/Documentation.docc/Proving-the-log.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let start = try #require(text.range(of: "```python\n")?.upperBound)
    let end = try #require(text.range(of: "```", range: start..<text.endIndex)?.lowerBound)
    return String(text[start..<end])
  }

  @Test func `a log is shown to have grown out of an older one`() async throws {
    try await installation { scratch in
      try await ship(scratch)
      try FileManager.default.copyItem(
        atPath: "\(scratch.folder)/checkpoints.txt", toPath: "\(scratch.folder)/last-year.txt")
      try await ship(scratch, 2)
      let proof = try await scratch.headgate("audit", "consistency", "last-year.txt", "checkpoints.txt")
      #expect(proof.code == 0, "\(proof.all)")
      _ = try scratch.rig.write(proof.out, to: "grown.json")
      let verified = try await scratch.headgate("audit", "verify", "--proof", "grown.json", "--key", "log.pub")
      #expect(verified.code == 0 && verified.out.contains("are the beginning of its first"), "\(verified.all)")
      let backwards = try await scratch.headgate("audit", "consistency", "checkpoints.txt", "last-year.txt")
      #expect(backwards.code == 64, "\(backwards.all)")
    }
  }

  @Test func `an export is on record before its first line, in the installation's own store only`() async throws {
    try await installation { scratch in
      try await ship(scratch)
      let export = try await scratch.headgate("audit", "export", "--kind", "started", "--reason", "yearly audit")
      #expect(export.code == 0 && export.lines.count == 1, "\(export.all)")
      let all = try await scratch.headgate("audit", "export").jsonLines()
      let reads = all.compactMap { $0["fact"] as? [String: Any] }.filter { $0["what"] as? String == "read" }
      #expect(reads.count == 2)
      #expect(reads.first?["filter"] as? String == "--kind started")
      let before = try Data(contentsOf: URL(filePath: "\(scratch.folder)/headgate.db"))
      try before.write(to: URL(filePath: "\(scratch.folder)/copy.db"))
      let copied = try await scratch.headgate("audit", "export", "--store", "copy.db")
      #expect(copied.code == 0 && copied.errors.contains("not on record"), "\(copied.errors)")
      #expect(try Data(contentsOf: URL(filePath: "\(scratch.folder)/copy.db")) == before)
      let listed = try await scratch.headgate("audit", "list")
      #expect(listed.code == 0 && !listed.errors.contains("record"), "\(listed.errors)")
      #expect(try Data(contentsOf: URL(filePath: "\(scratch.folder)/headgate.db")) == before)
    }
  }

  /// Enough entries to fill a segment, quicker than runs would.
  private func fill(_ scratch: Scratch, _ count: Int) async throws {
    for _ in 0..<count {
      let listed = try await scratch.headgate("audit", "list", "--kind", "defined")
      #expect(listed.code == 0, "\(listed.all)")
    }
  }

  @Test func `old entries move into an archive, also when it is killed at any moment`() async throws {
    try await installation(reads: "list") { scratch in
      try await ship(scratch)
      try await fill(scratch, 270)
      let whole = try await scratch.headgate("audit", "export").jsonLines().count
      for delay in [1, 5, 10, 15, 20, 30, 40, 60, 80, 120, 200, 400] {
        let archiving = try await scratch.rig.headgate(
          "archive-\(delay)",
          [
            "audit", "archive", "--older-than", "0s", "--break-glass", "--reason", "a trial", "--to",
            "\(scratch.folder)/archive", "--config", "\(scratch.folder)/headgate.yaml",
          ])
        // Not to wait for anything: to end it somewhere else each time.
        usleep(UInt32(delay) * 1000)
        await archiving.stop(by: SIGKILL)
        let verified = try await scratch.headgate(
          "audit", "verify", "--archive", "archive", "--tree", "--key", "log.pub")
        #expect(verified.code == 0, "killed after \(delay) ms: \(verified.all)")
        let kept = try await scratch.headgate("audit", "export", "--archive", "archive").jsonLines()
        #expect(kept.count >= whole)
        #expect(kept.map { $0["seq"] as? Int } == (0..<kept.count).map { $0 + 1 })
      }
      let archived = try await scratch.headgate(
        "audit", "archive", "--older-than", "0s", "--break-glass", "--reason", "a trial", "--to", "archive")
      #expect(archived.code == 0, "\(archived.all)")
      let shown = try await scratch.headgate("show", "1")
      #expect(shown.code == 2 && shown.errors.contains("lies in an archive"), "\(shown.all)")
      #expect(try await scratch.headgate("show", "1", "--archive", "archive", "--replay").code == 0)
      #expect(try await scratch.headgate("history").out.contains("promoted"))
      let listed = try await scratch.headgate("audit", "list", "--limit", "1")
      #expect(listed.code == 2 && listed.errors.contains("are not shown; name its folder"), "\(listed.errors)")
      let unread = try await scratch.headgate("audit", "verify")
      #expect(unread.code == 2 && unread.errors.contains("nobody has checked them"), "\(unread.all)")
      let rollback = try await scratch.headgate("rollback", "1", "--reason", "too late")
      #expect(rollback.code != 0 && rollback.errors.contains("archive"), "\(rollback.all)")
      try await ship(scratch, 2)
      #expect(try await scratch.headgate("audit", "verify", "--archive", "archive", "--tree").code == 0)
    }
  }
}
