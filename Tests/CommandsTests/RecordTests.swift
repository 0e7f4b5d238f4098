import Foundation
import LiveRig
import Testing

/// Runs on simulated backends, driven by the real controller, and everything that is told of them afterwards.
@Suite struct RecordTests {
  @Test func `a good release is promoted, a bad one is rolled back, and both are on record`() async throws {
    try await Scratch.with { scratch in
      let good = try await scratch.rehearse()
      #expect(good.code == 0, "\(good.all)")
      #expect(good.out.contains("run 1 of shop: promoted"))
      // Nothing that happened is anywhere but in the store's one file.
      let files = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
      #expect(files.filter { $0.hasPrefix("rehearsal.db") }.sorted() == ["rehearsal.db", "rehearsal.db.lock"])
      let bad = try await scratch.rehearse("bad", version: "1.4.2", speed: 60, "--format", "json")
      #expect(bad.code == 1)
      let lines = try bad.jsonLines()
      #expect(lines.dropLast().allSatisfy { $0["text"] is String && $0["time"] is String })
      #expect(lines.last?["status"] as? String == "rolledBack")
      try await history(scratch.headgate)
      try await details(scratch.headgate)
    }
  }

  private struct Listed: Decodable {
    var run: Int
    var version: String
    var status: String
  }

  private func history(_ headgate: HeadgateProgram) async throws {
    let text = try await headgate("history", "--store", "rehearsal.db")
    #expect(text.lines.first?.hasPrefix("RUN  STARTED") == true)
    let all = try await headgate("history", "--store", "rehearsal.db", "--format", "json").json([Listed].self)
    #expect(all.map(\.status) == ["rolledBack", "promoted"])
    #expect(all.map(\.version) == ["1.4.2", "1.4.1"])
    let some = try await headgate("history", "--store", "rehearsal.db", "--outcome", "promoted", "--format", "json")
    #expect(try some.json([Listed].self).map(\.run) == [1])
    #expect(try await headgate("history", "--store", "rehearsal.db", "--service", "none").out == "no runs\n")
  }

  private func details(_ headgate: HeadgateProgram) async throws {
    let shown = try await headgate("show", "2", "--replay", "--store", "rehearsal.db")
    #expect(shown.code == 0)
    #expect(shown.out.contains("the gate failed: errors failed"))
    #expect(shown.out.contains("the same state and the same decisions"))
    #expect(try await headgate("status", "--store", "rehearsal.db").out.hasPrefix("nothing is rolling out"))
    let one = try await headgate("status", "2", "--store", "rehearsal.db")
    #expect(one.out.contains("rolledBack, stage \"production\", weight 0%"), "\(one.all)")
    let watched = try await headgate("watch", "2", "--store", "rehearsal.db")
    #expect(watched.code == 1)
    #expect(watched.out.contains("run 2 of shop: rolled back"))
  }

