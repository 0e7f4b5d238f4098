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

  @Test func `an endpoint that cannot be is refused`() {
    let settings = Settings(["region": .text("eu central"), "accessKey": .secret("id"), "secretKey": .secret("key")])
    let failure = #expect(throws: Failure.self) {
      try BackendFactory<any TrafficRouter>.alb.make(
        Backend(name: "edge", kind: "alb", settings: settings), MotoServer.context)
    }
    #expect(failure?.message == "edge: `region` is \"eu central\"; write one such as eu-central-1")
  }
}
