import FoundationEssentials
import Glibc
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import CommandPlugin

/// A deployer of processes runs real servers, each on the port of its slot, and keeps them running.
@Suite(.live(.python3)) struct ProcessDeployerTests {
  private let ports: [Slot: Int]

  init() throws { ports = [.blue: try Rig.freePort(), .green: try Rig.freePort()] }

  /// Notes its number under its key and its version under its port; its child stays in the process group.
  private static let server = """
    echo "$HEADGATE_KEY" >>starts
    [ "$HEADGATE_VERSION" = bad ] && { echo "image not found" >&2; exit 3; }
    echo $$ >"pid-$HEADGATE_VERSION"
    sleep 600 & echo $! >"child-$HEADGATE_VERSION"
    [ "$HEADGATE_VERSION" = slow ] && exec sleep 600
    mkdir -p "www-$HEADGATE_VERSION" && cd "www-$HEADGATE_VERSION" && echo "$HEADGATE_VERSION" >index.html
    exec python3 -m http.server --bind 127.0.0.1 "$HEADGATE_PORT"
    """

  private func deployer(_ folder: ScratchFolder, _ changes: [String: Settings.Value] = [:]) throws -> any Deployer {
    var values: [String: Settings.Value] = [
      "command": .text(Self.server), "health": .text("http://127.0.0.1:$HEADGATE_PORT/index.html"),
      "ports": .map(
        Settings(
          Dictionary(uniqueKeysWithValues: ports.map { ($0.key.rawValue, .number(Double($0.value))) }))),
    ]
    values.merge(changes) { _, new in new }
    let backend = Backend(name: "local", kind: "process", settings: Settings(values))
    return try BackendFactory<any Deployer>.process.make(backend, context(folder))
  }

  private func deployment(_ version: String, key: String, slot: Slot = .green) -> Deployment {
    Deployment(service: "shop", environment: "test", version: version, slot: slot, key: key)
  }

  private func isReady(_ deployment: Deployment, by deployer: any Deployer) async throws -> Bool {
    try await eventually { try await deployer.state(of: deployment) == .ready }
  }

  @Test func `a deployer of processes keeps the promises of a deployer`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    await verifyDeployer(
      DeployerHarness(
        deployer: try deployer(folder), restarted: try deployer(folder), good: deployment("v2", key: "run 1/2"),
        bad: deployment("bad", key: "run 2/2"), slow: deployment("slow", key: "run 3/2"),
        starts: { key in (folder.text("starts") ?? "").split(separator: "\n").count { $0 == key } },
        runs: { [ports] _ in
          let pids = ["pid-v2", "child-v2"].compactMap { folder.text($0)?.trimmed }
          return Rig.isListening(ports[.green] ?? 0) || !pids.allSatisfy(isDead)
        }))
    for file in ["pid-slow", "child-slow"] {
      #expect(await eventually { folder.text(file).map { isDead($0.trimmed) } ?? true })
    }
  }

  @Test func `a process that dies is started again, without what it left behind`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let local = try deployer(folder)
    let good = deployment("v2", key: "k")
    try await local.start(good)
    #expect(try await isReady(good, by: local))
    let first = try #require(folder.text("pid-v2")?.trimmed)
    let child = try #require(folder.text("child-v2")?.trimmed)
    kill(try #require(Int32(first)), SIGKILL)
    #expect(await eventually { isDead(child) })
    #expect(await eventually { folder.text("pid-v2").map { $0.trimmed != first && !$0.trimmed.isEmpty } ?? false })
    #expect(try await isReady(good, by: try deployer(folder)))
    #expect(folder.text("starts") == "k\nk\n")
    try await local.stop(good)
    #expect(try await local.state(of: good) == .failed("shop v2 in slot green was stopped"))
  }

  @Test func `a process that keeps dying has failed, with its status and its words`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let local = try deployer(folder, ["command": .text("echo image not found >&2; exit 3")])
    let bad = deployment("v9", key: "k")
    try await local.start(bad)
    let ending = "ended 3 times before it was ready, last with 3: image not found / image not found / image not found"
    #expect(
      try await eventually {
        try await local.state(of: bad)
          == .failed("`echo image not found >&2; exit 3` for shop v9 in slot green \(ending)")
      })
  }

  @Test func `a process that is not ready in time has failed for good, and runs no more`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let local = try deployer(folder, ["startWithin": .duration(.milliseconds(200))])
    let slow = deployment("slow", key: "k")
    try await local.start(slow)
    var last = DeploymentState.ready
    #expect(
      try await eventually {
        last = try await local.state(of: slow)
        if case .failed = last { return true }
        return false
      })
    guard case .failed(let message) = last else { return }
    #expect(message.hasPrefix("shop slow in slot green was not ready within 200ms: "))
    #expect(try await deployer(folder).state(of: slow) == last)
    for file in ["pid-slow", "child-slow"] {
      #expect(await eventually { folder.text(file).map { isDead($0.trimmed) } ?? true })
    }
  }

  @Test func `a process that ignores the wish to end is ended`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let command = "trap '' TERM; echo $$ >pid; while :; do sleep 1; done"
    let local = try deployer(folder, ["command": .text(command), "stopWithin": .duration(.milliseconds(200))])
    let stubborn = deployment("v2", key: "k")
    try await local.start(stubborn)
    #expect(await eventually { folder.text("pid")?.isEmpty == false })
    try await local.stop(deployment("v2", key: "other"))
    #expect(isDead(try #require(folder.text("pid")?.trimmed)))
  }

  @Test func `both slots run side by side, a start takes the place of the one before it, stop leaves the other slot`()
    async throws
  {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let local = try deployer(folder)
    let blue = deployment("v1", key: "1", slot: .blue)
    let green = deployment("v2", key: "2")
    let newer = deployment("v3", key: "3")
    for version in [blue, green, newer] {
      try await local.start(version)
      #expect(try await isReady(version, by: local))
    }
    #expect(isDead(try #require(folder.text("pid-v2")?.trimmed)))
    try await local.stop(deployment("v3", key: "4"))
    #expect(isDead(try #require(folder.text("pid-v3")?.trimmed)))
    #expect(try await local.state(of: blue) == .ready)
    try await local.stop(blue)
    #expect(isDead(try #require(folder.text("pid-v1")?.trimmed)))
  }

  @Test func `a server whose keepers were killed is ended by stop`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let local = try deployer(folder)
    let good = deployment("v2", key: "k")
    try await local.start(good)
    #expect(try await isReady(good, by: local))
    let traces = try CheckFolder(root: "\(folder.path)/state/deployments/local", key: "k")
    for mark in [traces.supervisor, traces.group] { kill(try #require(mark).pid, SIGKILL) }
    #expect(await eventually { !traces.isRunning })
    try await local.stop(good)
    for file in ["pid-v2", "child-v2"] { #expect(isDead(try #require(folder.text(file)?.trimmed))) }
  }

  @Test func `a port that another program holds is told before anything is started`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let local = try deployer(folder)
    let blue = deployment("v1", key: "1", slot: .blue)
    try await local.start(blue)
    #expect(try await isReady(blue, by: local))
    var other = blue
    other.service = "billing"
    other.key = "2"
    let message =
      "could not start billing v1 in slot blue: another program listens on its port, \(try #require(ports[.blue]))"
    await #expect(throws: Failure(.misconfigured, message)) { try await local.start(other) }
    try await local.stop(blue)
  }

  @Test func `arguments reach the program as they are, and a connection is enough for health`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let program = "import os, http.server as h; open('said', 'w').write(os.environ['GREETING']); "
    let serve = "h.test(h.SimpleHTTPRequestHandler, port=int(os.environ['HEADGATE_PORT']), bind='127.0.0.1')"
    let local = try deployer(
      folder,
      [
        "command": .text(""), "argv": .list([.text("python3"), .text("-c"), .text(program + serve)]),
        "environment": .map(Settings(["GREETING": .text("it's $HOME")])),
        "health": .text("tcp://127.0.0.1:$HEADGATE_PORT"),
      ])
    let good = deployment("v2", key: "k")
    try await local.start(good)
    #expect(try await isReady(good, by: local))
    #expect(folder.text("said") == "it's $HOME")
    try await local.stop(good)
  }

  @Test(
    arguments: [
      (["argv": .list([.text("true")])], "local: give one of `command` and `argv`, the process to run"),
      (
        ["ports": .map(Settings(["blue": .number(80), "green": .number(80)]))],
        "local: `ports` must give each slot a port of its own, 1 to 65535"
      ),
      (
        ["health": .text("http://127.0.0.1:80/")],
        "local: `health` must be as http://127.0.0.1:$HEADGATE_PORT/health or tcp://127.0.0.1:$HEADGATE_PORT, "
          + "not http://127.0.0.1:80/"
      ),
    ] as [([String: Settings.Value], String)])
  func `settings that cannot work are refused with what to give`(
    changes: [String: Settings.Value], message: String
  ) throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    #expect(throws: Failure(.misconfigured, message)) { try deployer(folder, changes) }
  }
}
