import Foundation
import PipelineModel
import PluginKit
import Testing

@testable import PluginHost

/// What a plugin is started with, and what becomes of one that does not start as it should.
@Suite(.installed("python3")) struct StartTests {
  @Test(arguments: [
    ("exit", Failure.Kind.transient, "the plugin rogue ended with 7: no such cluster"),
    (
      "refuse", .misconfigured,
      "the plugin rogue says: the token ••• is of yesterday[2J and this a second line"
    ),
    ("rubbish", .misconfigured, "the plugin rogue wrote lines that are no messages before it answered initialize"),
    ("wrong", .misconfigured, "the plugin rogue speaks version 2 of the protocol, headgate 1"),
  ])
  func `a plugin that does not start says why`(start: String, kind: Failure.Kind, message: String) async throws {
    try await Stage.with(secrets: ["token": "sesame"]) { stage in
      let provider = try stage.rogue(["start": .text(start), "token": .secret("token")])
      let failure = try await provider.failure("1")
      #expect(failure == Failure(kind, "subject could not answer errors: \(message)"))
      // After a second failure it is not started again at once, and the pauses double: however slow this is, one of them
      // is met.
      for _ in 1...20 {
        let later = try await provider.failure("1")
        #expect(later.kind == kind)
        if later.message.contains("it is started again in ") { return }
      }
      Issue.record("it is started again each time")
    }
  }

  @Test func `a plugin that never answers initialize is given up`() async throws {
    try await Stage.with { stage in
      var plugin = try Stage.plugin("\(Stage.fixtures)/rogue")
      plugin.manifest.limits.start = .milliseconds(300)
      let provider: any MetricProvider = try stage.made(
        stage.host.providers, plugin, Settings(["start": .text("silent")]))
      let failure = try await provider.failure("1")
      #expect(failure.message.hasSuffix("the plugin rogue did not answer initialize within 300ms"))
    }
  }

  @Test(arguments: [(["./no-such-program"], "no-such-program"), (["sh", "-c", "exit 78"], "78")])
  func `a command that cannot be run is for the operator to mend`(command: [String], word: String) async throws {
    try await Stage.with { stage in
      var plugin = try Stage.plugin("\(Stage.fixtures)/rogue")
      plugin.manifest.command = command
      let provider: any MetricProvider = try stage.made(stage.host.providers, plugin)
      let failure = try await provider.failure("1")
      #expect(failure.kind == .misconfigured)
      #expect(failure.message.contains(word))
    }
  }

  @Test func `a program that cannot be started now may be started later`() async throws {
    try await Stage.with { stage in
      var plugin = try Stage.plugin("\(Stage.fixtures)/rogue")
      // More than the system takes as arguments.
      plugin.manifest.command = ["sh", "-c", String(repeating: "#", count: 4 << 20)]
      let provider: any MetricProvider = try stage.made(stage.host.providers, plugin)
      let failure = try await provider.failure("1")
      #expect(failure.kind == .transient)
      #expect(failure.message.contains("could not be started in \(plugin.directory)"), "\(failure.message)")
    }
  }

  @Test func `the environment has what is declared and no more`() async throws {
    setenv("ROGUE_DECLARED", "declared", 1)
    setenv("ROGUE_SECRET", "undeclared", 1)
    try await Stage.with { stage in
      guard case .object(let members) = try await stage.rogue().ask("environment") else { return }
      // What the shell and a wrapper of Python set by themselves is none of ours.
      let names = members.map(\.name).filter { !$0.contains("PYENV") }
      let ours = Set(ProcessInfo.processInfo.environment.keys).subtracting(["PWD", "OLDPWD", "SHLVL", "_"])
      #expect(ours.intersection(names) == ours.intersection(["PATH", "HOME", "LANG", "ROGUE_DECLARED"]))
      #expect(names.contains("ROGUE_DECLARED"))
    }
  }

  @Test func `secrets come with initialize, and are hidden from messages`() async throws {
    try await Stage.with(secrets: ["token": "sesame"]) { stage in
      let provider = try stage.rogue(["token": .secret("token")])
      #expect(
        try await provider.ask("backwards") == .object([.init(name: "token", value: .text("emases"))]))
      #expect(try await provider.ask("settings") == .object([.init(name: "token", value: .text("•••"))]))
      #expect(
        try await provider.failure("secret").message
          == "subject could not answer errors: the plugin rogue says: no series for •••")
    }
  }

  @Test func `a secret that was changed is used after the plugin has said that it is misconfigured`() async throws {
    try await Stage.with(secrets: ["token": "old"]) { stage in
      let provider = try stage.rogue(["token": .secret("token")])
      #expect(try await provider.ask("backwards") == .object([.init(name: "token", value: .text("dlo"))]))
      stage.change("token", to: "new")
      #expect(try await provider.ask("backwards") == .object([.init(name: "token", value: .text("dlo"))]))
      #expect(try await provider.failure("code -32003").kind == .misconfigured)
      #expect(
        try await provider.askUntilAnswered("backwards") == .object([.init(name: "token", value: .text("wen"))]))
    }
  }

  @Test func `a secret that cannot be had is the failure of the call`() async throws {
    try await Stage.with { stage in
      let failure = try await stage.rogue(["token": .secret("absent")]).failure("1")
      #expect(failure == Failure(.misconfigured, "subject could not answer errors: there is no secret absent"))
    }
  }

  @Test func `after the host is closed nothing runs and nothing is started`() async throws {
    try await Stage.with { stage in
      let provider = try stage.rogue()
      guard case .list(let pids) = try await provider.ask("children") else { return }
      await stage.host.close()
      // Those that were killed may take a moment to go.
      #expect(await eventually { !pids.contains(where: isAlive) })
      #expect(try await provider.failure("1").message.hasSuffix("the plugin rogue was shut down"))
    }
  }

  @Test func `a folder that has changed since it was pinned is not run`() async throws {
    try await Stage.with { stage in
      let folder = "\(stage.folder)/rogue"
      try FileManager.default.copyItem(atPath: "\(Stage.fixtures)/rogue", toPath: folder)
      let sum = try FolderChecksum(of: folder).hex
      let provider: any MetricProvider = try stage.made(
        stage.host.providers, try Stage.plugin(folder, sha256: sum))
      #expect(try await provider.ask("1") == .number(1))
      try Data("import os\n".utf8).write(to: URL(filePath: "\(folder)/more.py"))
      _ = try await provider.failure("crash")
      let failure = try await provider.failure("1")
      #expect(failure.kind == .misconfigured)
      let found = try FolderChecksum(of: folder).hex
      #expect(failure.message.contains("their SHA-256 is \(found), pinned is \(sum)"))
    }
  }
}
