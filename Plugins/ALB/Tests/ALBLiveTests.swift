import Foundation
import Glibc
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import ALBPlugin

/// Against moto's server, for the wire format: it takes and tells weights as AWS does, and routes nothing.
@Suite(.serialized, .live(.moto)) struct ALBLiveTests {
  private func with(_ work: (MotoServer, any TrafficRouter, Rig) async throws -> Void) async throws {
    try await Rig.with { rig in
      let server = try await MotoServer(in: rig)
      try await work(server, try server.router(), rig)
    }
  }

  private func change(_ percent: Int, _ slot: Slot = .green, on route: String) -> WeightChange {
    WeightChange(route: route, candidate: slot, weight: .percent(percent), key: "\(route)-\(percent)")
  }

  @Test func `each kind of route keeps the promises of a router`() async throws {
    try await with { server, router, rig in
      let gone = try await MotoServer("gone", in: rig)
      await gone.child.stop()
      let frozen = try await MotoServer("frozen", in: rig)
      frozen.child.signal(SIGSTOP)
      for (route, place) in [("listener", ALBRoute.Place.listener(server.listener)), ("rule", .rule(server.rule))] {
        await verifyRouter(
          RouterHarness(
            router: router, route: route,
            truth: { slot in
              let weights = try await server.action(of: place).weights
              let own = weights[slot == .blue ? server.blue : server.green] ?? 0
              return Weight(basisPoints: own * 10_000 / max(1, weights.values.reduce(0, +)))
            },
            forget: { try await server.reset() }, deaf: try frozen.router(timeout: .milliseconds(500)),
            absent: try gone.router(), secrets: ["geheimer-schluessel"]))
      }
    }
  }

  @Test func `weights are written as people would, and stickiness stays`() async throws {
    try await with { server, router, _ in
      try await router.setWeight(change(5, on: "rule"))
      let action = try await server.action(of: .rule(server.rule))
      #expect(action.weights == [server.blue: 95, server.green: 5])
      #expect(action.stickiness == .init(isEnabled: true, duration: "600"))
    }
  }

  @Test func `a group of weight 0 is named from the first change on`() async throws {
    try await with { server, router, _ in
      try await router.setWeight(change(0, on: "listener"))
      #expect(try await server.action(of: .listener(server.listener)).weights == [server.blue: 100, server.green: 0])
    }
  }

  @Test func `what is no split of two is refused`() async throws {
    try await with { server, router, _ in
      let messages = [
        "third": "it also forwards to \(server.blue), so no two slots can share all of it",
        "fixed": "its actions are fixed-response, where one forward is needed; give a rule that only forwards",
      ]
      for (route, message) in messages.sorted(by: { $0.key < $1.key }) {
        let failure = await #expect(throws: Failure.self) { try await router.setWeight(change(5, on: route)) }
        #expect(failure == Failure(.misconfigured, "could not set the weight of edge/\(route) to 5%: \(message)"))
      }
      let nobody = await #expect(throws: Failure.self) { try await router.weight(of: .green, on: "nobody") }
      #expect(nobody?.kind == .rejected)
    }
  }
}
