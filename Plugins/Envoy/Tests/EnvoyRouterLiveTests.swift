import Foundation
import Glibc
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import EnvoyPlugin

/// Against a real Envoy with two versions behind it: what it gives is counted by the versions that answered.
@Suite(.serialized, .live(.envoy, .python3)) struct EnvoyRouterLiveTests {
  private struct Setting {
    var rig: Rig
    var blue: DemoService
    var green: DemoService
    var server: EnvoyServer
    var router: any TrafficRouter
  }

  private func with(_ work: (Setting) async throws -> Void) async throws {
    try await Rig.with { rig in
      let blue = try await DemoService("v1", in: rig)
      let green = try await DemoService("v2", in: rig)
      let server = try await EnvoyServer(blue: blue.port, green: green.port, in: rig)
      try await work(Setting(rig: rig, blue: blue, green: green, server: server, router: try server.router()))
    }
  }

  private func change(_ route: String, _ percent: Int, _ slot: Slot = .green) -> WeightChange {
    WeightChange(route: route, candidate: slot, weight: .percent(percent), key: "\(route)-\(percent)")
  }

  @Test func `each kind of route keeps the promises of a router`() async throws {
    try await with { setting in
      let (blue, green) = (setting.blue.port, setting.green.port)
      let frozen = try await EnvoyServer("frozen", blue: blue, green: green, in: setting.rig)
      let gone = try await EnvoyServer("gone", blue: blue, green: green, in: setting.rig)
      frozen.child.signal(SIGSTOP)
      await gone.child.stop()
      for route in ["runtime", "file"] {
        await verifyRouter(
          RouterHarness(
            router: setting.router, route: route, forget: { try await setting.server.forget() },
            deaf: try frozen.router(timeout: .milliseconds(500)), absent: try gone.router()))
      }
    }
  }

  @Test func `the share of 10000 requests is within two points of each weight`() async throws {
    try await with { setting in
      for route in ["runtime", "file"] {
        for percent in [5, 25, 50, 100] {
          try await setting.router.setWeight(change(route, percent))
          let report = try await Load.send(10_000, to: setting.server.port(of: route), in: setting.rig)
          #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
          #expect(abs(report.share(of: "v2") * 100 - Double(percent)) <= 2, "\(route) at \(percent) %")
          print("envoy \(route) at \(percent) %: \(report.versions["v2"] ?? 0) of \(report.requests)")
        }
      }
    }
  }

  @Test func `weights change under load without a failed request`() async throws {
    try await with { setting in
      for route in ["runtime", "file"] {
        let load = try await Load.start(to: setting.server.port(of: route), in: setting.rig)
        for round in 1...5 {
          for percent in [5, 25, 50, 100, 0] { try await setting.router.setWeight(change(route, percent)) }
          let before = try await setting.blue.requests()
          try await Rig.wait(for: "requests in round \(round)") { try await setting.blue.requests() > before + 50 }
        }
        let report = try await load.stop()
        #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
        print("envoy \(route): \(report.requests) requests over 25 changes, \(report.failed) failed")
      }
    }
  }

  @Test func `what is forgotten shows, and is set again`() async throws {
    try await with { setting in
      for route in ["runtime", "file"] {
        try await setting.router.setWeight(change(route, 25))
        try await setting.server.forget()
        #expect(try await setting.router.weight(of: .green, on: route) == Weight.none)
        try await setting.router.setWeight(change(route, 25))
        #expect(try await setting.router.weight(of: .blue, on: route) == .percent(75))
      }
    }
  }

  @Test func `what envoy would take without a word is refused here`() async throws {
    try await with { setting in
      let messages = [
        "no-such-prefix": "no route of envoy splits between blue and green with the runtime_key_prefix \"shop.spilt\"",
        "no-such-cluster": "envoy has no cluster \"gren\"; it has blue, green",
        "no-cluster-in-file": "envoy has no cluster \"gren\"; it has blue, green",
        "no-such-file": "there is no file \(setting.server.routesFile).json",
        "other-configuration":
          "0 route configurations \"other\" in \(setting.server.routesFile) have weighted_clusters "
          + "of blue and green, where one must",
      ]
      for (route, message) in messages.sorted(by: { $0.key < $1.key }) {
        let failure = await #expect(throws: Failure.self) { try await setting.router.setWeight(change(route, 5)) }
        #expect(failure == Failure(.misconfigured, "could not set the weight of edge/\(route) to 5%: \(message)"))
      }
    }
  }

  @Test func `all else in the file stays as it is`() async throws {
    try await with { setting in
      try await setting.router.setWeight(change("file", 25))
      let text = try #require(try WholeFile(setting.server.routesFile).text())
      var expected = EnvoyServer.routes.replacing("\"weight\": 100", with: "\"weight\": 7500")
      expected = expected.replacing("\"weight\": 0", with: "\"weight\": 2500")
      var found = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      let version = try #require(found["version_info"] as? String)
      #expect(version.hasPrefix("headgate-"))
      found["version_info"] = "first"
      let wanted = try #require(try JSONSerialization.jsonObject(with: Data(expected.utf8)) as? NSDictionary)
      #expect(wanted == found as NSDictionary)
    }
  }

  @Test func `a file that envoy refuses is told, and the old one is put back`() async throws {
    try await with { setting in
      let wrong = EnvoyServer.routes.replacing("\"12.5s\"", with: "\"soon\"")
      try WholeFile(setting.server.routesFile).replace(with: wrong)
      let failure = await #expect(throws: Failure.self) { try await setting.router.setWeight(change("file", 50)) }
      #expect(failure?.kind == .rejected)
      #expect(failure?.message.hasSuffix("envoy refuses the routes with it; its log says why") == true)
      #expect(try WholeFile(setting.server.routesFile).text() == wrong)
      #expect(try await setting.router.weight(of: .green, on: "file") == Weight.none)
    }
  }

  @Test func `a watch that sees nothing is found out`() async throws {
    try await with { setting in
      // Somebody moved the folder away from under the watch.
      let folder = setting.server.routesFile.replacing("/routes.json", with: "")
      try FileManager.default.moveItem(atPath: folder, toPath: "\(folder).old")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try WholeFile(setting.server.routesFile).replace(with: EnvoyServer.routes)
      var router = try #require(setting.router as? EnvoyRouter)
      router.patience = .milliseconds(700)
      let failure = await #expect(throws: Failure.self) { try await router.setWeight(change("file", 50)) }
      #expect(failure?.kind == .transient)
      #expect(failure?.message.contains("after 700ms envoy still runs its routes of before") == true)
    }
  }

  @Test func `requests with a header go to their slot, whatever the weights are`() async throws {
    try await with { setting in
      let router = try #require(setting.router as? any HeaderRouter)
      await verifyHeaderRouter(router, route: "file")
      let rule = HeaderRoute(header: "x-canary", value: "yes", slot: .green)
      try await router.setHeaderRoute(HeaderRouteChange(route: "file", rule: rule, key: "k"))
      for percent in [0, 25] {
        try await router.setWeight(change("file", percent))
        #expect(try await router.headerRoute(on: "file") == rule)
        let forced = try await Load.send(
          500, to: setting.server.filePort, headers: ["X-Canary: yes"], in: setting.rig)
        #expect(forced.versions == ["v2": 500])
        let others = try await Load.send(2_000, to: setting.server.filePort, headers: ["X-Canary: no"], in: setting.rig)
        #expect(abs(others.share(of: "v2") * 100 - Double(percent)) <= 5)
      }
      try await router.setHeaderRoute(HeaderRouteChange(route: "file", rule: nil, key: "k"))
      try await router.setWeight(change("file", 0))
      let after = try await Load.send(500, to: setting.server.filePort, headers: ["X-Canary: yes"], in: setting.rig)
      #expect(after.versions == ["v1": 500])
    }
  }

  @Test func `the candidate gets copies, and nobody gets its answers`() async throws {
    try await with { setting in
      let router = try #require(setting.router as? any MirroringRouter)
      await verifyMirroringRouter(router, route: "file")
      try await router.setMirror(change("file", 50))
      let before = try await setting.green.requests()
      let report = try await Load.send(4_000, to: setting.server.filePort, in: setting.rig)
      #expect(report.versions == ["v1": 4_000])
      try await Rig.wait(for: "the copies") { try await setting.green.requests() - before > 1_700 }
      #expect(try await setting.green.requests() - before < 2_300)
      try await router.setMirror(change("file", 0))
      #expect(try await router.mirror(to: .green, on: "file") == Weight.none)
    }
  }

  @Test func `the runtime has no headers and no mirrors`() async throws {
    try await with { setting in
      let router = try #require(setting.router as? any Steering)
      let rule = HeaderRoute(header: "x-canary", value: "yes", slot: .green)
      let header = await #expect(throws: Failure.self) {
        try await router.setHeaderRoute(HeaderRouteChange(route: "runtime", rule: rule, key: "k"))
      }
      #expect(header?.kind == .rejected)
      let mirror = await #expect(throws: Failure.self) { try await router.setMirror(change("runtime", 5)) }
      #expect(mirror?.kind == .rejected)
    }
  }
}

private typealias Steering = HeaderRouter & MirroringRouter
