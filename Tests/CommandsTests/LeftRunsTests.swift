import Foundation
import Glibc
import LiveRig
import Testing

/// Runs that a dead controller left in flight or in the queue, and whoever drives the store next for something else.
@Suite struct LeftRunsTests {
  private static let hold = "1h"

  private static func pipeline(_ name: String = "shop", whenBusy: String, hold: String = hold) -> String {
    """
    pipeline: \(name)
    service: \(name)
    environment: production
    whenBusy: \(whenBusy)
    stages:
      - canary: production
        route: edge/\(name)
        steps: [25%, 100%]
        hold: \(hold)
    """
  }

  private func config(_ shop: EdgeShop) -> [String] { ["--config", "\(shop.scratch.folder)/headgate.yaml"] }

  private func start(_ version: String, in shop: EdgeShop) async throws -> Child {
    try await shop.scratch.rig.headgate(
      version,
      ["run", "\(shop.scratch.folder)/shop.yaml", "--set", "version=\(version)", "--plain"] + config(shop))
  }

  /// Run 1 has a quarter of the traffic, and nobody drives it.
  private func left(whenBusy: String, _ work: (EdgeShop) async throws -> Void) async throws {
    try await EdgeShop.open { shop in
      _ = try shop.scratch.rig.write(Self.pipeline(whenBusy: whenBusy), to: "shop.yaml")
      try await shop.kill(try await shop.runToTheFirstStep())
      try await work(shop)
    }
  }

  // MARK: Refused

  @Test func `whose run is refused stays for the run that was left, to its end`() async throws {
    try await left(whenBusy: "refuse") { shop in
      let refused = try await start("v2", in: shop)
      try await Rig.wait(for: "the refusal", by: [refused]) { refused.output.contains("staying until the end") }
      #expect(refused.output.contains("headgate: run 1 of shop in production is in flight"), "\(refused.output)")
      #expect(refused.output.contains("run 1 of shop is still in flight"), "\(refused.output)")
      #expect(try await shop.headgate("pause", "1").code == 0)
      try await Rig.wait(for: "what it waits for", by: [refused]) {
        refused.output.contains("run 1 of shop: paused: headgate resume 1")
      }
      #expect(try await shop.headgate("resume", "1").code == 0)
      let promoted = try await shop.headgate("promote", "1", "--all", "--reason", "seen")
      try #require(promoted.code == 0, "\(promoted.all)")
      #expect(try await refused.ending() == 1)
      #expect(shop.weight == "100")
      #expect(
        refused.output.contains(
          "run 1 of shop went on meanwhile, since this process drove the store: it is promoted at 100%"),
        "\(refused.output)")
      #expect(!refused.output.contains("nobody drives"), "\(refused.output)")
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `it may leave, and says that nobody drives now`(signal: Int32) async throws {
    try await left(whenBusy: "refuse") { shop in
      let refused = try await start("v2", in: shop)
      try await Rig.wait(for: "the refusal", by: [refused]) { refused.output.contains("staying until the end") }
      refused.signal(signal)
      #expect(try await refused.ending() == 1)
      #expect(
        refused.output.contains(
          "run 1 of shop is running at 25%, and nobody drives it now: headgate attach 1 --config "
            + "\(shop.scratch.folder)/headgate.yaml"),
        "\(refused.output)")
    }
  }

  // MARK: Taken back

  @Test(arguments: ["abort", "rollback"])
  func `to take a run back begins none of those that wait, and says so`(verb: String) async throws {
    try await EdgeShop.open { shop in
      _ = try shop.scratch.rig.write(Self.pipeline(whenBusy: "queue"), to: "shop.yaml")
      let first = try await shop.runToTheFirstStep()
      let second = try await start("v2", in: shop)
      try await Rig.wait(for: "the queue", by: [second]) { second.output.contains("it waits for its turn") }
      try await shop.kill(second)
      try await shop.kill(first)
      let back = try await shop.scratch.rig.headgate(verb, [verb, "1", "--reason", "INC-7"] + config(shop))
      let hint = "headgate attach 2 --config \(shop.scratch.folder)/headgate.yaml\n"
      try await Rig.wait(for: "the end", by: [back]) {
        back.output.contains("run 2 of shop still waits for a turn; it is begun by: \(hint)")
      }
      #expect(try await back.ending() == 0)
      #expect(shop.weight == "0")
      #expect(try await shop.headgate("status").out.contains("queued"))
      let attach = try await shop.scratch.rig.headgate("attach", ["attach", "2", "--plain"] + config(shop))
      try await Rig.wait(for: "the first step", by: [attach]) { attach.output.contains("staying at this weight") }
      #expect(shop.weight == "25")
    }
  }

  @Test func `a run that ended long ago did not go on because a rollback of it was refused`() async throws {
    try await EdgeShop.open { shop in
      _ = try shop.scratch.rig.write(Self.pipeline(whenBusy: "refuse", hold: "1s"), to: "shop.yaml")
      for version in ["v1", "v2"] { #expect(try await start(version, in: shop).ending() == 0) }
      let refused = try await shop.headgate("rollback", "1", "--reason", "INC-7")
      #expect(refused.code == 1, "\(refused.all)")
      #expect(
        refused.errors == """
          headgate: run 1 of shop: its version is not the stable one: another version has been promoted since, or it \
          never got all traffic; roll that one back, or start a run of the version you want

          """)
    }
  }
}
