import Foundation
import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import ALBPlugin

/// Settings, weights and answers; AWS is played by a server of the test.
@Suite struct ALBRouteTests {
  private static let arn = "arn:aws:elasticloadbalancing:us-east-1:123:"

  private func route(_ texts: [String: String]) throws(Failure) -> ALBRoute {
    try ALBRoute(Settings(texts.mapValues { .text($0) }), name: "edge/shop")
  }

  @Test(arguments: [
    (0, 100, 0), (500, 95, 5), (10_000, 0, 100), (50, 995, 5), (10, 999, 1), (9_990, 1, 999), (3333, 667, 333),
  ])
  func `a share becomes two weights below 1000`(points: Int, blue: Int, green: Int) {
    let weights = TargetWeights(green: Weight(basisPoints: points))
    #expect(weights.blue == blue)
    #expect(weights.green == green)
  }

  @Test(arguments: [
    [:], ["blue": arn + "b", "green": arn + "g"],
    ["listener": arn + "l", "rule": arn + "r", "blue": arn + "b", "green": arn + "g"],
    ["listener": arn + "l", "blue": arn + "b", "green": arn + "b"],
    ["listener": "shop", "blue": arn + "b", "green": arn + "g"], ["listener": arn + "l", "blue": arn + "b"],
  ])
  func `settings that make no route are refused as the operator's to mend`(texts: [String: String]) {
    let failure = #expect(throws: Failure.self) { try route(texts) }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.hasPrefix("edge/shop: ") == true)
  }

  @Test(arguments: [
    (
      400, "<ErrorResponse><Error><Code>ListenerNotFound</Code><Message>One or more</Message></Error></ErrorResponse>",
      Failure.Kind.rejected, "ListenerNotFound: One or more"
    ),
    (
      400, "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>",
      .transient, "Throttling: Rate exceeded"
    ),
    (
      403, "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The token</Message></Error></ErrorResponse>",
      .misconfigured, "ExpiredToken: The token"
    ),
    (503, "<html>busy", .transient, "HTTP 503"), (200, "hello", .misconfigured, "no XML, so this is not AWS"),
    (200, "<DescribeListenersResponse/>", .rejected, "AWS knows nothing of"),
    (200, "<DescribeListenersResponse><Describe", .misconfigured, "no XML"),
  ])
  func `what AWS refuses is told for what it is`(status: Int, body: String, kind: Failure.Kind, part: String)
    async throws
  {
    try await RawServer.with(.made { _ in RawServer.http(status, body) }) { server in
      let texts = ["listener": Self.arn + "l", "blue": Self.arn + "b", "green": Self.arn + "g"]
      let routes = Settings(["shop": .map(Settings(texts.mapValues { .text($0) }))])
      let router = try BackendFactory<any TrafficRouter>.alb.make(
        Backend(
          name: "edge", kind: "alb",
          settings: Settings([
            "region": .text("us-east-1"), "url": .text(server.url), "accessKey": .secret("id"),
            "secretKey": .secret("key"), "routes": .map(routes),
          ])), MotoServer.context)
      let failure = await #expect(throws: Failure.self) { try await router.weight(of: .green, on: "shop") }
      #expect(failure?.kind == kind)
      #expect(failure?.message.contains(part) == true, "\(failure?.message ?? "")")
      #expect(failure?.message.contains("geheimer-schluessel") != true)
    }
  }

  @Test(arguments: [
    (0, "`headerPriority` is 0.0; it is a whole number from 1 to 50000"),
    (2.5, "`headerPriority` is 2.5; it is a whole number from 1 to 50000"),
    (50_001, "`headerPriority` is 50001.0; it is a whole number from 1 to 50000"),
    (7, "\"arn:aws:elasticloadbalancing:us-east-1:123:r\" is no ARN of a listener's rule"),
  ])
  func `a priority that no rule can have is refused`(priority: Double, message: String) {
    let settings = Settings([
      "rule": .text(Self.arn + "r"), "blue": .text(Self.arn + "b"), "green": .text(Self.arn + "g"),
      "headerPriority": .number(priority),
    ])
    let failure = #expect(throws: Failure.self) { try ALBRoute(settings, name: "edge/shop") }
    #expect(failure == Failure(.misconfigured, "edge/shop: \(message)"))
  }

  @Test func `a rule's ARN has its listener's in it`() {
    let place = ALBRoute.Place.rule(Self.arn + "listener-rule/app/edge/50dc6c/f2f7dc/9683b2")
    #expect(place.listener == Self.arn + "listener/app/edge/50dc6c/f2f7dc")
  }

  @Test func `headers that an ALB cannot look at are refused`() {
    let limits = ALBRouter.headerLimits
    let name = String(repeating: "n", count: 40)
    let value = String(repeating: "v", count: 128)
    #expect(limits.refusal(of: HeaderMatch(header: name, value: value)) == nil)
    #expect(
      limits.refusal(of: HeaderMatch(header: name + "n", value: value))
        == "a header's name has at most 40 signs there, not 41")
    #expect(
      limits.refusal(of: HeaderMatch(header: name, value: value + "v"))
        == "a header's value has at most 128 signs there, not 129")
    #expect(limits.refusal(of: HeaderMatch(header: "Host", value: "a")) == "it cannot look at the header Host")
  }

  @Test func `an endpoint that cannot be is refused`() {
    let settings = Settings(["region": .text("eu central"), "accessKey": .secret("id"), "secretKey": .secret("key")])
    let failure = #expect(throws: Failure.self) {
      try BackendFactory<any TrafficRouter>.alb.make(
        Backend(name: "edge", kind: "alb", settings: settings), MotoServer.context)
    }
    #expect(failure?.message == "edge: `region` is \"eu central\"; write one such as eu-central-1")
  }
}
