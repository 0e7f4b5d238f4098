import BackendHTTP
import Foundation
import LiveRig
import PipelineModel
import PluginKit
import Synchronization
import Testing

@testable import CaddyPlugin

/// Shares become lists of upstreams, and configurations become hashes; Caddy is played by a server of the test.
@Suite struct CaddyRouteTests {
  private func route(_ texts: [String: String]) throws(Failure) -> CaddyRoute {
    try CaddyRoute(Settings(texts.mapValues { .text($0) }), name: "edge/shop")
  }

  @Test(arguments: [
    (0, 0, 1), (500, 1, 20), (2500, 1, 4), (5000, 1, 2), (10_000, 1, 1), (100, 1, 100), (50, 1, 200), (3333, 333, 1000),
    (3, 0, 1), (9_997, 1, 1),
  ])
  func `a share becomes the shortest list that gives it`(points: Int, green: Int, all: Int) {
    let entries = CaddyRoute.entries(for: Weight(basisPoints: points))
    #expect(entries.green == green)
    #expect(entries.all == all)
  }

  @Test func `a slot's upstreams are spread evenly`() {
    let order = CaddyRoute.order(for: .percent(30))
    #expect(order.map { $0 == .green ? "g" : "b" }.joined() == "bbbgbbgbbg")
  }

  /// From the specification's own test programme, and Python's xxhash.
  @Test func `the hashes are those of the specifications`() {
    #expect(CaddyHash.xxh64.text(of: Data()) == "ef46db3751d8e999")
    #expect(CaddyHash.xxh64.text(of: Data("a".utf8)) == "d24ec4f1a98c6e5b")
    #expect(CaddyHash.xxh64.text(of: Data("abc".utf8)) == "44bc2cf5ad770999")
    #expect(
      CaddyHash.xxh64.text(of: Data("Call me Ishmael. Some years ago--never mind how long precisely-".utf8))
        == "02a2e85470d6fd96")
    #expect(CaddyHash.fnv1a.text(of: Data()) == "811c9dc5")
    #expect(CaddyHash.fnv1a.text(of: Data("a".utf8)) == "e40c292c")
    #expect(CaddyHash.fnv1a.text(of: Data("[{\"dial\":\"127.0.0.1:18001\"}]\n".utf8)) == "51188ee2")
  }

  @Test func `a caddy that hashes otherwise is found out`() async throws {
    let body = #"{"a":[{"@id":"shop","handler":"reverse_proxy","upstreams":[{"dial":"b:1"}]}]}"# + "\n"
    let etag = "\"/config/ \(CaddyHash.xxh64.text(of: Data(body.utf8)))\""
    let after = body.replacing(#"{"dial":"b:1"}"#, with: #"{"dial":"b:1"},{"dial":"g:1"}"#)
    let isDone = AsyncFlag()
    let reply = RawServer.Reply.made { request in
      if request.hasPrefix("GET") { return RawServer.http(200, isDone.isSet ? after : body) }
      guard request.contains(etag) else { return RawServer.http(412, "") }
      isDone.set()
      return RawServer.http(200, "")
    }
    try await RawServer.with(reply) { server in
      let backend = HTTPBackend(
        name: "edge", url: server.url, secret: { _ throws(Failure) in throw Failure(.misconfigured, "none") })
      let route = try route(["id": "shop", "blue": "b:1", "green": "g:1"])
      let router = CaddyRouter(name: "edge", admin: CaddyAdmin(backend), routes: ["shop": route])
      try await router.setWeight(
        WeightChange(route: "shop", candidate: .green, weight: .percent(50), key: "k"))
      #expect(isDone.isSet)
    }
  }

  @Test func `a condition that never holds comes to an end`() async throws {
    let body = #"{"@id":"shop","handler":"reverse_proxy","upstreams":[{"dial":"b:1"}]}"#
    let reply = RawServer.Reply.made { RawServer.http($0.hasPrefix("GET") ? 200 : 412, body) }
    try await RawServer.with(reply) { server in
      let backend = HTTPBackend(
        name: "edge", url: server.url, secret: { _ throws(Failure) in throw Failure(.misconfigured, "none") })
      let route = try route(["id": "shop", "blue": "b:1", "green": "g:1"])
      let router = CaddyRouter(name: "edge", admin: CaddyAdmin(backend), routes: ["shop": route])
      let change = WeightChange(route: "shop", candidate: .green, weight: .percent(50), key: "k")
      let failure = await #expect(throws: Failure.self) { try await router.setWeight(change) }
      #expect(failure?.kind == .transient)
    }
  }

  @Test(arguments: [[:], ["id": "shop", "blue": "b:1"], ["id": "shop", "blue": "b:1", "green": "b:1"], ["id": ""]])
  func `settings that make no route are refused as the operator's to mend`(texts: [String: String]) {
    let failure = #expect(throws: Failure.self) { try route(texts) }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.hasPrefix("edge/shop: ") == true)
  }
}

/// Set once, seen by all.
private final class AsyncFlag: Sendable {
  private let value = Mutex(false)
  var isSet: Bool { value.withLock { $0 } }
  func set() { value.withLock { $0 = true } }
}
