import CommandPlugin
import FilePlugin
import Foundation
import HAProxyPlugin
import LiveRig
import NginxPlugin
import PipelineModel
import PluginHost
import PluginKit
import PluginTestKit
import SMTPPlugin
import SQLPlugin
import Testing

/// The same as the table of HTTP for what is asked otherwise: by a socket, by a program, by a file.
@Suite(.serialized) struct PlainFaultTests {
  // MARK: Sockets

  private enum SocketFault: String, CaseIterable {
    case refused, reset, closed
    case blackHole = "black hole"
    case silence
    case slowDrip = "slow drip"
    case rubbish
    case flood
    case invalidUTF8 = "invalid UTF-8"

    var deadline: Interval {
      switch self {
      case .blackHole, .silence, .slowDrip: .seconds(1)
      default: .seconds(30)
      }
    }

    func happens(speaksFirst: Bool, _ work: @Sendable (Int) async throws -> String) async throws -> String {
      switch self {
      case .refused: return try await work(try Rig.freePort())
      case .blackHole:
        let listener = try FullListener()
        return try await work(listener.port)
      case .silence:
        let listener = try SilentListener()
        return try await work(listener.port)
      default:
        return try await RawServer.with(reply, until: "", speaksFirst: speaksFirst) { try await work($0.port) }
      }
    }

    private var reply: RawServer.Reply {
      switch self {
      case .reset: .reset
      case .slowDrip: .endless([0x32], piece: [0x32], pause: .milliseconds(20))
      case .rubbish: .bytes(Array("<html>5</html>\r\n".utf8))
      case .flood: .endless([], piece: [UInt8](repeating: 0x32, count: 1 << 16), pause: .zero)
      case .invalidUTF8: .bytes([0xff, 0xfe, 0xff, 0x0a])
      case .closed, .refused, .blackHole, .silence: .bytes([])
      }
    }
  }

  private struct Socket {
    var name: String
    var speaksFirst = false
    var ask: @Sendable (_ port: Int, _ deadline: Interval) async throws(Failure) -> String
  }

  private static let sockets: [Socket] = [
    Socket(name: "traffic haproxy") { port, deadline throws(Failure) in
      let route = Settings(["backend": .text("shop"), "blue": .text("blue"), "green": .text("green")])
      let router = try BackendFactory<any TrafficRouter>.haproxy.make(
        backend("haproxy", address(port, deadline, ["routes": .map(Settings(["shop": .map(route)]))])), context)
      try await router.setWeight(WeightChange(route: "shop", candidate: .green, weight: .percent(25), key: "key"))
      return "\(try await router.weight(of: .green, on: "shop"))"
    },
    Socket(name: "header route haproxy") { port, deadline throws(Failure) in
      let route = Settings([
        "map": .text("share.map"), "key": .text("shop"), "header": .text("x-canary"), "headers": .text("headers.map"),
      ])
      let router = try BackendFactory<any TrafficRouter>.haproxy.make(
        backend("haproxy", address(port, deadline, ["routes": .map(Settings(["shop": .map(route)]))])), context)
      return try await Extra.headerRoute.ask(router)
    },
    Socket(name: "metrics haproxy") { port, deadline throws(Failure) in
      let provider = try BackendFactory<any MetricProvider>.haproxy.make(
        backend("haproxy", address(port, deadline)), context)
      return "\(try await provider.sample(query("qcur of shop/green", deadline)))"
    },
    Socket(name: "metrics postgresql") { port, deadline throws(Failure) in
      let provider = try BackendFactory<any MetricProvider>.postgresql.make(
        backend(
          "postgresql",
          [
            "host": .text("127.0.0.1"), "port": .number(Double(port)), "database": .text("shop"), "user": .text("shop"),
            "password": .secret("s"), "tls": .text("disable"), "timeout": .duration(deadline),
          ]), context)
      return "\(try await provider.sample(query("SELECT 5", deadline)))"
    },
    Socket(name: "notification smtp", speaksFirst: true) { port, deadline throws(Failure) in
      let notifier = try BackendFactory<any Notifier>.smtp.make(
        backend(
          "smtp",
          [
            "host": .text("127.0.0.1"), "port": .number(Double(port)), "tls": .text("none"),
            "from": .text("headgate@example.com"), "to": .list([.text("ops@example.com")]),
          ]), context)
      try await notifier.send(notice(deadline))
      return "delivered"
    },
  ]

