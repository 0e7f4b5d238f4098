import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import EnvoyPlugin

/// What an Envoy that has not read all its configuration does not know yet; played by a server of the test.
@Suite struct EnvoyReadinessTests {
  private static func reply(_ status: String, _ body: String) -> String {
    "HTTP/1.1 \(status)\r\ncontent-length: \(body.utf8.count)\r\nconnection: close\r\n\r\n\(body)"
  }

  private func failure(isLive: Bool, ask: @Sendable (any TrafficRouter) async throws -> Void) async throws -> Failure? {
    let server = RawServer.Reply.made { request in
      if request.hasPrefix("GET /ready") {
        return isLive ? Self.reply("200 OK", "LIVE\n") : Self.reply("503 Service Unavailable", "INITIALIZING\n")
      }
      return Self.reply("200 OK", request.hasPrefix("GET /config_dump") ? #"{"configs": []}"# : "{}")
    }
    return try await RawServer.with(server) { server in
      let route = ["runtime": "shop.split", "blue": "blue", "green": "green"].mapValues { Settings.Value.text($0) }
      let settings = Settings([
        "url": .text(server.url), "routes": .map(Settings(["shop": .map(Settings(route))])),
      ])
      let router = try EnvoyServer.make(Backend(name: "edge", kind: "envoy", settings: settings))
      return await #expect(throws: Failure.self) { try await ask(router) }
    }
  }

  @Test func `what is missing while envoy begins may come yet`() async throws {
    for isLive in [true, false] {
      let set = try await failure(isLive: isLive) {
        try await $0.setWeight(WeightChange(route: "shop", candidate: .green, weight: .percent(5), key: "k"))
      }
      let read = try await failure(isLive: isLive) { _ = try await $0.weight(of: .green, on: "shop") }
      for failure in [set, read] {
        #expect(failure?.kind == (isLive ? .misconfigured : .transient), "\(failure?.message ?? "")")
        #expect(failure?.message.contains("INITIALIZING") == !isLive)
      }
    }
  }
}