  @Test func `the audit log is listed, exported and proved`() async throws {
    try await Scratch.with { scratch in
      let headgate = scratch.headgate
      #expect(
        try await scratch.rehearse("good", version: "1.4.1", speed: 60, "--as", "ann", "--reason", "OPS-481").code == 0)
      let listed = try await headgate("audit", "list", "--store", "rehearsal.db", "--actor", "ann")
      #expect(listed.out.contains("OPS-481"))
      let started = try await headgate(
        "audit", "list", "--store", "rehearsal.db", "--kind", "started", "--format", "json")
      let actor = try #require(try started.jsonLines().first?["actor"] as? String)
      #expect(actor.hasPrefix("said:") && actor.hasSuffix(":ann"), "\(actor)")
      let lines = try await headgate("audit", "export", "--store", "rehearsal.db").jsonLines()
      #expect(lines.map { $0["seq"] as? Int } == Array(1...lines.count))
      let csv = try await headgate(
        "audit", "export", "--format", "csv", "--output", "log.csv", "--store", "rehearsal.db")
      #expect(csv.code == 0)
      let table = try String(contentsOfFile: "\(scratch.folder)/log.csv", encoding: .utf8)
      #expect(table.split(whereSeparator: \.isNewline).count > lines.count)
      // As it was asked for before there was `--format`.
      #expect(try await headgate("audit", "export", "--as", "csv", "--store", "rehearsal.db").out == table)
      let proof = try await headgate("audit", "verify", "--store", "rehearsal.db")
      #expect(proof.code == 0)
      #expect(proof.out.hasPrefix("the log is whole: \(lines.count) entries"))
    }
  }

  @Test func `an export that cannot be written says why, and never writes over the store`() async throws {
    try await Scratch.with { scratch in
      let headgate = scratch.headgate
      #expect(try await scratch.rehearse().code == 0)
      let full = try await headgate("audit", "export", "--output", "/dev/full", "--store", "rehearsal.db")
      #expect(full.code == 2, "\(full.all)")
      #expect(
        full.errors
          == "headgate: /dev/full could not be written: no space left on device; what is there is not the whole export\n"
      )
      let nowhere = try await headgate("audit", "export", "--output", "none/x", "--store", "rehearsal.db")
      #expect(nowhere.code == 2, "\(nowhere.all)")
      #expect(nowhere.errors == "headgate: none/x could not be written: no such file or directory\n")
      for store in ["rehearsal.db", "./rehearsal.db", "\(scratch.folder)/rehearsal.db", "rehearsal.db.lock"] {
        let own = try await headgate("audit", "export", "--output", store, "--store", "rehearsal.db")
        #expect(own.code == 64, "\(own.all)")
        #expect(own.errors.contains("is the store's own file"), "\(own.all)")
      }
      #expect(try await headgate("audit", "verify", "--store", "rehearsal.db").code == 0)
    }
  }

  private struct Shown: Decodable {
    struct Measurement: Decodable {
      var metric: String
      var site: String
      var value: Double?
      var limits: String
      var verdict: String
    }
    struct Verdict: Decodable {
      struct Metric: Decodable {
        var metric: String
        var failures: Int
        var limits: String
      }
      var verdict: String
      var metrics: [Metric]
    }
    var measurements: [Measurement]
    var verdicts: [Verdict]
  }

  @Test func `show gives measurements and verdicts as data`() async throws {
    try await Scratch.with { scratch in
      #expect(try await scratch.rehearse("bad").code == 1)
      let shown = try await scratch.headgate("show", "1", "--format", "json", "--store", "rehearsal.db")
        .json(Shown.self)
      let failed = try #require(shown.measurements.first { $0.verdict == "fail" })
      #expect(failed.metric == "errors")
      #expect(failed.value ?? 0 > 0)
      #expect(!failed.limits.isEmpty)
      let verdict = try #require(shown.verdicts.first { $0.verdict == "fail" })
      #expect(verdict.metrics.contains { $0.metric == "errors" && $0.failures > 0 && $0.limits == failed.limits })
    }
  }

  @Test func `one changed byte is found, and its entry is named`() async throws {
    try await Scratch.with { scratch in
      #expect(try await scratch.rehearse().code == 0)
      let file = URL(filePath: "\(scratch.folder)/rehearsal.db")
      var bytes = try Data(contentsOf: file)
      // The version, as the entry that started the run has it.
      let place = try #require(bytes.firstRange(of: Data(#""started","definition""#.utf8)))
      bytes[place.lowerBound + 1] = UInt8(ascii: "S")
      try bytes.write(to: file)
      let proof = try await scratch.headgate("audit", "verify", "--store", "rehearsal.db", "--format", "json")
      #expect(proof.code == 1, "\(proof.all)")
      let report = try #require(try JSONSerialization.jsonObject(with: Data(proof.out.utf8)) as? [String: Any])
      #expect(report["whole"] as? Bool == false)
      #expect(report["firstBadEntry"] as? Int == 3)
      let text = try await scratch.headgate("audit", "verify", "--store", "rehearsal.db")
      #expect(text.out.contains("the log is NOT whole"))
      #expect(text.out.contains("3"), "\(text.all)")
    }
  }

  @Test func `a rehearsal and real runs do not share a store`() async throws {
    try await Scratch.with { scratch in
      #expect(try await scratch.rehearse().code == 0)
      _ = try scratch.rig.write("store: rehearsal.db\n", to: "headgate.yaml")
      let pipeline = try scratch.rig.write(Self.harmless, to: "harmless.yaml")
      for arguments in [["run", pipeline, "--set", "version=1"], ["attach", "1"]] {
        let refused = try await scratch.headgate.run(arguments)
        #expect(refused.code == 64, "\(refused.all)")
        #expect(refused.errors.contains("has rehearsals in it"))
      }
      let real = try await scratch.headgate("run", pipeline, "--set", "version=1", "--store", "real.db")
      #expect(real.code == 0, "\(real.all)")
      let mixed = try await scratch.headgate.run(scratch.rehearsal().dropLast() + ["real.db"])
      #expect(mixed.code == 64, "\(mixed.all)")
      #expect(mixed.errors.contains("a rehearsal needs a store of its own"))
    }
  }

  static let harmless = """
    pipeline: harmless
    service: harmless
    environment: test
    parameters:
      version: { required: true }
    stages:
      - check: nothing
        run: "true"

    """
}
