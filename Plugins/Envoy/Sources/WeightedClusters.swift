import Foundation
import PipelineModel
import PluginKit

/// The `weighted_clusters` of one of Envoy's routes.
struct WeightedClusters: Hashable, Sendable {
  var prefix: String?
  var weights: [String: Int]

  init(prefix: String? = nil, weights: [String: Int]) {
    self.prefix = prefix
    self.weights = weights
  }

  init?(_ node: Any) {
    guard let map = node as? [String: Any], let clusters = map["clusters"] as? [Any] else { return nil }
    prefix = map["runtime_key_prefix"] as? String
    weights = [:]
    for case let cluster as [String: Any] in clusters {
      guard let name = cluster["name"] as? String else { return nil }
      // Envoy leaves out what is 0.
      let weight = (cluster["weight"] as? NSNumber)?.intValue ?? 0
      // Envoy's own limit; what is beyond it is not from Envoy.
      guard 0...Int(UInt32.max) ~= weight else { return nil }
      weights[name, default: 0] += weight
    }
  }

  /// Whether it splits between the route's two clusters.
  func splits(_ route: EnvoyRoute) -> Bool { weights[route.blue] != nil && weights[route.green] != nil }

  /// Share of green among the two; `nil` when neither has a weight, and nobody is served.
  ///
  /// - Throws: `misconfigured` when a third cluster has a weight.
  func green(of route: EnvoyRoute) throws(Failure) -> Weight? {
    let third = weights.filter { $0.key != route.blue && $0.key != route.green && $0.value > 0 }.keys.min()
    if let third {
      throw Failure(
        .misconfigured, "the route also sends traffic to \(third.excerpt(60)), so no two slots can share all of it")
    }
    let (blue, green) = (weights[route.blue] ?? 0, weights[route.green] ?? 0)
    guard blue + green > 0 else { return nil }
    return Weight(basisPoints: Int((Double(green) / Double(blue + green) * 10_000).rounded()))
  }
}

/// Envoy's configuration in JSON, as its files and its admin interface have it.
enum EnvoyJSON {
  /// Every `weighted_clusters` in it.
  static func splits(in node: Any) -> [WeightedClusters] {
    switch node {
    case let map as [String: Any]:
      let own = map["weighted_clusters"].flatMap { WeightedClusters($0) }.map { [$0] } ?? []
      return own + map.sorted { $0.key < $1.key }.flatMap { splits(in: $0.value) }
    case let list as [Any]: return list.flatMap { splits(in: $0) }
    default: return []
    }
  }

  /// Whether a route action splits between the route's two clusters.
  static func isSplit(_ action: [String: Any], of route: EnvoyRoute) -> Bool {
    action["weighted_clusters"].flatMap { WeightedClusters($0) }?.splits(route) == true
  }

  static func text(of node: Any) throws -> String {
    let data = try JSONSerialization.data(
      withJSONObject: node, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}
