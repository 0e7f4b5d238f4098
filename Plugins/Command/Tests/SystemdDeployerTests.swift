import FoundationEssentials
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import CommandPlugin

/// A deployer of systemd units hands the version over in a file, asks for a start once, and reads the unit's state.
@Suite struct SystemdDeployerTests {
  private func deployer(_ folder: ScratchFolder, _ changes: [String: Settings.Value] = [:]) throws -> any Deployer {
    try Data(FakeSystemctl.script.utf8).write(to: URL(filePath: "\(folder.path)/systemctl"))
    var values: [String: Settings.Value] = [
      "unit": .text("shop"), "environmentFiles": .text("shop"), "systemctl": .text("sh ./systemctl"),
    ]
    values.merge(changes) { _, new in new }
    let backend = Backend(name: "units", kind: "systemd", settings: Settings(values))
    return try BackendFactory<any Deployer>.systemd.make(backend, context(folder))
  }

  private func deployment(_ version: String, key: String) -> Deployment {
    Deployment(service: "shop", environment: "test", version: version, slot: .green, key: key)
  }

  @Test func `a deployer of units keeps the promises of a deployer`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    await verifyDeployer(
      DeployerHarness(
        deployer: try deployer(folder), restarted: try deployer(folder), good: deployment("v2", key: "run 1/2"),
        bad: deployment("bad", key: "run 2/2"), slow: deployment("slow", key: "run 3/2"),
        starts: { key in (folder.text("starts") ?? "").split(separator: "\n").count { $0 == key } },
        runs: { _ in folder.text("units/shop@green.service/pid").map { !isDead($0.trimmed) } ?? false }))
  }

  @Test func `a unit that comes up or fails says so in systemd's words`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let units = try deployer(folder)
    let slow = deployment("slow", key: "1")
    try await units.start(slow)
    #expect(
      try await units.state(of: slow) == .starting("shop@green.service is activating (start): reads its index"))
    let bad = deployment("bad", key: "2")
    try await units.start(bad)
    #expect(
      try await units.state(of: bad) == .failed("shop@green.service has failed: result exit-code, status 3"))
    #expect(
      try await units.state(of: slow)
        == .failed("shop slow as shop@green.service was stopped or never started"))
    try await units.stop(bad)
  }

  @Test func `a template that is missing is told`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let units = try deployer(folder, ["unit": .text("shipping")])
    await #expect(
      throws: Failure(
        .misconfigured,
        "could not start shop v2 as shipping@green.service: systemd cannot load the unit")
    ) { try await units.start(deployment("v2", key: "1")) }
  }

  @Test func `variables are written as systemd reads them`() {
    let text = SystemdEnvironment.text(["B": "it's \"$5\" `x` \\", "A": "two words"])
    #expect(text == "A=\"two words\"\nB=\"it's \\\"\\$5\\\" \\`x\\` \\\\\"\n")
  }
}
