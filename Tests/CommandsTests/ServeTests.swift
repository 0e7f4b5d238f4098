import Foundation
import LiveRig
import Testing

/// `headgate serve`, started and ended as an operator does.
@Suite struct ServeTests {
  private static let flags = """
    {"flags": {"on": {"state": "ENABLED", "variants": {"yes": true, "no": false}, "defaultVariant": "yes"}}}
    """

  /// A folder with a headgate.yaml, and the server that runs there.
  private struct Server {
    let child: Child
    let address: String

    init(_ scratch: Scratch, _ name: String = "serve", yaml: String, _ more: String...) async throws {
      let config = try scratch.rig.write(yaml, to: "\(name).yaml")
      child = try await scratch.rig.headgate(name, ["serve", "--port", "0", "--config", config] + more)
      let child = child
      try await Rig.wait(for: "the address") {
        child.output.contains(#/(driving|another controller drives) //#) || !child.isRunning
      }
      let address = child.output.firstMatch(of: #/serving on (http:\S+)/#).map { String($0.output.1) }
      self.address = try #require(address, "\(child.output)")
    }
  }

  private static func yaml(_ scratch: Scratch, store: String = "headgate.db", _ serve: String = "") throws -> String {
    _ = try scratch.rig.write(flags, to: "demo.json")
    return "store: \(store)\nserve:\n  sources: { demo: demo.json }\n\(serve)"
  }

  @Test func `flags of a file are served, written to another, and follow it`() async throws {
    try await Scratch.with { scratch in
      let server = try await Server(scratch, yaml: try Self.yaml(scratch, "  files: { demo: copy.json }\n"))
      let flag = "\(server.address)/ofrep/v1/evaluate/flags/on"
      let first = try #require(await Rig.post(flag, body: "{}"))
      #expect(first.status == 200 && first.body == #"{"key":"on","reason":"STATIC","value":true,"variant":"yes"}"#)
      let copy = "\(scratch.folder)/copy.json"
      try await Rig.wait(for: "the copy") { FileManager.default.fileExists(atPath: copy) }
      _ = try scratch.rig.write(
        Self.flags.replacing("\"defaultVariant\": \"yes\"", with: "\"defaultVariant\": \"no\""), to: "demo.json")
      try await Rig.wait(for: "the change") { await Rig.post(flag, body: "{}")?.body.contains("\"no\"") == true }
      try await Rig.wait(for: "the copy of the change") {
        try String(contentsOfFile: copy, encoding: .utf8).contains(#""defaultVariant":"no""#)
      }
      // A file with mistakes changes nothing.
      _ = try scratch.rig.write(#"{"flags": {"on": {"state": "MAYBE"}}}"#, to: "demo.json")
      try await Rig.wait(for: "the complaint") { server.child.output.contains("the last good one stays") }
      #expect(await Rig.post(flag, body: "{}")?.body.contains("\"no\"") == true)
      server.child.signal(SIGTERM)
      #expect(try await server.child.ending() == 0)
    }
  }

  @Test func `who drives is one, and the other takes over when it has gone`() async throws {
    try await Scratch.with { scratch in
      let yaml = try Self.yaml(scratch)
      let first = try await Server(scratch, "first", yaml: yaml)
      #expect(first.child.output.contains("driving \(scratch.folder)/headgate.db"))
      let second = try await Server(scratch, "second", yaml: yaml)
      #expect(second.child.output.contains("another controller drives"))
      #expect(await Rig.get("\(second.address)/healthz")?.status == 200)
      await first.child.stop(by: SIGKILL)
      try await Rig.wait(for: "the second to drive") { second.child.output.contains("this process does from now on") }
      second.child.signal(SIGINT)
      #expect(try await second.child.ending() == 0)
    }
  }

  @Test func `a port that is taken is named, with what to do`() async throws {
    try await Scratch.with { scratch in
      let first = try await Server(scratch, "first", yaml: try Self.yaml(scratch, store: "a.db"))
      let port = try #require(first.address.split(separator: ":").last.map(String.init))
      let config = try scratch.rig.write(try Self.yaml(scratch, store: "b.db"), to: "second.yaml")
      let second = try await scratch.headgate("serve", "--config", config, "--port", port)
      #expect(
        second.code == 2 && second.errors.contains("cannot be listened on: Address already in use"), "\(second.all)")
      await first.child.stop()
    }
  }

  @Test func `a token is a secret, and only who has it is served`() async throws {
    try await Scratch.with { scratch in
      let token = "a-secret-of-32-bytes-0123456789ab"
      _ = try scratch.rig.write(token + "\n", to: "token")
      let server = try await Server(
        scratch,
        yaml: try Self.yaml(
          scratch,
          """
            tokens: { shop: { secret: shop } }
          secrets: { shop: { file: \(scratch.folder)/token } }

          """))
      let flag = "\(server.address)/ofrep/v1/evaluate/flags/on"
      #expect(await Rig.post(flag, body: "{}")?.status == 401)
      #expect(await Rig.post(flag, body: "{}", headers: [("Authorization", "Bearer \(token)")])?.status == 200)
      await server.child.stop()
      #expect(!server.child.output.contains(token))
    }
  }

  @Test func `what cannot be served is refused before anything begins`() async throws {
    try await Scratch.with { scratch in
      let none = try await scratch.headgate("serve")
      #expect(none.code == 65 && none.errors.contains("there is no headgate.yaml here"))
      func refusal(_ text: String) async throws -> HeadgateProgram.Ending {
        try await scratch.headgate("serve", "--config", try scratch.rig.write(text, to: "bad.yaml"))
      }
      let open = try await refusal("serve: { address: '0.0.0.0:0' }\n")
      #expect(open.code == 65 && open.errors.contains("can be reached from other machines"), "\(open.all)")
      let short = try await refusal(
        "serve: { tokens: { a: { secret: a } } }\nsecrets: { a: { command: 'echo hunter2' } }\n")
      #expect(
        short.code == 2 && short.errors.contains("can be guessed") && !short.all.contains("hunter2"), "\(short.all)")
      let missing = try await refusal(
        "serve: { tokens: { a: { secret: a } } }\nsecrets: { a: { env: HEADGATE_NO_SUCH_VARIABLE } }\n")
      #expect(missing.code == 2 && missing.errors.contains("HEADGATE_NO_SUCH_VARIABLE is not set"), "\(missing.all)")
      let broken = try await refusal("serve: { sources: { demo: nothing.json } }\n")
      #expect(broken.code == 65 && broken.errors.contains("nothing.json"), "\(broken.all)")
    }
  }
}
