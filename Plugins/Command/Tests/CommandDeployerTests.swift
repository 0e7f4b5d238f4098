import FoundationEssentials
import Glibc
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import CommandPlugin

/// A deployer of shell commands starts real processes once, asks them, and takes them down.
@Suite struct CommandDeployerTests {
  private func deployer(_ folder: ScratchFolder, _ changes: [String: Settings.Value] = [:]) throws -> any Deployer {
    let server = "server-$HEADGATE_SLOT"
    var values: [String: Settings.Value] = [
      "start": .text(
        """
        echo "$HEADGATE_KEY" >>starts
        [ "$HEADGATE_VERSION" = slow ] && sleep 600
        [ "$HEADGATE_VERSION" = bad ] && { echo "image not found" >&2; exit 3; }
        sleep 600 & echo $! >\(server)
        """),
      "health": .text("test -e asked || { touch asked; echo warming up; exit 75; }; kill -0 $(cat \(server))"),
      "stop": .text("[ -e \(server) ] || exit 0; kill $(cat \(server)); rm \(server)"),
    ]
    values.merge(changes) { _, new in new }
    let backend = Backend(name: "local", kind: "command", settings: Settings(values))
    return try BackendFactory<any Deployer>.command.make(backend, context(folder))
  }

  private func deployment(_ version: String, key: String) -> Deployment {
    Deployment(service: "shop", environment: "test", version: version, slot: .green, key: key)
  }

  @Test func `a deployer of commands keeps the promises of a deployer`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    await verifyDeployer(
      DeployerHarness(
        deployer: try deployer(folder), restarted: try deployer(folder), good: deployment("v2", key: "run 1/2"),
        bad: deployment("bad", key: "run 2/2"), slow: deployment("slow", key: "run 3/2"),
        starts: { key in (folder.text("starts") ?? "").split(separator: "\n").count { $0 == key } },
        runs: { _ in folder.text("server-green").map { !isDead($0.trimmed) } ?? false }))
  }

  @Test func `a failed start says how it ended and what it printed`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let local = try deployer(folder, ["start": .text("echo image not found >&2; exit 3")])
    let bad = deployment("v9", key: "k")
    try await local.start(bad)
    #expect(
      try await eventually {
        try await local.state(of: bad)
          == .failed("`echo image not found >&2; exit 3` for shop v9 in slot green ended with 3: image not found")
      })
  }

  @Test func `a version that is not healthy yet says what it waits for`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let local = try deployer(folder, ["start": .text("true"), "health": .text("echo 1 of 3 up; exit 75")])
    let slow = deployment("v2", key: "k")
    try await local.start(slow)
    #expect(try await eventually { try await local.state(of: slow) == .starting("1 of 3 up") })
  }

  @Test func `a start that runs too long has failed, and a health command that hangs is asked again`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let local = try deployer(folder, ["start": .text("exec sleep 600"), "startTimeout": .duration(.milliseconds(200))])
    let slow = deployment("v2", key: "slow")
    try await local.start(slow)
    #expect(
      try await eventually {
        try await local.state(of: slow)
          == .failed("`exec sleep 600` for shop v2 in slot green did not end within 200ms")
      })
    let hung = try deployer(
      folder, ["start": .text("true"), "health": .text("sleep 600"), "healthTimeout": .duration(.milliseconds(200))])
    let other = deployment("v2", key: "hung")
    try await hung.start(other)
    var failure: Failure?
    _ = await eventually {
      do throws(Failure) { _ = try await hung.state(of: other) } catch { failure = error }
      return failure != nil
    }
    #expect(failure?.kind == .transient)
  }

  @Test func `stop ends a start that is still running`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let local = try deployer(folder, ["start": .text("echo $$ >starter; sleep 600")])
    let slow = deployment("v2", key: "k")
    try await local.start(slow)
    #expect(await eventually { folder.text("starter")?.isEmpty == false })
    try await local.stop(slow)
    let starter = try #require(folder.text("starter")?.trimmed)
    #expect(await eventually { isDead(starter) })
  }

  @Test func `stop ends every start of its slot, under whatever key, and none of another slot`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let start = "echo $$ >starter-$HEADGATE_KEY; sleep 600"
    let local = try deployer(folder, ["start": .text(start), "stop": .text("true")])
    for key in ["3", "4", "other"] {
      var slow = deployment("v2", key: key)
      if key == "other" { slow.slot = .blue }
      try await local.start(slow)
      #expect(await eventually { folder.text("starter-\(key)")?.isEmpty == false })
    }
    try await local.stop(deployment("v2", key: "5"))
    for key in ["3", "4"] {
      let starter = try #require(folder.text("starter-\(key)")?.trimmed)
      #expect(await eventually { isDead(starter) })
    }
    let other = try #require(folder.text("starter-other")?.trimmed)
    #expect(!isDead(other))
    var blue = deployment("v2", key: "6")
    blue.slot = .blue
    try await local.stop(blue)
    #expect(await eventually { isDead(other) })
  }
}
