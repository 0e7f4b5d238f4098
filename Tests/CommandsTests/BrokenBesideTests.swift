import Foundation
import Glibc
import LiveRig
import Testing

/// Whoever drives goes on beside backends that cannot be used, as long as nothing that is driven names them: `attach`,
/// `serve` and `flag ramp`, each beside a plugin that is not there and a provider whose address is none.
@Suite struct BrokenBesideTests {
  private static let broken = """
    providers: { metrics: { kind: prometheus, url: "ftp://metrics" } }
    plugins: { gone: { path: gone } }
    deployers: { cluster: { kind: gone } }
    """

  private func expectComplaints(_ output: String) {
    for words in ["gone/plugin.yaml cannot be read", "unknown kind `gone`", "this is no web address"] {
      #expect(output.contains(words), "\(output)")
    }
    #expect(output.contains("it is left out until this is mended"), "\(output)")
  }

  /// A run at its first step that nobody drives any more, in a place where backends have broken since.
  private func leftAlone(_ work: (EdgeShop) async throws -> Void) async throws {
    try await EdgeShop.open { shop in
      try await shop.kill(try await shop.runToTheFirstStep())
      try shop.configure(more: Self.broken)
      try await work(shop)
    }
  }

  /// Takes it to all of the traffic, past the holds of both steps.
  private func promote(_ shop: EdgeShop) async throws {
    try await promoteOnce(shop)
    try await Rig.wait(for: "all of the traffic") { shop.weight == "100" }
    try await promoteOnce(shop)
  }

  /// Refused, rightly, as long as the controller has not heard that the weight is set.
  private func promoteOnce(_ shop: EdgeShop) async throws {
    try await Rig.wait(for: "the promotion") {
      try await shop.headgate.run(["promote", "1", "--reason", "seen"]).code == 0
    }
  }

  @Test func `attach takes a run to its end`() async throws {
    try await leftAlone { shop in
      let config = ["--config", "\(shop.scratch.folder)/headgate.yaml"]
      let attach = try await shop.scratch.rig.headgate("attach", ["attach", "1", "--plain"] + config)
      try await Rig.wait(for: "the run") { attach.output.contains("staying at this weight") }
      try await promote(shop)
      #expect(try await attach.ending() == 0, "\(attach.output)")
      expectComplaints(attach.output)
    }
  }

  @Test func `serve takes a run to its end`() async throws {
    try await leftAlone { shop in
      let config = ["--config", "\(shop.scratch.folder)/headgate.yaml"]
      let serve = try await shop.scratch.rig.headgate("serve", ["serve", "--port", "0"] + config)
      try await Rig.wait(for: "the address") { serve.output.contains("driving ") || !serve.isRunning }
      try await promote(shop)
      try await Rig.wait(for: "the end of the run") {
        try await shop.headgate.run(["show", "1"]).out.contains("v1 is stable")
      }
      serve.signal(SIGTERM)
      #expect(try await serve.ending() == 0)
      expectComplaints(serve.output)
    }
  }

  @Test func `flag ramp takes a flag to everybody, and is refused where its gate names what is broken`() async throws {
    try await Scratch.with { scratch in
      try scratch.configure("store: headgate.db\n\(Self.broken)")
      let definition = """
        {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
         "targeting": {"fractional": [["on", 0], ["off", 100]]}}
        """
      let file = try scratch.rig.write(definition, to: "f.json")
      #expect(try await scratch.headgate("flag", "create", "f", "-e", "staging", "--file", file, "--yes").code == 0)
      #expect(try await scratch.headgate("flag", "on", "f", "-e", "staging", "--yes").code == 0)
      let ramp = ["flag", "ramp", "f", "-e", "staging", "--yes", "--steps", "50%,100%", "--hold"]
      let gate = ["1s", "--provider", "metrics", "--query", "errors", "--pass", "value < 1%"]
      let refused = try await scratch.headgate.run(ramp + gate)
      #expect(refused.code == 65, "\(refused.all)")
      #expect(refused.errors.contains("provider `metrics` cannot be used: "), "\(refused.errors)")
      let ending = try await scratch.headgate.run(ramp + ["1s", "--ungated"])
      #expect(ending.code == 0, "\(ending.all)")
      #expect(ending.errors.contains("gone/plugin.yaml cannot be read"), "\(ending.errors)")
      let value = try await scratch.headgate("flag", "eval", "f", "-e", "staging", "--key", "u")
      #expect(value.out.contains("true"), "\(value.all)")
    }
  }
}
