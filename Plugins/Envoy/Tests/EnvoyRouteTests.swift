import Foundation
import PipelineModel
import PluginKit
import Testing

@testable import EnvoyPlugin

/// Settings become one of two kinds of route, and Envoy's JSON becomes shares; without a server.
@Suite struct EnvoyRouteTests {
  private func route(_ texts: [String: String]) throws(Failure) -> EnvoyRoute {
    try EnvoyRoute(Settings(texts.mapValues { .text($0) }), name: "edge/shop", base: "/etc")
  }

  private func splits(_ text: String) throws -> [WeightedClusters] {
    EnvoyJSON.splits(in: try JSONSerialization.jsonObject(with: Data(text.utf8)))
  }

  @Test func `the settings tell which kind of route it is`() throws {
    #expect(try route(["runtime": "s", "blue": "b", "green": "g"]).way == .runtime(prefix: "s"))
    #expect(
      try route(["file": "r.json", "blue": "b", "green": "g"]).way
        == .file(WholeFile("/etc/r.json"), configuration: nil))
    #expect(
      try route(["file": "/r.json", "configuration": "c", "blue": "b", "green": "g"]).way
        == .file(WholeFile("/r.json"), configuration: "c"))
  }

  @Test(arguments: [
    [:], ["blue": "b", "green": "g"], ["runtime": "s", "blue": "b"], ["runtime": "s", "blue": "b", "green": "b"],
    ["runtime": "s", "file": "r.json", "blue": "b", "green": "g"], ["file": "r.yaml", "blue": "b", "green": "g"],
    ["runtime": "s", "configuration": "c", "blue": "b", "green": "g"], ["runtime": "", "blue": "b", "green": "g"],
  ])
  func `settings that make no route are refused as the operator's to mend`(texts: [String: String]) {
    let failure = #expect(throws: Failure.self) { try route(texts) }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.hasPrefix("edge/shop: ") == true)
  }

  @Test func `a share is found wherever the split is, and what is left out is 0`() throws {
    let shop = try route(["runtime": "s", "blue": "b", "green": "g"])
    let found = try splits(
      #"{"a": [{"weighted_clusters": {"runtime_key_prefix": "s", "clusters": [{"name": "b", "weight": 3}, {"name": "g"}]}}]}"#
    )
    #expect(found == [WeightedClusters(prefix: "s", weights: ["b": 3, "g": 0])])
    #expect(try found.first?.green(of: shop) == Weight.none)
    #expect(try WeightedClusters(weights: ["b": 3, "g": 1]).green(of: shop) == .percent(25))
    #expect(try WeightedClusters(weights: ["b": 100, "g": 25]).green(of: shop) == .percent(20))
    #expect(try WeightedClusters(weights: ["b": 0, "g": 0]).green(of: shop) == nil)
    #expect(try WeightedClusters(weights: ["b": 1, "g": 1, "c": 0]).green(of: shop) == .percent(50))
  }

  @Test func `a third cluster with traffic makes it no split of two`() throws {
    let shop = try route(["runtime": "s", "blue": "b", "green": "g"])
    let failure = #expect(throws: Failure.self) {
      try WeightedClusters(weights: ["b": 1, "g": 1, "c": 1]).green(of: shop)
    }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.contains("sends traffic to c") == true)
  }

  @Test func `what is no configuration has no splits`() throws {
    for text in ["[]", "{}", #"{"weighted_clusters": 5}"#, #"{"weighted_clusters": {"clusters": [{"weight": 1}]}}"#] {
      #expect(try splits(text) == [])
    }
  }
}
