import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import CommandPlugin

/// The commands of the live demo bring a real service up and down, through the adapter.
@Suite(.live(.python3)) struct ShopDeploymentTests {
  @Test func `a real service comes up in its slot and goes down again`() async throws {
    try await Rig.with { rig in
      let shop = try ShopDeployment(in: rig)
      let commands = ["start": shop.start, "health": shop.health, "stop": shop.stop]
      let backend = Backend(
        name: "local", kind: "command", settings: Settings(commands.mapValues { .text($0) }))
      let context = BackendContext(
        secret: { name throws(Failure) in throw Failure(.misconfigured, name) }, stateDirectory: "\(rig.folder)/state",
        baseDirectory: rig.folder, now: { Timestamp(milliseconds: 0) })
      let make = BackendFactory<any Deployer>.command.make
      await verifyDeployer(
        DeployerHarness(
          deployer: try make(backend, context), restarted: try make(backend, context),
          good: Deployment(service: "shop", environment: "test", version: "v2", slot: .green, key: "run 1/1"),
          runs: { _ in await Rig.get("http://127.0.0.1:\(shop.greenPort)/")?.body == "v2\n" }))
    }
  }
}
