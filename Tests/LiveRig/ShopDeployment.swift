import Foundation
import Subprocess
import SystemPackage

/// The commands that bring versions of the shop up in two places, see `Fixtures/deploy.sh`.
///
/// What they start runs apart from the rig, and is ended with it.
package struct ShopDeployment: Sendable {
  package let bluePort: Int
  package let greenPort: Int
  private let folder: String

  package init(in rig: Rig) throws {
    bluePort = try Rig.freePort()
    greenPort = try Rig.freePort()
    folder = rig.folder
    rig.atEnd { [self] in
      for slot in ["blue", "green"] { await run("stop", slot: slot, version: "-") }
    }
  }

  package var start: String { command("start") }
  package var health: String { command("health") }
  package var stop: String { command("stop") }

  /// Brings a version up in a slot and waits until it answers.
  package func up(_ version: String, in slot: String) async throws {
    await run("start", slot: slot, version: version)
    let port = slot == "blue" ? bluePort : greenPort
    try await Rig.wait(for: "\(version) in \(slot)") {
      await Rig.get("http://127.0.0.1:\(port)/healthz")?.status == 200
    }
  }

  private func command(_ verb: String) -> String {
    "'\(Rig.fixturePath("deploy.sh"))' '\(folder)' \(bluePort) \(greenPort) \(verb)"
  }

  private func run(_ verb: String, slot: String, version: String) async {
    _ = try? await Subprocess.run(
      .path("/bin/sh"), arguments: ["-c", command(verb)],
      environment: .inherit.updating(["HEADGATE_SLOT": slot, "HEADGATE_VERSION": version]), output: .discarded)
  }
}
