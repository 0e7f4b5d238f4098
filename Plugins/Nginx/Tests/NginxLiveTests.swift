import Glibc
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import NginxPlugin

/// Against a real nginx with two versions behind it: what it gives is counted by the versions that answered.
@Suite(.serialized, .live(.nginx, .python3)) struct NginxLiveTests {
  private struct Setting {
    var rig: Rig
    var blue: DemoService
    var green: DemoService
    var server: NginxServer
    var router: any TrafficRouter
  }

  private func with(_ work: (Setting) async throws -> Void) async throws {
    try await Rig.with { rig in
      let blue = try await DemoService("v1", in: rig)
      let green = try await DemoService("v2", in: rig)
      let server = try await NginxServer(blue: blue.port, green: green.port, in: rig)
      try await work(Setting(rig: rig, blue: blue, green: green, server: server, router: try server.router()))
    }
  }

  private func change(_ route: String, _ percent: Int, _ slot: Slot = .green) -> WeightChange {
    WeightChange(route: route, candidate: slot, weight: .percent(percent), key: "\(route)-\(percent)")
  }

  @Test(arguments: ["weights", "split"])
  func `each kind of route keeps the promises of a router`(route: String) async throws {
    try await with { setting in
      let (blue, green) = (setting.blue.port, setting.green.port)
      let frozen = try await NginxServer("frozen", blue: blue, green: green, in: setting.rig)
      let gone = try await NginxServer("gone", blue: blue, green: green, in: setting.rig)
      frozen.freeze()
      await gone.child.stop()
      await verifyRouter(
        RouterHarness(
          router: setting.router, route: route, forget: { try await setting.server.reset() },
          deaf: try frozen.router(timeout: .seconds(1)), absent: try gone.router()))
      frozen.thaw()
    }
  }

  @Test func `the share of 10000 requests is within two points of each weight`() async throws {
    try await with { setting in
      for (route, port) in [("weights", setting.server.weightsPort), ("split", setting.server.splitPort)] {
        for percent in [5, 25, 50, 100] {
          try await setting.router.setWeight(change(route, percent))
          let report = try await Load.send(10_000, to: port, in: setting.rig)
          #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
          #expect(abs(report.share(of: "v2") * 100 - Double(percent)) <= 2, "\(route) at \(percent) %")
          print("nginx \(route) at \(percent) %: \(report.versions["v2"] ?? 0) of \(report.requests)")
        }
      }
    }
  }

  @Test func `weights change under load without a failed request`() async throws {
    try await with { setting in
      for (route, port) in [("weights", setting.server.weightsPort), ("split", setting.server.splitPort)] {
        // nginx closes idle connections when it reloads, so that only requests on new ones can all be answered.
        let load = try await Load.start(to: port, isFresh: true, in: setting.rig)
        for percent in [5, 25, 50, 100, 0, 50, 0, 100] { try await setting.router.setWeight(change(route, percent)) }
        let report = try await load.stop()
        #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
        #expect(report.versions["v1"] ?? 0 > 0)
        #expect(report.versions["v2"] ?? 0 > 0)
        print("nginx \(route): \(report.requests) requests over eight changes, \(report.failed) failed")
      }
    }
  }

  @Test func `a reload keeps the weight, and a file put back shows and is set again`() async throws {
    try await with { setting in
      for route in ["weights", "split"] {
        try await setting.router.setWeight(change(route, 25))
        try await setting.server.reload()
        #expect(try await setting.router.weight(of: .green, on: route) == .percent(25))
        try await setting.server.reset()
        #expect(try await setting.router.weight(of: .green, on: route) == Weight.none)
        try await setting.router.setWeight(change(route, 25))
        #expect(try await setting.router.weight(of: .blue, on: route) == .percent(75))
      }
    }
  }

  @Test func `what nginx runs already costs no reload`() async throws {
    try await with { setting in
      try await setting.router.setWeight(change("weights", 25))
      let workers = setting.server.workers()
      for _ in 1...3 { try await setting.router.setWeight(change("weights", 25)) }
      #expect(setting.server.workers() == workers)
    }
  }

  @Test func `a change that nginx refuses is taken out again`() async throws {
    try await with { setting in
      try await setting.router.setWeight(change("weights", 25))
      let before = try setting.server.file(of: "weights")
      var routes = try #require(setting.server.backend.settings.map("routes"))
      guard case .map(var weights)? = routes["weights"] else {
        Issue.record("there are no settings of the route")
        return
      }
      weights.values["green"] = .text("127.0.0.1:99999")
      routes.values["weights"] = .map(weights)
      let wrong = try NginxServer.make(setting.server.backend("routes", .map(routes)))
      let failure = await #expect(throws: Failure.self) { try await wrong.setWeight(change("weights", 50)) }
      #expect(failure?.kind == .rejected)
      #expect(failure?.message.contains("invalid port in upstream \"127.0.0.1:99999\"") == true)
      #expect(try setting.server.file(of: "weights") == before)
      #expect(try await setting.router.weight(of: .green, on: "weights") == .percent(25))
    }
  }

  @Test func `a mistake in the operator's part is told as the operator's`() async throws {
    try await with { setting in
      let before = try setting.server.file(of: "split")
      try setting.server.spoil(with: "wrong_directive on;")
      let failure = await #expect(throws: Failure.self) { try await setting.router.setWeight(change("split", 50)) }
      #expect(failure?.kind == .misconfigured)
      #expect(failure?.message.contains("unknown directive \"wrong_directive\"") == true)
      #expect(try setting.server.file(of: "split") == before)
      #expect(try await setting.router.weight(of: .green, on: "split") == Weight.none)
    }
  }

  @Test func `a reload that never comes is found out, and made good later`() async throws {
    try await with { setting in
      kill(setting.server.child.pid, SIGSTOP)
      let impatient = try setting.server.router(patience: .seconds(1))
      let failure = await #expect(throws: Failure.self) { try await impatient.setWeight(change("split", 50)) }
      #expect(failure?.kind == .transient)
      #expect(
        failure?.message
          == "could not set the weight of edge/split to 50%: nginx was told to reload, and after 1s it still tells "
          + "the old weight, 0% for slot green; its error log says why")
      #expect(try await setting.router.weight(of: .green, on: "split") == Weight.none)
      kill(setting.server.child.pid, SIGCONT)
      try await setting.router.setWeight(change("split", 50))
      #expect(try await setting.router.weight(of: .green, on: "split") == .percent(50))
    }
  }

  @Test func `a reload command that does nothing is found out`() async throws {
    try await with { setting in
      let router = try setting.server.router(patience: .milliseconds(500), reload: ["true"])
      let failure = await #expect(throws: Failure.self) { try await router.setWeight(change("weights", 50)) }
      #expect(failure?.kind == .transient)
      #expect(failure?.message.contains("still tells the old weight, 0%") == true)
    }
  }

  @Test func `a program that is not there is the operator's to mend, one that is being written is not`() async throws {
    try await with { setting in
      let program = try setting.rig.write("#!/bin/sh\n", to: "nginx-new")
      chmod(program, 0o755)
      var router = try #require(setting.router as? NginxRouter)
      router.program.test = ["\(program)-gone"]
      let gone = await #expect(throws: Failure.self) { try await router.setWeight(change("split", 50)) }
      #expect(gone?.kind == .misconfigured)
      // As a package manager does for a moment; nothing that is open for writing can be run.
      let file = open(program, O_WRONLY | O_CLOEXEC)
      defer { close(file) }
      router.program.test = [program]
      let busy = await #expect(throws: Failure.self) { try await router.setWeight(change("split", 50)) }
      #expect(busy?.kind == .transient, "\(busy?.message ?? "")")
    }
  }

  @Test func `two routes changed at once are both changed`() async throws {
    try await with { setting in
      for percent in [5, 50, 100] {
        async let first: Void = setting.router.setWeight(change("weights", percent))
        async let second: Void = setting.router.setWeight(change("split", 100 - percent))
        _ = try await (first, second)
        #expect(try await setting.router.weight(of: .green, on: "weights") == .percent(percent))
        #expect(try await setting.router.weight(of: .green, on: "split") == .percent(100 - percent))
      }
    }
  }

  @Test func `requests with a header go to their slot, whatever the weights are`() async throws {
    try await with { setting in
      let router = try #require(setting.router as? any HeaderRouter)
      await verifyHeaderRouter(router, route: "split")
      let rule = HeaderRoute(header: "x-canary", value: "yes", slot: .green)
      try await router.setHeaderRoute(HeaderRouteChange(route: "split", rule: rule, key: "k"))
      try await router.setWeight(change("split", 25))
      #expect(try await router.headerRoute(on: "split") == rule)
      let port = setting.server.splitPort
      let forced = try await Load.send(500, to: port, headers: ["X-Canary: yes"], in: setting.rig)
      #expect(forced.versions == ["v2": 500])
      let others = try await Load.send(2_000, to: port, headers: ["X-Canary: YES"], in: setting.rig)
      #expect(abs(others.share(of: "v2") * 100 - 25) <= 5)
      let upstream = await #expect(throws: Failure.self) {
        try await router.setHeaderRoute(HeaderRouteChange(route: "weights", rule: rule, key: "k"))
      }
      #expect(upstream?.kind == .rejected)
    }
  }

  @Test func `the candidate gets copies, and nobody gets its answers`() async throws {
    try await with { setting in
      let router = try #require(setting.router as? any MirroringRouter)
      await verifyMirroringRouter(router, route: "split")
      try await router.setMirror(change("split", 50))
      let before = try await setting.green.requests()
      let report = try await Load.send(4_000, to: setting.server.splitPort, in: setting.rig)
      #expect(report.versions == ["v1": 4_000])
      try await Rig.wait(for: "the copies") { try await setting.green.requests() - before > 1_700 }
      #expect(try await setting.green.requests() - before < 2_300)
    }
  }
}
