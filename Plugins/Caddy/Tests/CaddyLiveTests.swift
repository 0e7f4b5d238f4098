import BackendHTTP
import Foundation
import Glibc
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import CaddyPlugin

/// Against a real Caddy with two versions behind it: what it gives is counted by the versions that answered.
@Suite(.serialized, .live(.caddy, .python3)) struct CaddyLiveTests {
  private struct Setting {
    var rig: Rig
    var blue: DemoService
    var green: DemoService
    var server: CaddyServer
    var router: any TrafficRouter
  }

  private func with(_ work: (Setting) async throws -> Void) async throws {
    try await Rig.with { rig in
      let blue = try await DemoService("v1", in: rig)
      let green = try await DemoService("v2", in: rig)
      let server = try await CaddyServer(blue: blue.port, green: green.port, in: rig)
      try await work(Setting(rig: rig, blue: blue, green: green, server: server, router: try server.router()))
    }
  }

  private func change(_ percent: Int, _ slot: Slot = .green, on route: String = "shop") -> WeightChange {
    WeightChange(route: route, candidate: slot, weight: .percent(percent), key: "\(route)-\(percent)")
  }

  @Test func `the route keeps the promises of a router`() async throws {
    try await with { setting in
      let (blue, green) = (setting.blue.port, setting.green.port)
      let frozen = try await CaddyServer("frozen", blue: blue, green: green, in: setting.rig)
      let gone = try await CaddyServer("gone", blue: blue, green: green, in: setting.rig)
      frozen.child.signal(SIGSTOP)
      await gone.child.stop()
      await verifyRouter(
        RouterHarness(
          router: setting.router, route: "shop", forget: { try await setting.server.reload() },
          deaf: try frozen.router(timeout: .milliseconds(500)), absent: try gone.router()))
    }
  }

  @Test func `the share of 10000 requests is within two points of each weight`() async throws {
    try await with { setting in
      for percent in [5, 25, 50, 100] {
        try await setting.router.setWeight(change(percent))
        let report = try await Load.send(10_000, to: setting.server.port, in: setting.rig)
        #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
        #expect(abs(report.share(of: "v2") * 100 - Double(percent)) <= 2, "\(percent) %")
        print("caddy at \(percent) %: \(report.versions["v2"] ?? 0) of \(report.requests)")
      }
    }
  }

  @Test func `requests with a header go to their slot, whatever the weights are`() async throws {
    try await with { setting in
      let router = try #require(setting.router as? any HeaderRouter)
      await verifyHeaderRouter(router, route: "shop")
      let rule = HeaderRoute(header: "x-canary", value: "yes", slot: .green)
      try await router.setHeaderRoute(HeaderRouteChange(route: "shop", rule: rule, key: "k"))
      try await router.setWeight(change(25))
      #expect(try await router.headerRoute(on: "shop") == rule)
      let forced = try await Load.send(500, to: setting.server.port, headers: ["X-Canary: yes"], in: setting.rig)
      #expect(forced.versions == ["v2": 500])
      let others = try await Load.send(2_000, to: setting.server.port, headers: ["X-Canary: no"], in: setting.rig)
      #expect(abs(others.share(of: "v2") * 100 - 25) <= 5)
      try await setting.server.reload()
      #expect(try await router.headerRoute(on: "shop") == nil)
    }
  }

  @Test(arguments: [
    ("first", "yes", Failure.Kind.rejected), ("shop", "a*", .rejected), ("text", "yes", .misconfigured),
  ])
  func `a rule that Caddy would take otherwise, or has no route for, is refused`(
    route: String, value: String, kind: Failure.Kind
  ) async throws {
    try await with { setting in
      let router = try #require(setting.router as? any HeaderRouter)
      let rule = HeaderRoute(header: "x-canary", value: value, slot: .green)
      let failure = await #expect(throws: Failure.self) {
        try await router.setHeaderRoute(HeaderRouteChange(route: route, rule: rule, key: "k"))
      }
      #expect(failure?.kind == kind, "\(failure?.message ?? "")")
    }
  }

  /// Caddy resets connections whenever its configuration changes, also new ones, so not every request can be answered.
  @Test func `weights change under load without an answer that is an error`() async throws {
    try await with { setting in
      let load = try await Load.start(to: setting.server.port, isFresh: true, in: setting.rig)
      for _ in 1...3 {
        for percent in [5, 25, 50, 100, 0] {
          try await setting.router.setWeight(change(percent))
          let before = try await (setting.blue.requests(), setting.green.requests())
          try await Rig.wait(for: "requests at \(percent) %") {
            try await setting.blue.requests() + setting.green.requests() > before.0 + before.1 + 100
          }
        }
      }
      let report = try await load.stop()
      #expect(Set(report.statuses.keys) == ["200"], "\(report.failures) \(report.statuses)")
      #expect(report.versions["v2"] ?? 0 > 0)
      print("caddy: \(report.requests) requests over 15 changes, \(report.failed) connections reset")
    }
  }

  @Test func `a reload of the file shows, and the weight is set again`() async throws {
    try await with { setting in
      try await setting.router.setWeight(change(25))
      try await setting.server.reload()
      #expect(try await setting.router.weight(of: .green, on: "shop") == Weight.none)
      try await setting.router.setWeight(change(25))
      #expect(try await setting.router.weight(of: .blue, on: "shop") == .percent(75))
    }
  }

  @Test func `what else an upstream has stays`() async throws {
    try await with { setting in
      try await setting.router.setWeight(change(25))
      let upstreams = try await setting.server.upstreams()
      #expect(upstreams.count == 4)
      let blue = upstreams.filter { $0["dial"] as? String == "127.0.0.1:\(setting.blue.port)" }
      #expect(blue.count == 3)
      #expect(blue.allSatisfy { $0["max_requests"] as? Int == 1000 })
    }
  }

  @Test func `a configuration that others change all the time is changed by nobody twice`() async throws {
    try await with { setting in
      let rounds = 12
      async let others: Void = {
        for round in 1...rounds {
          try await setting.server.set(text: "round \(round)")
        }
      }()
      for percent in [5, 25, 50, 100] {
        // So many conflicts in a row that it gives up are possible, and told as worth another try.
        var isSet = false
        while !isSet {
          do throws(Failure) {
            try await setting.router.setWeight(change(percent))
            isSet = true
          } catch {
            #expect(error.kind == .transient, "\(error.message)")
          }
        }
      }
      try await others
      #expect(try await setting.router.weight(of: .green, on: "shop") == .all)
      #expect(await Rig.get("\(setting.server.admin)/id/text/body")?.body == "\"round \(rounds)\"\n")
    }
  }

  @Test func `a condition that does not hold any more is refused by caddy`() async throws {
    try await with { setting in
      let admin = CaddyAdmin(
        try .init(
          Backend(name: "edge", kind: "caddy", settings: Settings(["url": .text(setting.server.admin)])), context))
      let route = try CaddyRoute(
        Settings(["id": .text("shop"), "blue": .text("127.0.0.1:\(setting.blue.port)"), "green": .text("g:1")]),
        name: "edge/shop")
      let old = try await admin.configuration()
      let upstreams = try old.upstreams(route, green: .percent(50))
      try await setting.server.set(text: "other")
      // What caddy has closed meanwhile is found out by a question, which is asked again.
      _ = try await admin.configuration()
      #expect(try await admin.set(upstreams, of: route, ifStill: old) == .changed)
      let new = try await admin.configuration()
      #expect(try await admin.set(upstreams, of: route, ifStill: new) == .done)
      #expect(try await admin.configuration().split(route) == .init(blue: 1, green: 1))
    }
  }

  private var context: BackendContext {
    BackendContext(
      secret: { name throws(Failure) in throw Failure(.misconfigured, "no secret \(name)") }, stateDirectory: "/",
      baseDirectory: "/", now: { Timestamp(milliseconds: 0) })
  }

  @Test func `handlers that cannot share are refused`() async throws {
    try await with { setting in
      let messages = [
        "first": "the handler's selection policy is first, which does not share by the number of upstreams; use "
          + "round_robin",
        "third": "the handler also sends traffic to 127.0.0.1:1, so no two slots can share all of it",
        "text": "what has the @id \"text\" is no reverse_proxy handler",
        "nothing": "caddy has 0 handlers with the @id \"nothing\", where one is needed",
      ]
      for (route, message) in messages.sorted(by: { $0.key < $1.key }) {
        let failure = await #expect(throws: Failure.self) { try await setting.router.setWeight(change(5, on: route)) }
        #expect(failure == Failure(.misconfigured, "could not set the weight of edge/\(route) to 5%: \(message)"))
      }
    }
  }
}
