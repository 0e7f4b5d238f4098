import Foundation
import LiveRig
import Synchronization
import Testing

// Where checkpoints go when what takes them refuses, is slow, or is back again: a repository that is really pushed to, and a
// webhook. By the built program.

@Suite struct CheckpointSinkTests {
  private func installation(_ audit: String, notifiers: String = "", _ work: (Scratch) async throws -> Void)
    async throws
  {
    try await Scratch.with { scratch in
      let key = try await scratch.headgate("audit", "key", "new", "--name", "example.com/shop", "--output", "audit.key")
      #expect(key.code == 0, "\(key.all)")
      _ = try scratch.rig.write(
        """
        store: headgate.db
        \(notifiers)
        serve: {}
        audit: { key: { secret: audit }, entries: 1, \(audit) }
        secrets: { audit: { file: audit.key } }
        """, to: "headgate.yaml")
      _ = try scratch.rig.write(key.out, to: "log.pub")
      try await work(scratch)
    }
  }

  /// A work tree with a bare repository behind it, over `file://`.
  private func repositories(_ scratch: Scratch) throws {
    try git(scratch, "init", "--quiet", "--bare", "--initial-branch", "main", "bare.git")
    try git(scratch, "init", "--quiet", "--initial-branch", "main", "kept")
    for (name, value) in [("user.name", "headgate"), ("user.email", "headgate@example.com")] {
      try git(scratch, "-C", "kept", "config", name, value)
    }
    try git(scratch, "-C", "kept", "remote", "add", "origin", "file://\(scratch.folder)/bare.git")
  }

  @discardableResult
  private func git(_ scratch: Scratch, _ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = URL(filePath: scratch.folder)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: said, as: UTF8.self)
  }

  /// What the bare repository has, as somebody who clones it sees it.
  private func pushed(_ scratch: Scratch) throws -> String {
    try git(scratch, "--git-dir", "bare.git", "show", "main:checkpoints.txt")
  }

  private func refuse(_ scratch: Scratch, _ refuses: Bool) throws {
    let hook = "\(scratch.folder)/bare.git/hooks/pre-receive"
    if !refuses { return try FileManager.default.removeItem(atPath: hook) }
    try "#!/bin/sh\necho 'not today' >&2\nexit 1\n".write(toFile: hook, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook)
  }

  @Test func `checkpoints are pushed to a repository, and whoever clones it can hold the log against them`()
    async throws
  {
    try await installation("git: { worktree: kept, push: origin }") { scratch in
      try repositories(scratch)
      _ = try scratch.rig.write(RecordTests.harmless, to: "harmless.yaml")
      #expect(try await scratch.headgate("run", "harmless.yaml", "--set", "version=1").code == 0)
      let first = try pushed(scratch)
      #expect(first.hasPrefix("example.com/shop\n"))
      #expect(try await scratch.headgate("run", "harmless.yaml", "--set", "version=2").code == 0)
      #expect(try pushed(scratch).hasPrefix(first) && pushed(scratch) != first)
      _ = try scratch.rig.write(pushed(scratch), to: "cloned.txt")
      let verified = try await scratch.headgate(
        "audit", "verify", "--checkpoint", "cloned.txt", "--key", "log.pub")
      #expect(verified.code == 0, "\(verified.all)")
    }
  }

  private struct Status: Decodable {
    struct Backend: Decodable {
      var name: String
      var reason: String?
    }
    var backends: [Backend]
  }

  private func failing(_ scratch: Scratch) async throws -> Status.Backend? {
    let status = try await scratch.headgate("status", "--format", "json")
    return try status.json(Status.self).backends.first { $0.name == "checkpoints, git \(scratch.folder)/kept" }
  }

  @Test func `a refused push stands in the status, is tried again by itself, and nothing is lost`() async throws {
    try await installation("git: { worktree: kept, push: origin }") { scratch in
      try repositories(scratch)
      try refuse(scratch, true)
      _ = try scratch.rig.write(RecordTests.harmless, to: "harmless.yaml")
      // The run does not wait for the repository.
      #expect(try await scratch.headgate("run", "harmless.yaml", "--set", "version=1").code == 0)
      #expect(try pushed(scratch) == "")
      let server = try await scratch.rig.headgate(
        "serve", ["serve", "--port", "0", "--config", "\(scratch.folder)/headgate.yaml"])
      try await Rig.wait(for: "the status") {
        try await failing(scratch)?.reason?.contains("git push in") == true
      }
      let told = try await scratch.headgate("status")
      #expect(told.out.contains("checkpoints, git "), "\(told.all)")
      try refuse(scratch, false)
      // Nothing new has to happen for it.
      try await Rig.wait(for: "the push") { try pushed(scratch).hasPrefix("example.com/shop\n") }
      try await Rig.wait(for: "the status to clear") { try await failing(scratch) == nil }
      server.signal(SIGTERM)
      #expect(try await server.ending() == 0, "\(server.output)")
      #expect(try pushed(scratch) == String(contentsOfFile: "\(scratch.folder)/kept/checkpoints.txt", encoding: .utf8))
    }
  }

  private struct Item: Decodable {
    var state: String
    var tries: Int
    var event: String
  }

  enum FirstAnswer: CaseIterable {
    case error, slow, reset

    fileprivate var reply: RawServer.Reply {
      switch self {
      case .error: .bytes(Array(RawServer.http(500, "").utf8))
      case .slow: .endless(Array("HTTP/1.1 200 OK\r\n".utf8), piece: Array("X: y\r\n".utf8), pause: .milliseconds(50))
      case .reset: .reset
      }
    }
  }

  @Test(arguments: FirstAnswer.allCases)
  func `a webhook that fails at first gets the checkpoint by itself`(_ first: FirstAnswer) async throws {
    let seen = Mutex<[String]>([])
    let reply: @Sendable (String) -> RawServer.Reply = { request in
      let count = seen.withLock { seen in
        seen.append(request)
        return seen.count
      }
      return count == 1 ? first.reply : .bytes(Array(RawServer.http(200, "").utf8))
    }
    // The body ends so, and nothing before it does.
    try await RawServer.with(.chosen(reply), until: "\"}") { server in
      let hook = "notifiers: { auditors: { kind: webhook, url: \"\(server.url)/\", timeout: 2s } }"
      try await installation("notify: auditors", notifiers: hook) { scratch in
        let serve = try await scratch.rig.headgate(
          "serve", ["serve", "--port", "0", "--config", "\(scratch.folder)/headgate.yaml"])
        try await Rig.wait(for: "the notice to be sent") {
          let items = try await scratch.headgate("notify", "list", "--format", "json")
          guard items.code == 0 else { return false }
          return try items.json([Item].self).contains { $0.event == "checkpoint" && $0.state == "sent" && $0.tries > 1 }
        }
        serve.signal(SIGTERM)
        #expect(try await serve.ending() == 0, "\(serve.output)")
        let notes = seen.withLock(\.self)
        #expect(notes.count > 1 && notes.allSatisfy { $0.contains("example.com/shop") }, "\(notes)")
      }
    }
  }
}
