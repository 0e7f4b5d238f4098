import FoundationEssentials
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import CommandPlugin

/// A router of shell commands keeps a router's promises; exit statuses and printed numbers are judged rightly.
@Suite struct CommandRouterTests {
  /// A router whose split is a file for each route: green's share in percent.
  private func fileRouter(_ folder: ScratchFolder) throws -> any TrafficRouter {
    try FileManager.default.createDirectory(atPath: "\(folder.path)/routes", withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: "\(folder.path)/routes/shop", contents: Data("0\n".utf8))
    let known = "test -e \"routes/$HEADGATE_ROUTE\" || { echo \"no route $HEADGATE_ROUTE\" >&2; exit 1; }"
    return try router(
      folder,
      [
        "set": """
        \(known)
        [ "$HEADGATE_SLOT" = green ] && share=$HEADGATE_WEIGHT || share=$HEADGATE_STABLE_WEIGHT
        echo "$share" >"routes/$HEADGATE_ROUTE.new" && mv "routes/$HEADGATE_ROUTE.new" "routes/$HEADGATE_ROUTE"
        """,
        "get": """
        \(known)
        share=$(cat "routes/$HEADGATE_ROUTE")
        [ "$HEADGATE_SLOT" = green ] && echo "$share" || awk "BEGIN { print 100 - $share }"
        """,
      ])
  }

  private func router(
    _ folder: ScratchFolder, _ commands: [String: String], timeout: Interval = .seconds(30)
  ) throws -> any TrafficRouter {
    var values = commands.mapValues { Settings.Value.text($0) }
    values["timeout"] = .duration(timeout)
    let backend = Backend(name: "edge", kind: "command", settings: Settings(values))
    return try BackendFactory<any TrafficRouter>.command.make(backend, context(folder))
  }

