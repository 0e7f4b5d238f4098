import Foundation
import Glibc
import LiveRig
import Testing

/// A shop behind a router that is a command: its weight is in `weight.txt`, and it refuses while there is a file `broken`.
struct EdgeShop {
  let scratch: Scratch

  var headgate: HeadgateProgram { scratch.headgate }

  static func open(more: String = "", _ work: (EdgeShop) async throws -> Void) async throws {
    try await Scratch.with { scratch in
      let shop = EdgeShop(scratch: scratch)
      try shop.configure(more: more)
      _ = try scratch.rig.write(
        """
        pipeline: shop
        service: shop
        environment: production
        stages:
          - canary: production
            route: edge/shop
            steps: [25%, 100%]
            hold: 1h
        """, to: "shop.yaml")
      try await work(shop)
    }
  }

  func configure(router: String = "edge", more: String = "") throws {
    _ = try scratch.rig.write(
      """
      store: headgate.db
      routers:
        \(router):
          kind: command
          set: 'test ! -e broken || { echo "no such backend" >&2; exit 75; }; echo "$HEADGATE_WEIGHT" >weight.txt'
          get: 'cat weight.txt'
      \(more)
      """, to: "headgate.yaml")
  }

  /// A terminal that drives a run.
  func run(_ name: String = "run") async throws -> Child {
    try await scratch.rig.headgate(
      name,
      [
        "run", "\(scratch.folder)/shop.yaml", "--set", "version=v1", "--config", "\(scratch.folder)/headgate.yaml",
        "--plain",
      ])
  }

  /// The same, until a quarter of the traffic is moved.
  func runToTheFirstStep() async throws -> Child {
    let run = try await run()
    try await Rig.wait(for: "the first step") { run.output.contains("staying at this weight") }
    return run
  }

  func breakRouter() throws { _ = try scratch.rig.write("", to: "broken") }

  func mendRouter() throws { try FileManager.default.removeItem(atPath: "\(scratch.folder)/broken") }

  var weight: String {
    let text = try? String(contentsOfFile: "\(scratch.folder)/weight.txt", encoding: .utf8)
    return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
  }

  /// Ends a controller as a crash does.
  func kill(_ run: Child) async throws {
    run.signal(SIGKILL)
    _ = try await run.ending()
  }
}