  @Test func `every fault of a socket ends by itself in a failure`() async throws {
    var rows = ["| adapter | fault | what came of it |", "|---|---|---|"]
    for socket in Self.sockets {
      for fault in SocketFault.allCases {
        let what = "\(socket.name) and \(fault.rawValue)"
        let outcome = try await fault.happens(speaksFirst: socket.speaksFirst) { port in
          await Self.outcome(what, hiding: "127.0.0.1:\(port)") { () async throws(Failure) in
            try await socket.ask(port, fault.deadline)
          }
        }
        rows.append("| \(socket.name) | \(fault.rawValue) | \(outcome) |")
      }
    }
    print(rows.joined(separator: "\n"))
  }

  // MARK: Programs

  /// What a program does instead of its work, for a shell.
  private static let programFaults: [(name: String, script: String, deadline: Interval)] = [
    ("not there", "/no/such/program", .seconds(30)), ("fails", "echo no such cluster >&2; exit 3", .seconds(30)),
    ("killed", "kill -9 $$", .seconds(30)), ("hangs", "sleep 1000", .seconds(1)),
    ("rubbish", "echo '<html>5</html>'", .seconds(30)), ("flood", "yes 5555555555 | head -c 100000000", .seconds(30)),
    ("invalid UTF-8", "printf '\\377\\376\\n'", .seconds(30)),
  ]

  private struct Program {
    var name: String
    /// Only those tell more than how they ended.
    var isRead = true
    var ask: @Sendable (_ script: String, _ deadline: Interval, _ folder: String) async throws(Failure) -> String
  }