  @Test func `a router of commands keeps the promises of a router`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    await verifyRouter(
      RouterHarness(
        router: try fileRouter(folder), route: "shop",
        truth: { slot in
          let green = try #require(CommandRouter.weight(in: folder.text("routes/shop") ?? ""))
          return slot == .green ? green : Weight(basisPoints: 10_000 - green.basisPoints)
        },
        forget: { _ = FileManager.default.createFile(atPath: "\(folder.path)/routes/shop", contents: Data("0".utf8)) },
        deaf: try router(folder, ["set": "sleep 600", "get": "sleep 600"], timeout: .milliseconds(200)),
        absent: try router(folder, ["set": "./no-such-program", "get": "./no-such-program"])))
  }

  /// Mirror and rule of the route are a file each; the rule's is as `getHeader` is to print it.
  private static let extras = [
    "setMirror": "echo $HEADGATE_WEIGHT >mirror", "getMirror": "cat mirror",
    "setHeader": """
    [ -n "$HEADGATE_HEADER" ] || { rm -f header; exit; }
    echo "$HEADGATE_SLOT $HEADGATE_HEADER: $HEADGATE_HEADER_VALUE" >header
    """, "getHeader": "cat header 2>/dev/null || true", "set": "echo $HEADGATE_WEIGHT >weight", "get": "cat weight",
  ]

  @Test func `headers and mirrors keep their promises`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let edge = try router(folder, Self.extras)
    await verifyMirroringRouter(try edge.mirroring(on: "shop"), route: "shop")
    await verifyHeaderRouter(
      HeaderRouterHarness(router: try edge.routingByHeader(on: "shop"), route: "shop", unknownRoute: nil))
  }

  @Test func `what was taken and not done is found out, and what is printed must be a rule`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let rule = HeaderRoute(header: "x-canary", value: "yes", slot: .green)
    let idle = try router(folder, Self.extras.merging(["setHeader": "true", "getHeader": "echo green canary"]) { $1 })
    let failure = await #expect(throws: Failure.self) {
      try await idle.routingByHeader(on: "shop").setHeaderRoute(.init(route: "shop", rule: rule, key: "1"))
    }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.contains("such as `green x-canary: yes`") == true)
    let mute = try router(folder, Self.extras.merging(["setMirror": "true", "getMirror": "echo 0"]) { $1 })
    let lost = await #expect(throws: Failure.self) {
      try await mute.mirroring(on: "shop").setMirror(
        WeightChange(route: "shop", candidate: .green, weight: .percent(10), key: "1"))
    }
    #expect(lost?.kind == .transient)
  }

  @Test func `what is set must be asked for, too`() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    #expect(throws: Failure(.misconfigured, "edge: `setMirror` and `getMirror` come together; give both, or none")) {
      try router(folder, ["set": "true", "setMirror": "true"])
    }
  }

  @Test(arguments: [
    (75, Failure.Kind.transient), (78, .misconfigured), (126, .misconfigured), (127, .misconfigured), (1, .rejected),
    (64, .rejected), (137, .transient),
  ])
  func `an exit status says what kind of failure it was`(status: Int, kind: Failure.Kind) async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let set = status == 137 ? "kill -9 $$" : "echo first; printf 'no \\033[2Jsuch pool\\n' >&2; exit \(status)"
    let edge = try router(folder, ["set": set])
    let failure = await #expect(throws: Failure.self) {
      try await edge.setWeight(WeightChange(route: "shop", candidate: .green, weight: .percent(5), key: "k"))
    }
    #expect(failure?.kind == kind)
    #expect(failure?.message.hasPrefix("could not set the weight of edge/shop to 5%: `") == true)
    if status != 137 { #expect(failure?.message.hasSuffix("ended with \(status): no [2Jsuch pool") == true) }
  }

  @Test func `a set that changed nothing is found out by get`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let edge = try router(folder, ["set": "true", "get": "echo 5"])
    await #expect(
      throws: Failure(
        .transient, "could not set the weight of edge/shop to 25%: `true` ended with 0, and the weight is 5%")
    ) {
      try await edge.setWeight(WeightChange(route: "shop", candidate: .green, weight: .percent(25), key: "k"))
    }
  }

  @Test func `without get nothing is read back, and the kind says so`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let edge = try router(folder, ["set": "true"])
    try await edge.setWeight(WeightChange(route: "shop", candidate: .green, weight: .percent(25), key: "k"))
    let failure = await #expect(throws: Failure.self) { try await edge.weight(of: .green, on: "shop") }
    #expect(failure?.kind == .misconfigured)
    let kind = BackendFactory<any TrafficRouter>.command.kind
    #expect(kind.capabilities(with: Settings(["set": .text("true")])) == [.partialWeights])
    let whole = Settings(["set": .text("true"), "get": .text("x")])
    #expect(kind.capabilities(with: whole) == [.partialWeights, .readBack])
  }

  @Test func `a command that takes too long is ended with its children`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let edge = try router(
      folder, ["set": "sleep 500 & echo $! >child; trap '' TERM; wait; wait"], timeout: .seconds(10))
    let failure = await #expect(throws: Failure.self) {
      try await edge.setWeight(WeightChange(route: "shop", candidate: .green, weight: .percent(25), key: "k"))
    }
    #expect(failure?.kind == .transient)
    let child = try #require(folder.text("child")?.trimmed)
    #expect(await eventually { isDead(child) })
  }

  @Test(
    arguments: [
      ("25", 2500), ("25%\n", 2500), ("0.5", 50), (" 33.33 \n", 3333), ("100", 10_000), ("0", 0), ("", nil),
      ("abc", nil),
      ("101", nil), ("-1", nil), ("nan", nil), ("5 5", nil),
    ] as [(String, Int?)])
  func `what get prints is read as percent or refused`(printed: String, basisPoints: Int?) {
    #expect(CommandRouter.weight(in: printed)?.basisPoints == basisPoints)
  }
}

/// The process has ended, collected or not.
func isDead(_ pid: String) -> Bool {
  // Ended before it had written its number down.
  if pid.isEmpty { return true }
  guard let status = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return true }
  return String(decoding: status, as: UTF8.self).contains(") Z ")
}

func context(_ folder: ScratchFolder) -> BackendContext {
  BackendContext(
    secret: { name throws(Failure) in throw Failure(.misconfigured, "no secret \(name)") },
    stateDirectory: "\(folder.path)/state", baseDirectory: folder.path, now: { Timestamp(milliseconds: 0) })
}
