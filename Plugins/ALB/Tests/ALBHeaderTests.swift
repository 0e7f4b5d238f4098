import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import ALBPlugin

/// Rules for requests with a header, at moto's server: what is made, what is left alone, and what is refused.
@Suite(.serialized, .live(.moto)) struct ALBHeaderTests {
  private func with(_ work: (MotoServer, any HeaderRouter) async throws -> Void) async throws {
    try await Rig.with { rig in
      let server = try await MotoServer(in: rig)
      try await work(server, try #require(try server.router() as? any HeaderRouter))
    }
  }

  private let testers = HeaderRoute(header: "x-canary", value: "always", slot: .green)

  private func change(_ route: String, _ rule: HeaderRoute?) -> HeaderRouteChange {
    HeaderRouteChange(route: route, rule: rule, key: "k")
  }

  @Test func `each kind of route keeps the promises of a header router, and leaves nothing behind`() async throws {
    try await with { server, router in
      for route in ["listener", "rule"] {
        await verifyHeaderRouter(router, route: route)
        let left = try await server.rules().keys.sorted()
        #expect(left == [0, 20])
      }
    }
  }

  @Test func `the rule has the conditions of the route's own, and the header, beside another route's`() async throws {
    try await with { server, router in
      try await router.setHeaderRoute(change("rule", testers))
      let rules = try await server.rules()
      let path = try #require(rules[20]?.conditions)
      #expect(rules[10]?.conditions == path.union([RuleCondition(HeaderMatch(header: "x-canary", value: "always"))]))
      #expect(try ForwardAction(rules[10]?.actions ?? []).weights == [server.green: 1])
      #expect(try await server.action(of: .rule(server.rule)).weights == [server.blue: 1, server.green: 0])
      let others = HeaderRoute(header: "x-group", value: "b", slot: .blue)
      try await router.setHeaderRoute(change("listener", others))
      try await router.setHeaderRoute(change("rule", nil))
      #expect(try await router.headerRoute(on: "rule") == nil)
      #expect(try await router.headerRoute(on: "listener") == others)
    }
  }

  @Test func `what somebody did to the rule is seen, and mended in its place`() async throws {
    try await with { server, router in
      try await router.setHeaderRoute(change("listener", testers))
      let rule = try #require(try await server.rules()[40])
      let fields = [("RuleArn", rule.arn), ("Actions.member.1.Type", "forward")]
      _ = try await server.elb.ask("ModifyRule", fields + [("Actions.member.1.TargetGroupArn", server.other)])
      #expect(try await router.headerRoute(on: "listener") == nil)
      try await router.setHeaderRoute(change("listener", testers))
      #expect(try await router.headerRoute(on: "listener") == testers)
      #expect(try await server.rules()[40]?.arn == rule.arn)
      // Moved, it is made anew where it belongs, and goes with the run.
      try await server.move(from: 40, to: 41)
      #expect(try await router.headerRoute(on: "listener") == nil)
      try await router.setHeaderRoute(change("listener", testers))
      #expect(try await server.rules().keys.sorted() == [0, 20, 40])
      try await server.move(from: 40, to: 41)
      try await router.setHeaderRoute(change("listener", nil))
      #expect(try await server.rules().keys.sorted() == [0, 20])
    }
  }

  @Test func `another's rule is never touched, though it looks the same`() async throws {
    try await with { server, router in
      let same = RuleCondition(HeaderMatch(header: "x-canary", value: "always"))
      let arn = try await server.addRule(
        priority: 40, same.fields.map { ("Conditions.member.1.\($0.key)", $0.value) })
      let before = try await server.rules()
      #expect(try await router.headerRoute(on: "listener") == nil)
      try await router.setHeaderRoute(change("listener", nil))
      let failure = await #expect(throws: Failure.self) { try await router.setHeaderRoute(change("listener", testers)) }
      #expect(
        failure
          == Failure(
            .misconfigured,
            "could not route by header on edge/listener: the rule with the priority 40 is not one that Headgate made; "
              + "give a `headerPriority` above 40"))
      #expect(try await server.rules() == before)
      #expect(before[40]?.arn == arn)
    }
  }

  @Test func `a rule that would take what is others' is not made`() async throws {
    try await with { server, router in
      try await server.addRule(priority: 15)
      let before = try await server.rules()
      let messages = [
        "early": "the rule with the priority 20 would lose requests to it; give a `headerPriority` above 20",
        "rule": "the rule with the priority 15 would lose requests to it; give a `headerPriority` between 15 and 20",
        "late": "`headerPriority` is 20, and must be below 20, that of the route's rule",
        "fixed": "its actions are fixed-response, where one forward is needed; give a rule that only forwards",
      ]
      for (route, message) in messages.sorted(by: { $0.key < $1.key }) {
        let failure = await #expect(throws: Failure.self) { try await router.setHeaderRoute(change(route, testers)) }
        #expect(failure == Failure(.misconfigured, "could not route by header on edge/\(route): \(message)"))
      }
      #expect(try await server.rules() == before)
    }
  }

  @Test func `a route without a priority makes none, and takes away what it once made`() async throws {
    try await with { server, router in
      let failure = await #expect(throws: Failure.self) { try await router.setHeaderRoute(change("plain", testers)) }
      #expect(failure?.kind == .rejected)
      try await router.setHeaderRoute(change("plain", nil))
      let host = HeaderRoute(header: "Host", value: "a", slot: .green)
      let refused = await #expect(throws: Failure.self) { try await router.setHeaderRoute(change("rule", host)) }
      #expect(refused?.kind == .rejected)
      #expect(try await server.rules().keys.sorted() == [0, 20])
    }
  }

  @Test func `rules are found among more than one page of them`() async throws {
    try await with { server, router in
      for priority in 100..<160 { try await server.addRule(priority: priority) }
      let last = try await server.rules().count
      #expect(last == 50)
      try await router.setHeaderRoute(change("rule", testers))
      #expect(try await router.headerRoute(on: "rule") == testers)
      try await router.setHeaderRoute(change("rule", nil))
      #expect(try await server.rules()[10] == nil)
    }
  }
}