  private static let programs: [Program] =
    [
      Program(name: "metrics command") { script, deadline, _ throws(Failure) in
        let provider = try BackendFactory<any MetricProvider>.command.make(
          backend("command", ["timeout": .duration(deadline)]), context)
        return "\(try await provider.sample(query(script, deadline)))"
      },
      Program(name: "traffic command") { script, deadline, _ throws(Failure) in
        let router = try BackendFactory<any TrafficRouter>.command.make(
          backend("command", ["set": .text("true"), "get": .text(script), "timeout": .duration(deadline)]), context)
        try await router.setWeight(WeightChange(route: "shop", candidate: .green, weight: .percent(25), key: "key"))
        return "\(try await router.weight(of: .green, on: "shop"))"
      },
      Program(name: "deployment command", isRead: false) { script, deadline, folder throws(Failure) in
        let deployer = try BackendFactory<any Deployer>.command.make(
          backend(
            "command",
            [
              "start": .text(script), "health": .text("exit 0"), "stop": .text("true"),
              "startTimeout": .duration(deadline),
            ]), inFolder(folder))
        return try await settled(deployer, deadline)
      },
      Program(name: "deployment systemd", isRead: false) { script, deadline, folder throws(Failure) in
        let deployer = try BackendFactory<any Deployer>.systemd.make(
          backend(
            "systemd",
            [
              "unit": .text("shop"), "environmentFiles": .text("\(folder)/shop"), "timeout": .duration(deadline),
              "systemctl": .text("sh -c \(quoted(script)) --"),
            ]), inFolder(folder))
        return try await settled(deployer, deadline)
      },
      Program(name: "traffic nginx", isRead: false) { script, deadline, folder throws(Failure) in
        let route = ["upstream": "shop", "blue": "127.0.0.1:1", "green": "127.0.0.1:2"].mapValues {
          Settings.Value.text($0)
        }
        let router = try BackendFactory<any TrafficRouter>.nginx.make(
          backend(
            "nginx",
            [
              "directory": .text(folder), "status": .text("127.0.0.1:1"), "timeout": .duration(deadline),
              "test": .list([.text("sh"), .text("-c"), .text(script)]), "reload": .list([.text("true")]),
              "routes": .map(Settings(["shop": .map(Settings(route))])),
            ]), inFolder(folder))
        try await router.setWeight(WeightChange(route: "shop", candidate: .green, weight: .percent(25), key: "key"))
        return "\(try await router.weight(of: .green, on: "shop"))"
      },
      Program(name: "deployment process", isRead: false) { script, deadline, folder throws(Failure) in
        let deployer = try BackendFactory<any Deployer>.process.make(
          backend(
            "process",
            [
              "command": .text(script), "ports": .map(Settings(["blue": .number(1), "green": .number(2)])),
              // It is started again for as long as this.
              "startWithin": .duration(min(deadline, .seconds(2))), "stopWithin": .duration(.seconds(1)),
            ]), inFolder(folder))
        let deployment = Deployment(service: "shop", environment: "test", version: "v2", slot: .green, key: "key")
        do throws(Failure) {
          return try await settled(deployer, deadline)
        } catch {
          try await deployer.stop(deployment)
          throw error
        }
      },
      Program(name: "notification command", isRead: false) { script, deadline, _ throws(Failure) in
        let notifier = try BackendFactory<any Notifier>.command.make(
          backend("command", ["run": .text(script), "timeout": .duration(deadline)]), context)
        try await notifier.send(notice(deadline))
        return "delivered"
      },
      Program(name: "a plugin's metrics") { script, deadline, folder throws(Failure) in
        let kind = BackendKind(name: "odd", port: .metrics, about: "", settings: SettingsSchema([]))
        return try await served(kind, script, deadline, folder) { host, plugin throws(Failure) in
          let provider = try made(host.providers(of: [plugin]), folder)
          return "\(try await provider.sample(query("5", .seconds(60))))"
        }
      },
      Program(name: "a plugin's traffic") { script, deadline, folder throws(Failure) in
        try await served(odd, script, deadline, folder) { host, plugin throws(Failure) in
          let router = try made(host.routers(of: [plugin]), folder)
          try await router.setWeight(WeightChange(route: "shop", candidate: .green, weight: .percent(25), key: "key"))
          return "\(try await router.weight(of: .green, on: "shop"))"
        }
      },
    ]
    + Extra.allCases.map { extra in
      Program(name: "a plugin's \(extra.rawValue)") { script, deadline, folder throws(Failure) in
        try await served(odd, script, deadline, folder) { host, plugin throws(Failure) in
          try await extra.ask(try made(host.routers(of: [plugin]), folder))
        }
      }
    } + [
      Program(name: "a plugin's deployment") { script, deadline, folder throws(Failure) in
        let kind = BackendKind(name: "odd", port: .deployment, about: "", settings: SettingsSchema([]))
        return try await served(kind, script, deadline, folder) { host, plugin throws(Failure) in
          try await settled(try made(host.deployers(of: [plugin]), folder), deadline)
        }
      },
      // That it was taken is all there is to an answer.
      Program(name: "a plugin's notification", isRead: false) { script, deadline, folder throws(Failure) in
        let kind = BackendKind(name: "odd", port: .notification, about: "", settings: SettingsSchema([]))
        return try await served(kind, script, deadline, folder) { host, plugin throws(Failure) in
          try await made(host.notifiers(of: [plugin]), folder).send(notice(.seconds(60)))
          return "delivered"
        }
      },
      Program(name: "a plugin's step") { script, deadline, folder throws(Failure) in
        let steps = [StepKind(name: "smoke", about: "", with: SettingsSchema([]))]
        let kind = BackendKind(name: "odd", port: .step, about: "", settings: SettingsSchema([]), steps: steps)
        return try await served(kind, script, deadline, folder) { host, plugin throws(Failure) in
          let runner = try made(host.runners(of: [plugin]), folder)
          try await runner.start(StepRequest(step: "smoke", stage: "smoke", key: "key", timeout: .minutes(1)))
          return "\(String(describing: try await runner.state(of: "key")))"
        }
      },
    ]

  /// A kind of router that claims to do everything.
  private static let odd = BackendKind(
    name: "odd", port: .traffic, about: "", settings: SettingsSchema([]),
    capabilities: [.partialWeights, .readBack, .mirror, .headerRoute])

