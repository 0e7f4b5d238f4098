import Foundation
import LiveRig
import Testing

/// `headgate plugin`, and plugins in headgate.yaml, as people and scripts use them.
@Suite struct PluginVerbTests {
  private struct Finding: Decodable {
    var promise: String
    var kept: Bool
  }

  @Test(
    .live(.python3, .jq), arguments: ["python", "shell", "swift"],
    ["metrics", "traffic", "deployment", "notification", "step"])
  func `a new plugin keeps every promise at once`(language: String, port: String) async throws {
    try await Scratch.with { scratch in
      let new = try await scratch.headgate.run(["plugin", "new", "fresh", "--language", language, "--port", port])
      #expect(new.code == 0)
      #expect(new.out.contains("headgate plugin check fresh"))
      if language == "swift" {
        let build = try await scratch.rig.start("build", "\(scratch.folder)/fresh/build", [])
        #expect(try await build.ending() == 0)
      }
      let check = try await scratch.headgate.run(["plugin", "check", "fresh", "--patience", "30s", "--format", "json"])
      let findings = try check.json([Finding].self)
      #expect(findings.count >= 12)
      #expect(findings.filter { !$0.kept }.map(\.promise) == [])
      #expect(check.code == 0)
    }
  }

  @Test func `new never writes over what is there, nor under an odd name`() async throws {
    try await Scratch.with { scratch in
      _ = try await scratch.headgate.run(["plugin", "new", "fresh", "--language", "python"])
      let again = try await scratch.headgate.run(["plugin", "new", "fresh", "--language", "shell"])
      #expect(again.code == 64)
      #expect(again.errors.contains("fresh is there already; name another with --folder"))
      #expect(try await scratch.headgate.run(["plugin", "new", "../x", "--language", "shell"]).code == 64)
    }
  }

  @Test(.live(.python3)) func `a broken promise is named, and the exit code says so`() async throws {
    try await Scratch.with { scratch in
      _ = try await scratch.headgate.run(["plugin", "new", "fresh", "--language", "python"])
      let file = "\(scratch.folder)/fresh/fresh.py"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try text.replacingOccurrences(of: "NO_METHOD, f", with: "TRANSIENT, f")
        .write(toFile: file, atomically: true, encoding: .utf8)
      let check = try await scratch.headgate.run(["plugin", "check", "fresh"])
      #expect(check.code == 1)
      #expect(check.out.contains("BROKEN  fresh: it starts, and answers initialize as plugin.yaml says"))
      #expect(check.out.contains("an unknown method was answered by the error -32001, and should be by -32601"))
    }
  }

  @Test func `check of what is no plugin says what there is`() async throws {
    try await Scratch.with { scratch in
      let ending = try await scratch.headgate.run(["plugin", "check", "nothing"])
      #expect(ending.code == 64)
      #expect(ending.errors.contains("there is no folder nothing with a plugin.yaml"))
    }
  }

  private struct Row: Decodable {
    var name: String
    var sha256: String
    var pinned: Bool
  }

  @Test func `a pinned folder that has changed is refused, with the way out`() async throws {
    try await Scratch.with { scratch in
      _ = try await scratch.headgate.run(["plugin", "new", "fresh", "--language", "python"])
      _ = try scratch.rig.write("plugins:\n  fresh: { path: fresh }\n", to: "headgate.yaml")
      let list = try await scratch.headgate.run(["plugin", "list", "--format", "json"]).json([Row].self)
      let row = try #require(list.first)
      #expect(row.name == "fresh" && !row.pinned)
      let config = """
        plugins:
          fresh: { path: fresh, sha256: \(row.sha256) }
        providers:
          numbers: { kind: fresh, unit: ms }
        """
      _ = try scratch.rig.write(config, to: "headgate.yaml")
      #expect(try await scratch.headgate.run(["validate", "headgate.yaml"]).code == 0)
      _ = try scratch.rig.write("print()\n", to: "fresh/more.py")
      let changed = try await scratch.headgate.run(["validate", "headgate.yaml"])
      #expect(changed.code == 65)
      #expect(changed.all.contains("headgate.yaml:2:18: error: the files in "))
      #expect(changed.all.contains("if it is wanted, write `sha256: "))
    }
  }

  @Test func `settings are checked against what the plugin says it takes`() async throws {
    try await Scratch.with { scratch in
      _ = try await scratch.headgate.run(["plugin", "new", "fresh", "--language", "python"])
      let config = "plugins: { fresh: { path: fresh } }\nproviders: { numbers: { kind: fresh, unti: ms } }\n"
      _ = try scratch.rig.write(config, to: "headgate.yaml")
      let ending = try await scratch.headgate.run(["validate", "headgate.yaml"])
      #expect(ending.code == 65)
      #expect(ending.all.contains("headgate.yaml:2:38: error: unknown key `unti`, did you mean `unit`?"))
    }
  }

  @Test(.live(.python3)) func `a gate passes on what a plugin answers, and nothing of the plugin is left`() async throws
  {
    try await Scratch.with { scratch in
      _ = try await scratch.headgate.run(["plugin", "new", "fresh", "--language", "python"])
      _ = try scratch.rig.write(
        "plugins: { fresh: { path: fresh } }\nproviders: { numbers: { kind: fresh } }\n", to: "headgate.yaml")
      let pipeline = """
        pipeline: numbers
        service: shop
        environment: production
        parameters: { version: { required: true } }
        metrics:
          number: { provider: numbers, query: "${version}", pass: value < 50 }
        stages:
          - verify: the number
            hold: 2s
            gate: { metrics: [number], every: 1s, delay: 0s, atLeast: 2 }
        """
      _ = try scratch.rig.write(pipeline, to: "numbers.yaml")
      let good = try await scratch.headgate.run(["run", "numbers.yaml", "--set", "version=42"])
      #expect(good.code == 0, "\(good.out)\(good.errors)")
      let bad = try await scratch.headgate.run(["run", "numbers.yaml", "--set", "version=99"])
      #expect(bad.code == 1, "\(bad.out)\(bad.errors)")
      #expect(!isRunning(in: "\(scratch.folder)/fresh"))
    }
  }

  /// Whether a process runs in that folder.
  private func isRunning(in folder: String) -> Bool {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.contains {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/cwd"))?.hasSuffix(folder) == true
    }
  }
}
