import Foundation
import LiveRig
import Testing

/// A ramp whose controller died, and what others do to its flag and beside it before somebody drives it again.
@Suite struct RampAftermathTests {
  /// A store with the flags `f` and `g`, and a ramp of `f` to 10 % that nobody drives any more.
  private static func with(hold: String, _ work: (Scratch) async throws -> Void) async throws {
    try await Scratch.with { scratch in
      try scratch.configure("store: headgate.db")
      let definition = """
        {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
         "targeting": {"fractional": [["on", 0], ["off", 100]]}}
        """
      let file = try scratch.rig.write(definition, to: "f.json")
      for key in ["f", "g"] {
        let made = try await scratch.headgate("flag", "create", key, "-e", "staging", "--file", file, "--yes")
        #expect(made.code == 0, "\(made.all)")
        #expect(try await scratch.headgate("flag", "on", key, "-e", "staging", "--yes").code == 0)
      }
      // It does not run in the folder.
      let config = ["--config", "\(scratch.folder)/headgate.yaml"]
      let ramp = try await scratch.rig.headgate("ramp", ["flag"] + arguments("f", hold: hold) + config)
      try await Rig.wait(for: "the first step") {
        try await scratch.headgate("status").out.contains("10% of") || !ramp.isRunning
      }
      #expect(ramp.isRunning, "\(ramp.output)")
      ramp.signal(SIGKILL)
      _ = try await ramp.ending()
      try await work(scratch)
    }
  }

  private static func arguments(_ key: String, hold: String) -> [String] {
    ["ramp", key, "-e", "staging", "--steps", "10%,50%,100%", "--hold", hold, "--ungated", "--yes"]
  }

  private struct Report: Decodable {
    struct Run: Decodable {
      struct Route: Decodable {
        var weight: Double
        var wanted: Double
      }
      var routes: [Route]
      var notes: [String]
    }
    var runs: [Run]
  }

  @Test func `of a flag that was killed meanwhile status says that it is off, whatever its ramp has asked for`()
    async throws
  {
    try await Self.with(hold: "1h") { scratch in
      #expect(try await scratch.headgate("flag", "kill", "f", "-e", "staging", "--reason", "INC-9").code == 0)
      let status = try await scratch.headgate("status")
      #expect(status.out.contains("f in staging was killed by"), "\(status.all)")
      #expect(status.out.contains("INC-9") && status.out.contains("nobody is given `on`"), "\(status.all)")
      #expect(status.out.contains("weight 0%") && status.out.contains("0% of"), "\(status.all)")
      #expect(!status.out.contains("gate:"), "\(status.all)")
      let run = try #require(try await scratch.headgate("status", "--format", "json").json(Report.self).runs.first)
      #expect(run.routes.map(\.weight) == [0] && run.routes.map(\.wanted) == [10] && run.notes.count == 1)
    }
  }

  @Test func `who asks in vain for another ramp is told what went on because this process drove the store`()
    async throws
  {
    try await Self.with(hold: "10s,1s,1s") { scratch in
      #expect(try await scratch.headgate("flag", "kill", "g", "-e", "staging", "--reason", "INC-9").code == 0)
      let refused = try await scratch.headgate.run(["flag"] + Self.arguments("g", hold: "2s"))
      #expect(refused.code == 1 && refused.errors.contains("was switched off for a reason"), "\(refused.all)")
      #expect(refused.errors.contains("staying until the end, so that somebody drives"), "\(refused.all)")
      #expect(
        refused.errors.contains(
          "run 1 of ramp-f went on meanwhile, since this process drove the store: it is promoted at 100%"),
        "\(refused.all)")
    }
  }
}