  /// Has a plugin with this program, and ends it afterwards.
  private static func served(
    _ kind: BackendKind, _ script: String, _ deadline: Interval, _ folder: String,
    _ work: (PluginHost, InstalledPlugin) async throws(Failure) -> String
  ) async throws(Failure) -> String {
    let manifest = PluginManifest(
      name: "odd", version: "1", about: "", command: ["sh", "-c", script], kinds: [PluginKind(kind: kind)],
      limits: PluginLimits(start: deadline))
    let host = PluginHost()
    do throws(Failure) {
      let outcome = try await work(host, InstalledPlugin(name: "odd", directory: folder, manifest: manifest))
      await host.close()
      return outcome
    } catch {
      await host.close()
      throw error
    }
  }

  private static func made<Port>(_ factories: [BackendFactory<Port>], _ folder: String) throws(Failure) -> Port {
    guard let factory = factories.first else { throw Failure(.misconfigured, "no factory") }
    return try factory.make(backend("odd", [:]), inFolder(folder))
  }

  // MARK: Plugins that answer

  /// What a plugin's program says to calls, where it says anything: an answer out of order is no success either.
  private static let lies: [(name: String, answer: String)] = [
    ("an empty result", #"{"result":{}}"#), ("no object", #"{"result":[]}"#),
    ("another share", #"{"result":{"percent":70,"mirror":70}}"#),
    ("no share", #"{"result":{"percent":250,"mirror":-1,"state":"done"}}"#),
    ("texts for numbers", #"{"result":{"percent":"25","mirror":"10","state":7}}"#),
    ("transient, with data.retryAfter", #"{"error":{"code":-32001,"message":"busy","data":{"retryAfter":30}}}"#),
    ("a kind of its own", #"{"error":{"code":7,"message":"hm"}}"#),
  ]

  @Test(.live(.python3)) func `a plugin that answers wrongly ends in a failure`() async throws {
    var rows = ["| port | its plugin answers | what came of it |", "|---|---|---|"]
    for program in Self.programs where program.name.hasPrefix("a plugin's ") && program.isRead {
      for lie in Self.lies {
        let folder = "\(FileManager.default.temporaryDirectory.path)/headgate-faults-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(Self.liar(lie.answer).utf8).write(to: URL(filePath: "\(folder)/liar.py"))
        let outcome = await Self.outcome("\(program.name) and \(lie.name)", hiding: folder) {
          () async throws(Failure) in
          do throws(Failure) {
            return try await program.ask("exec python3 -B liar.py", .seconds(60), folder)
          } catch {
            #expect(
              (error.retryAfter == .seconds(30)) == lie.answer.contains("retryAfter"), "\(program.name): \(error)")
            throw error
          }
        }
        rows.append("| \(program.name) | \(lie.name) | \(outcome) |")
      }
    }
    print(rows.joined(separator: "\n"))
  }

  /// Answers `initialize` as it should, and all else with the same.
  private static func liar(_ answer: String) -> String {
    """
    import json, sys
    greeting = {"result": {"protocolVersion": 1, "plugin": {"name": "odd", "version": "1"},
                "capabilities": ["partialWeights", "readBack", "mirror", "headerRoute"]}}
    for line in sys.stdin:
        request = json.loads(line)
        if "id" in request:
            answer = greeting if request["method"] == "initialize" else json.loads('\(answer)')
            print(json.dumps({"jsonrpc": "2.0", "id": request["id"], **answer}), flush=True)
    """
  }

  @Test func `every fault of a program ends by itself in a failure`() async throws {
    var rows = ["| adapter | fault | what came of it |", "|---|---|---|"]
    for program in Self.programs {
      for fault in Self.programFaults
      where program.isRead || !["rubbish", "flood", "invalid UTF-8"].contains(fault.name) {
        let folder = "\(FileManager.default.temporaryDirectory.path)/headgate-faults-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let outcome = await Self.outcome("\(program.name) and \(fault.name)", hiding: folder) {
          () async throws(Failure) in try await program.ask(fault.script, fault.deadline, folder)
        }
        rows.append("| \(program.name) | \(fault.name) | \(outcome) |")
      }
    }
    print(rows.joined(separator: "\n"))
  }

  // MARK: Files

  private static let fileFaults: [(name: String, bytes: [UInt8]?)] = [
    ("not there", nil), ("rubbish", Array("<html>\n".utf8)),
    ("no such column", Array("time,other\n1700000000,5\n".utf8)),
    ("invalid UTF-8", Array("time,errors\n1700000000,".utf8) + [0xff, 0xfe, 0x0a]),
    ("text for a number", Array("time,errors\n1700000000,many\n".utf8)),
  ]

  @Test func `every fault of a file ends in a failure, or in no data`() async throws {
    var rows = ["| adapter | fault | what came of it |", "|---|---|---|"]
    for (name, factory, question) in [
      ("metrics file", BackendFactory<any MetricProvider>.file, "last(errors)"),
      ("metrics sqlite", .sqlite, "SELECT errors FROM shop"),
    ] {
      for fault in Self.fileFaults {
        let path = "\(FileManager.default.temporaryDirectory.path)/headgate-\(UUID().uuidString).csv"
        if let bytes = fault.bytes { try Data(bytes).write(to: URL(filePath: path)) }
        defer { try? FileManager.default.removeItem(atPath: path) }
        let outcome = await Self.outcome("\(name) and \(fault.name)", hiding: path, mayLackData: true) {
          () async throws(Failure) in
          let provider = try factory.make(Self.backend("file", ["path": .text(path)]), Self.context)
          return "\(try await provider.sample(Self.query(question, .seconds(30))))"
        }
        rows.append("| \(name) | \(fault.name) | \(outcome) |")
      }
    }
    print(rows.joined(separator: "\n"))
  }

  // MARK: Asking

  /// Asks once: it must fail, in time, in words fit for people.
  ///
  /// - Parameter mayLackData: whether it may also say that there is nothing, which is never a pass.
  private static func outcome(
    _ what: String, hiding place: String, mayLackData: Bool = false,
    _ ask: @escaping @Sendable () async throws(Failure) -> String
  ) async -> String {
    switch await attempt(what, within: .seconds(120), #_sourceLocation, ask) {
    case nil: return "no end"
    case .success(let answer)?:
      #expect(mayLackData && ["list([])", "number(nan)"].contains(answer), "\(what): \(answer)")
      return answer
    case .failure(let failure)?:
      #expect(!failure.message.contains("hunter2") && failure.message.excerpt(2000) == failure.message, "\(failure)")
      return "\(failure.kind): \(failure.message.replacing(place, with: "…").excerpt(150))"
    }
  }

  /// Starts a version and asks until it is ready or has failed; a failure is thrown as one.
  private static func settled(_ deployer: any Deployer, _ deadline: Interval) async throws(Failure) -> String {
    let deployment = Deployment(service: "shop", environment: "test", version: "v2", slot: .green, key: "key")
    try await deployer.start(deployment)
    while true {
      switch try await deployer.state(of: deployment) {
      case .ready: return "ready"
      case .failed(let reason): throw Failure(.rejected, reason)
      case .starting: try? await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  private static func backend(_ kind: String, _ settings: [String: Settings.Value]) -> Backend {
    Backend(name: kind, kind: kind, settings: Settings(settings))
  }

  private static func address(
    _ port: Int, _ deadline: Interval, _ more: [String: Settings.Value] = [:]
  ) -> [String: Settings.Value] {
    more.merging(["address": .text("127.0.0.1:\(port)"), "timeout": .duration(deadline)]) { first, _ in first }
  }

  private static func query(_ text: String, _ deadline: Interval) -> MetricQuery {
    MetricQuery(metric: "errors", text: text, at: Timestamp(milliseconds: 1_700_000_000_000), timeout: deadline)
  }

  private static func notice(_ deadline: Interval) -> Notice {
    Notice(
      key: "key", thread: "thread", event: .rollback, severity: .warning, alarm: .firing, pipeline: "shop",
      service: "shop", environment: "production", version: "v2", time: Timestamp(milliseconds: 1_700_000_000_000),
      title: "rolling back", timeout: deadline)
  }

  private static let context = inFolder(FileManager.default.temporaryDirectory.path)

  private static func inFolder(_ folder: String) -> BackendContext {
    BackendContext(
      secret: { _ in "hunter2" }, stateDirectory: "\(folder)/state", baseDirectory: folder,
      now: { Timestamp(milliseconds: 1_700_000_000_000) })
  }

  private static func quoted(_ script: String) -> String { "'\(script.replacing("'", with: "'\\''"))'" }
}
