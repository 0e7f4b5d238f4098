import Foundation
import PipelineModel
import PluginKit

/// One change of a route configuration, made wherever the route's two clusters share; all else stays as it is.
enum EnvoyEdit: Hashable, Sendable {
  case weights(green: Weight)
  /// A route before each split, for requests with the header; `nil` takes them away.
  case header(HeaderRoute?)
  /// Copies of this share of the requests to the slot.
  case mirror(Weight, to: Slot)

  /// What the route before a split is called.
  static func headerName(_ route: EnvoyRoute) -> String { "headgate-header \(route.blue) \(route.green)" }

  func applied(to node: Any, of route: EnvoyRoute) -> Any {
    switch node {
    case let map as [String: Any]:
      var map = map.mapValues { applied(to: $0, of: route) }
      if EnvoyJSON.isSplit(map, of: route) { map = edited(map, of: route) }
      if case .header(let rule) = self, let routes = map["routes"] as? [Any] {
        map["routes"] = Self.routes(routes, rule, of: route)
      }
      return map
    case let list as [Any]: return list.map { applied(to: $0, of: route) }
    default: return node
    }
  }

  /// - Parameter action: what Envoy calls a route action, with the split in it.
  private func edited(_ action: [String: Any], of route: EnvoyRoute) -> [String: Any] {
    switch self {
    case .weights(let green):
      let weights = [route.blue: 10_000 - green.basisPoints, route.green: green.basisPoints]
      var action = action
      action["weighted_clusters"] = Self.setting(weights, in: action["weighted_clusters"] as? [String: Any] ?? [:])
      return action
    case .mirror(let share, let slot): return Self.mirroring(action, share, to: route.cluster(slot), of: route)
    case .header: return action
    }
  }

  private static func setting(_ weights: [String: Int], in split: [String: Any]) -> [String: Any] {
    var split = split
    split["clusters"] = (split["clusters"] as? [Any] ?? []).map { cluster -> Any in
      guard var cluster = cluster as? [String: Any], let name = cluster["name"] as? String, let weight = weights[name]
      else { return cluster }
      cluster["weight"] = weight
      return cluster
    }
    // Older files may have it; with weights that do not make it up, Envoy refuses the file.
    if split["total_weight"] != nil { split["total_weight"] = 10_000 }
    return split
  }

  private static func mirroring(_ action: [String: Any], _ share: Weight, to cluster: String, of route: EnvoyRoute)
    -> [String: Any]
  {
    var action = action
    var policies = (action["request_mirror_policies"] as? [[String: Any]] ?? []).filter {
      $0["cluster"] as? String != route.blue && $0["cluster"] as? String != route.green
    }
    if share > .none {
      let fraction: [String: Any] = ["numerator": share.basisPoints, "denominator": "TEN_THOUSAND"]
      policies.append(["cluster": cluster, "runtime_fraction": ["default_value": fraction]])
    }
    action["request_mirror_policies"] = policies.isEmpty ? nil : policies
    return action
  }

  private static func routes(_ routes: [Any], _ rule: HeaderRoute?, of route: EnvoyRoute) -> [Any] {
    let others = routes.filter { ($0 as? [String: Any])?["name"] as? String != headerName(route) }
    guard let rule else { return others }
    return others.flatMap { entry -> [Any] in
      guard let map = entry as? [String: Any], let action = map["route"] as? [String: Any],
        EnvoyJSON.isSplit(action, of: route)
      else { return [entry] }
      return [headerRoute(before: map, action, rule, route), entry]
    }
  }

  private static func headerRoute(
    before entry: [String: Any], _ action: [String: Any], _ rule: HeaderRoute, _ route: EnvoyRoute
  ) -> [String: Any] {
    var (entry, action) = (entry, action)
    action["weighted_clusters"] = nil
    action["request_mirror_policies"] = nil
    action["cluster"] = route.cluster(rule.slot)
    var match = entry["match"] as? [String: Any] ?? [:]
    let matcher: [String: Any] = ["name": rule.header, "string_match": ["exact": rule.value]]
    match["headers"] = (match["headers"] as? [Any] ?? []) + [matcher]
    entry["match"] = match
    entry["route"] = action
    entry["name"] = headerName(route)
    return entry
  }
}

/// What a route configuration does beside its split.
struct EnvoyExtras {
  private let json: JSON

  init(_ configuration: EnvoyDump.Configuration) {
    json = (try? JSONDecoder().decode(JSON.self, from: configuration.text)) ?? .null
  }

  func header(of route: EnvoyRoute) -> HeaderRoute? {
    let entry = Self.objects(in: json).first { $0["name"]?.text == EnvoyEdit.headerName(route) }
    guard let entry, let matcher = entry["match"]?["headers"]?.list?.last, let header = matcher["name"]?.text,
      let value = matcher["string_match"]?["exact"]?.text, let cluster = entry["route"]?["cluster"]?.text,
      let slot = Slot.allCases.first(where: { route.cluster($0) == cluster })
    else { return nil }
    return HeaderRoute(header: header, value: value, slot: slot)
  }

  func mirror(to slot: Slot, of route: EnvoyRoute) -> Weight {
    let policies = Self.objects(in: json).flatMap { $0["request_mirror_policies"]?.list ?? [] }
    guard let policy = policies.first(where: { $0["cluster"]?.text == route.cluster(slot) }) else { return .none }
    guard let fraction = policy["runtime_fraction"]?["default_value"] else { return .all }
    let numerator = fraction["numerator"]?.integer ?? 0
    switch fraction["denominator"]?.text {
    case "TEN_THOUSAND": return Weight(basisPoints: numerator)
    case "MILLION": return Weight(basisPoints: numerator / 100)
    default: return Weight(basisPoints: numerator * 100)
    }
  }

  /// Every object in it, the outer ones first.
  private static func objects(in json: JSON) -> [JSON] {
    switch json {
    case .object(let members): [json] + members.sorted { $0.key < $1.key }.flatMap { objects(in: $0.value) }
    case .list(let list): list.flatMap { objects(in: $0) }
    default: []
    }
  }
}
