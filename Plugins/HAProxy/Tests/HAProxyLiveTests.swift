import Glibc
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import HAProxyPlugin

/// Against a real HAProxy with two versions behind it: what it gives is counted by the versions that answered.
@Suite(.serialized, .live(.haproxy, .python3)) struct HAProxyLiveTests {
  private struct Setting {
    var rig: Rig
    var blue: DemoService
    var green: DemoService
    var server: HAProxyServer
    var router: any TrafficRouter
  }

  private func with(_ work: (Setting) async throws -> Void) async throws {
    try await Rig.with { rig in
      let blue = try await DemoService("v1", in: rig)
      let green = try await DemoService("v2", in: rig)
      let server = try await HAProxyServer(blue: blue.port, green: green.port, in: rig)
      let router = try make(server.backend("edge"))
      try await work(Setting(rig: rig, blue: blue, green: green, server: server, router: router))
    }
  }

  private func make(_ backend: Backend) throws(Failure) -> any TrafficRouter {
    let context = BackendContext(
      secret: { name throws(Failure) in throw Failure(.misconfigured, "no secret \(name)") }, stateDirectory: "/",
      baseDirectory: "/", now: { Timestamp(milliseconds: 0) })
    return try BackendFactory<any TrafficRouter>.haproxy.make(backend, context)
  }

  private func change(_ route: String, _ percent: Int, _ slot: Slot = .green) -> WeightChange {
    WeightChange(route: route, candidate: slot, weight: .percent(percent), key: "\(route)-\(percent)")
  }

  @Test func `every kind of route keeps the promises of a router`() async throws {
    try await with { setting in
      let path = "\(setting.rig.folder)/silent.sock"
      let silent = try SilentListener(path: path)
      defer { withExtendedLifetime(silent) {} }
      for route in ["weights", "share", "sticky", "live"] {
        var deaf = setting.server.backend("edge", timeout: .milliseconds(300))
        deaf.settings.values["socket"] = .text(path)
        var absent = setting.server.backend("edge")
        absent.settings.values["socket"] = .text("\(setting.rig.folder)/nobody.sock")
        await verifyRouter(
          RouterHarness(
            router: setting.router, route: route,
            capabilities: route == "live" ? [.readBack] : [.partialWeights, .readBack],
            forget: { try await setting.server.reload() }, deaf: try make(deaf), absent: try make(absent)))
      }
    }
  }

  @Test func `a header picks its slot, whatever the share, and a reload that forgets it shows`() async throws {
    try await with { setting in
      let router = try #require(setting.router as? any HeaderRouter)
      let rules = ["always", "a 1:2"].map { HeaderRoute(header: "x-canary", value: $0, slot: .green) }
      await verifyHeaderRouter(HeaderRouterHarness(router: router, route: "share", rules: rules))
      try await router.setHeaderRoute(HeaderRouteChange(route: "share", rule: rules[0], key: "1"))
      let url = "http://127.0.0.1:\(setting.server.sharePort)/"
      for _ in 1...20 {
        #expect(await Rig.get(url, headers: [("x-canary", "always")])?.body == "v2\n")
        #expect(await Rig.get(url, headers: [("x-canary", "never")])?.body == "v1\n")
        #expect(await Rig.get(url)?.body == "v1\n")
      }
      try await setting.server.reload()
      #expect(try await router.headerRoute(on: "share") == nil)
      try await router.setHeaderRoute(HeaderRouteChange(route: "share", rule: rules[0], key: "1"))
      #expect(try await router.headerRoute(on: "share") == rules[0])
    }
  }

  @Test func `a map with lines of somebody else's holds no rule, and is emptied when the rule is taken away`()
    async throws
  {
    try await with { setting in
      let router = try #require(setting.router as? any HeaderRouter)
      let rule = HeaderRoute(header: "x-canary", value: "always", slot: .green)
      try await router.setHeaderRoute(HeaderRouteChange(route: "share", rule: rule, key: "1"))
      let map = "\(setting.rig.folder)/headers.map"
      _ = try await setting.server.ask("add map \(map) never red; add map \(map) other blue")
      let failure = await #expect(throws: Failure.self) {
        try await router.setHeaderRoute(HeaderRouteChange(route: "share", rule: rule, key: "2"))
      }
      #expect(failure?.kind == .rejected)
      #expect(failure?.message.contains("where one header value and its slot may be") == true)
      let url = "http://127.0.0.1:\(setting.server.sharePort)/"
      #expect(await Rig.get(url, headers: [("x-canary", "always")])?.body == "v2\n")
      // As a rollback does, as often as it likes.
      for _ in 1...2 { try await router.setHeaderRoute(HeaderRouteChange(route: "share", rule: nil, key: "3")) }
      #expect(try await router.headerRoute(on: "share") == nil)
      #expect(try await setting.server.ask("show map \(map)").isEmpty)
      #expect(await Rig.get(url, headers: [("x-canary", "always")])?.body == "v1\n")
    }
  }

  @Test func `another header than the configuration looks at, and a route without a map, are refused`() async throws {
    try await with { setting in
      let router = try #require(setting.router as? any HeaderRouter)
      for (route, header, words) in [
        ("share", "x-other", "looks at the header x-canary"), ("live", "x-canary", "no `headers`"),
      ] {
        let rule = HeaderRoute(header: header, value: "always", slot: .green)
        let failure = await #expect(throws: Failure.self) {
          try await router.setHeaderRoute(HeaderRouteChange(route: route, rule: rule, key: "1"))
        }
        #expect(failure?.kind == .rejected)
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
      }
    }
  }

  @Test func `the share of 10000 requests is within two points of each weight`() async throws {
    try await with { setting in
      for (route, port) in [("weights", setting.server.weightsPort), ("share", setting.server.sharePort)] {
        for percent in [5, 25, 50, 100] {
          try await setting.router.setWeight(change(route, percent))
          let before = try await setting.green.requests()
          let report = try await Load.send(10_000, to: port, in: setting.rig)
          let counted = try await setting.green.requests() - before
          #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
          #expect(abs(report.share(of: "v2") * 100 - Double(percent)) <= 2, "\(route) at \(percent) %")
          #expect(report.versions["v2"] ?? 0 == counted)
          print("\(route) at \(percent) %: \(counted) of \(report.requests)")
        }
      }
    }
  }

  @Test func `users are split by share, and none leaves green while its share grows`() async throws {
    try await with { setting in
      var before: Set<String> = []
      for percent in [5, 25, 50, 100] {
        try await setting.router.setWeight(change("sticky", percent))
        let report = try await Load.send(10_000, to: setting.server.stickyPort, users: 5_000, in: setting.rig)
        #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
        #expect(abs(report.share(of: "v2") * 100 - Double(percent)) <= 2, "\(percent) %")
        #expect(report.users.values.allSatisfy { $0.count == 1 })
        let now = Set(report.users.filter { $0.value == ["v2"] }.keys)
        #expect(now.isSuperset(of: before))
        before = now
        print("sticky at \(percent) %: \(now.count) of \(report.users.count) users")
      }
    }
  }

  @Test func `what is kept in haproxy's files survives a reload under load`() async throws {
    try await with { setting in
      var backend = setting.server.backend("edge")
      backend.settings.values["stateFile"] = .text("\(setting.rig.folder)/state")
      backend.settings.values["keepMaps"] = .bool(true)
      let router = try make(backend)
      try await router.setWeight(change("weights", 25))
      try await router.setWeight(change("share", 40))
      try await router.setWeight(change("live", 100))
      let load = try await Load.start(to: setting.server.livePort, in: setting.rig)
      for _ in 1...3 {
        try await setting.server.reload()
        #expect(try await router.weight(of: .green, on: "weights") == .percent(25))
        #expect(try await router.weight(of: .green, on: "share") == .percent(40))
        #expect(try await router.weight(of: .green, on: "sticky") == Weight.none)
        #expect(try await router.weight(of: .green, on: "live") == .all)
        let before = try await setting.green.requests()
        try await Rig.wait(for: "requests to green") { try await setting.green.requests() > before + 50 }
      }
      let report = try await load.stop()
      #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
      #expect(Set(report.versions.keys) == ["v2"])
      #expect(try WholeFile("\(setting.rig.folder)/share.map").text() == "# shares of green\nshop 4000\nsticky 0\n")
      try await router.setWeight(change("weights", 0))
      try await setting.server.reload()
      #expect(try await router.weight(of: .green, on: "weights") == Weight.none)
    }
  }

  @Test func `what cannot be kept is not done, but traffic that is taken back is back`() async throws {
    try await with { setting in
      var backend = setting.server.backend("edge")
      backend.settings.values["stateFile"] = .text("/nowhere/at/all")
      let failure = await #expect(throws: Failure.self) { try await make(backend).setWeight(change("weights", 25)) }
      #expect(failure?.kind == .misconfigured)
      #expect(
        failure?.message
          == "could not set the weight of edge/weights to 25%: it is set, and a reload would lose it: could not write "
          + "/nowhere/at/all: No such file or directory")
      #expect(try await setting.router.weight(of: .green, on: "weights") == .percent(25))
      try await make(backend).setWeight(change("weights", 0))
      #expect(try await setting.router.weight(of: .green, on: "weights") == Weight.none)
    }
  }

  @Test func `what haproxy refuses in words is a failure`() async throws {
    try await with { setting in
      var backend = setting.server.backend("edge")
      let wrong: [String: Settings.Value] = [
        "server": ["backend": "shop", "blue": "blue", "green": "grene"],
        "backend": ["backend": "shoppe", "blue": "blue", "green": "green"],
        "map": ["map": "\(setting.rig.folder)/none.map", "key": "shop"],
        "key": ["map": "\(setting.rig.folder)/share.map", "key": "shoe"],
      ].mapValues { .map(Settings($0.mapValues { .text($0) })) }
      backend.settings.values["routes"] = .map(Settings(wrong))
      let router = try make(backend)
      let messages = [
        "server": "No such server.", "backend": "No such backend.", "key": "entry not found.",
        "map": "Unknown map identifier. Please use #<id> or <file>.",
      ]
      for (route, answer) in messages.sorted(by: { $0.key < $1.key }) {
        await #expect(
          throws: Failure(.rejected, "could not set the weight of edge/\(route) to 5%: haproxy answered \"\(answer)\"")
        ) { try await router.setWeight(change(route, 5)) }
        let failure = await #expect(throws: Failure.self) { try await router.weight(of: .green, on: route) }
        #expect(failure?.kind == .rejected)
      }
    }
  }

  @Test func `a worker that hangs is transient, and works again when it goes on`() async throws {
    try await with { setting in
      let router = try make(setting.server.backend("edge", timeout: .milliseconds(500)))
      let worker = try await setting.server.worker()
      kill(worker, SIGSTOP)
      let set = await #expect(throws: Failure.self) { try await router.setWeight(change("weights", 25)) }
      let read = await #expect(throws: Failure.self) { try await router.weight(of: .green, on: "weights") }
      kill(worker, SIGCONT)
      #expect(set?.kind == .transient)
      #expect(read?.kind == .transient)
      try await setting.router.setWeight(change("weights", 25))
      #expect(try await setting.router.weight(of: .green, on: "weights") == .percent(25))
    }
  }

  @Test func `an address nobody listens on is transient, and so is a socket that is not there`() async throws {
    try await with { setting in
      await setting.server.child.stop()
      let left = await #expect(throws: Failure.self) { try await setting.router.weight(of: .green, on: "weights") }
      var other = setting.server.backend("edge")
      other.settings.values["socket"] = nil
      other.settings.values["address"] = .text("127.0.0.1:\(try Rig.freePort())")
      let refused = await #expect(throws: Failure.self) { try await make(other).weight(of: .green, on: "weights") }
      other.settings.values["address"] = nil
      other.settings.values["socket"] = .text("\(setting.rig.folder)/nobody.sock")
      let missing = await #expect(throws: Failure.self) { try await make(other).weight(of: .green, on: "weights") }
      #expect(left?.kind == .transient)
      #expect(refused?.kind == .transient)
      #expect(missing?.kind == .transient)
      #expect(missing?.message.hasSuffix("nobody.sock: No such file or directory") == true)
    }
  }

  @Test func `a reload forgets the weight, and reading shows it`() async throws {
    try await with { setting in
      for (route, forgotten) in [("weights", 0), ("share", 0), ("live", 0)] {
        try await setting.router.setWeight(change(route, 100))
        try await setting.server.reload()
        #expect(try await setting.router.weight(of: .green, on: route) == .percent(forgotten))
        #expect(try await setting.router.weight(of: .blue, on: route) == .percent(100))
      }
    }
  }

  @Test func `blue and green change places under load without a failed request`() async throws {
    try await with { setting in
      let load = try await Load.start(to: setting.server.livePort, in: setting.rig)
      for round in 1...10 {
        let slot: Slot = round.isMultiple(of: 2) ? .blue : .green
        let service = slot == .green ? setting.green : setting.blue
        try await setting.router.setWeight(change("live", 100, slot))
        let before = try await service.requests()
        try await Rig.wait(for: "requests to \(slot)") { try await service.requests() > before + 50 }
      }
      let report = try await load.stop()
      #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
      #expect(report.versions["v1"] ?? 0 > 250)
      #expect(report.versions["v2"] ?? 0 > 250)
      print("\(report.requests) requests over ten switches, \(report.failed) failed")
    }
  }

  @Test func `a reload under load fails no request`() async throws {
    try await with { setting in
      let load = try await Load.start(to: setting.server.weightsPort, in: setting.rig)
      for _ in 1...3 {
        try await setting.server.reload()
        try await setting.router.setWeight(change("weights", 25))
        let before = try await setting.green.requests()
        try await Rig.wait(for: "requests to green") { try await setting.green.requests() > before + 50 }
      }
      let report = try await load.stop()
      #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
    }
  }
}
