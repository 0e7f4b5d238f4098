import Foundation
import LiveRig
import Testing

/// One backend that cannot be used keeps nobody from running what does not name it; whatever names it is refused.
@Suite struct BrokenBackendTests {
  /// A pipeline that asks a command, beside others that cannot be used.
  private func place(
    _ broken: String, provider: String = "numbers", more: String = "", _ work: (Scratch) async throws -> Void
  ) async throws {
    try await Scratch.with { scratch in
      _ = try scratch.rig.write(
        "store: headgate.db\n\(broken)\nproviders:\n  numbers: { kind: command }\n\(more)", to: "headgate.yaml")
      _ = try scratch.rig.write(
        """
        pipeline: numbers
        service: shop
        environment: production
        parameters: { version: { required: true } }
        metrics:
          number: { provider: \(provider), query: "echo 42 # ${version}", pass: value < 50 }
        stages:
          - verify: the number
            hold: 1s
            gate: { metrics: [number], every: 1s, delay: 0s, atLeast: 1 }
        """, to: "numbers.yaml")
      try await work(scratch)
    }
  }

  private func run(_ scratch: Scratch) async throws -> HeadgateProgram.Ending {
    try await scratch.headgate.run(["run", "numbers.yaml", "--set", "version=1"])
  }

  @Test(arguments: [
    ("routers: { edge: { kind: nginx } }", "the key `"),
    ("routers: { edge: { kind: traefik } }", "unknown kind `traefik`"),
    ("notifiers: { chat: { kind: webhook, secretUrl: { secret: chat } } }", "unknown secret `chat`"),
    ("plugins: { gone: { path: gone } }\nrouters: { edge: { kind: gone } }", "gone/plugin.yaml cannot be read"),
    ("deployers: { local: 5 }", "a mapping is wanted here"),
  ])
  func `a run goes on beside a backend that cannot be used, and says what is wrong with it`(
    broken: String, words: String
  ) async throws {
    try await place(broken) { scratch in
      let strict = try await scratch.headgate.run(["validate", "headgate.yaml"])
      #expect(strict.code == 65)
      #expect(strict.all.contains("headgate.yaml:2:") && strict.all.contains(words), "\(strict.all)")
      let ending = try await run(scratch)
      #expect(ending.code == 0, "\(ending.all)")
      #expect(ending.errors.contains("warning: ") && ending.errors.contains(words), "\(ending.errors)")
      #expect(ending.errors.contains("it is left out until this is mended"), "\(ending.errors)")
      #expect(try await scratch.headgate.run(["status"]).code == 0)
    }
  }

  @Test func `settings that only their kind refuses are as wrong`() async throws {
    try await place("", more: "  other: { kind: prometheus, url: \"http://metrics\", tls: { ca: ca.pem } }\n") {
      scratch in
      #expect(try await scratch.headgate.run(["validate", "headgate.yaml"]).code == 65)
      let ending = try await run(scratch)
      #expect(ending.code == 0, "\(ending.all)")
      #expect(ending.errors.contains("headgate.yaml:5:3: warning: "), "\(ending.errors)")
    }
  }

  @Test func `a run of a pipeline that names it is refused where it names it`() async throws {
    try await place(
      "", provider: "other", more: "  other: { kind: prometheus, url: \"http://metrics\", tls: { ca: ca.pem } }\n"
    ) { scratch in
      let ending = try await run(scratch)
      #expect(ending.code == 65, "\(ending.all)")
      #expect(
        ending.errors.contains("error: provider `other` cannot be used: headgate.yaml:5:3: "), "\(ending.errors)")
    }
  }

  @Test func `a provider whose fallback cannot be used is not used either`() async throws {
    let more = "  other: { kind: command, fallback: spare }\n  spare: { kind: command, timeout: soon }\n"
    try await place("", provider: "other", more: more) { scratch in
      let ending = try await run(scratch)
      #expect(ending.code == 65, "\(ending.all)")
      #expect(ending.errors.contains("its fallback `spare` cannot be used: headgate.yaml:6:"), "\(ending.errors)")
    }
  }

  @Test func `a notifier that every run tells must be one that can be used`() async throws {
    let broken = "notifiers: { chat: { kind: webhook } }\nnotify: { chat: [all] }"
    try await place(broken) { scratch in
      let ending = try await run(scratch)
      #expect(ending.code == 65, "\(ending.all)")
      #expect(
        ending.errors.contains("every run tells the notifier \"chat\", and it cannot be used: "), "\(ending.errors)")
    }
  }

  @Test func `plugin list shows the others beside a plugin that has changed, and ends badly`() async throws {
    try await Scratch.with { scratch in
      for name in ["fresh", "other"] {
        _ = try await scratch.headgate.run(["plugin", "new", name, "--language", "python"])
      }
      let none = String(repeating: "0", count: 64)
      _ = try scratch.rig.write(
        "plugins:\n  fresh: { path: fresh }\n  other: { path: other, sha256: \(none) }\n", to: "headgate.yaml")
      let list = try await scratch.headgate.run(["plugin", "list"])
      #expect(list.code == 65, "\(list.all)")
      #expect(list.out.contains("fresh") && list.out.contains("other"), "\(list.out)")
      #expect(list.errors.contains("the files of other are not those that `sha256` pins"), "\(list.errors)")
    }
  }
}
