import Foundation
import PipelineModel
import PluginKit

/// Caddy's whole configuration as it runs, with what makes a later change of it conditional on its being the same.
struct CaddyConfiguration: Sendable {
  /// As it came, to the last byte: Caddy's ETag is a hash of it.
  var body: Data

  /// The split of one route.
  struct Split: Hashable, Sendable {
    var blue: Int
    var green: Int

    /// `nil` when there is no upstream, and nobody is served.
    var share: Weight? {
      guard blue + green > 0 else { return nil }
      return Weight(basisPoints: Int((Double(green) / Double(blue + green) * 10_000).rounded()))
    }
  }

  /// - Throws: `misconfigured` when there is no such handler, or it does not split between the route's two addresses.
  func split(_ route: CaddyRoute) throws(Failure) -> Split {
    let upstreams = try upstreams(of: route)
    let dials = upstreams.map { $0["dial"] as? String ?? "" }
    if let third = dials.first(where: { $0 != route.blue && $0 != route.green }) {
      throw Failure(
        .misconfigured, "the handler also sends traffic to \(third.excerpt(60)), so no two slots can share all of it")
    }
    return Split(blue: dials.count { $0 == route.blue }, green: dials.count { $0 == route.green })
  }

  /// The upstreams to set for a share, each as it is now where there is one of its address, in JSON.
  func upstreams(_ route: CaddyRoute, green share: Weight) throws(Failure) -> Data {
    let old = try upstreams(of: route)
    let entries = CaddyRoute.order(for: share).map { slot in
      old.first { $0["dial"] as? String == route.address(slot) } ?? ["dial": route.address(slot)]
    }
    // What was read as JSON can be written as JSON.
    return (try? JSONSerialization.data(withJSONObject: entries, options: [.sortedKeys])) ?? Data()
  }

  private func upstreams(of route: CaddyRoute) throws(Failure) -> [[String: Any]] {
    let found = try object(withID: route.id)
    guard found["handler"] as? String == "reverse_proxy" else {
      throw Failure(.misconfigured, "what has the @id \"\(route.id.excerpt(60))\" is no reverse_proxy handler")
    }
    try Self.checkPolicy(found)
    return found["upstreams"] as? [[String: Any]] ?? []
  }

  /// - Throws: `misconfigured` when there is none of that `@id`, or several are.
  func object(withID id: String) throws(Failure) -> [String: Any] {
    guard let root = try? JSONSerialization.jsonObject(with: body, options: .fragmentsAllowed) else {
      throw Failure(.misconfigured, "what answers there does not answer with JSON, so it is not Caddy")
    }
    let found = Self.objects(id, in: root)
    guard found.count == 1 else {
      throw Failure(
        .misconfigured,
        "caddy has \(found.count) handlers with the @id \"\(id.excerpt(60))\", where one is needed")
    }
    return found[0]
  }

  private static func objects(_ id: String, in node: Any) -> [[String: Any]] {
    switch node {
    case let map as [String: Any]:
      return (map["@id"] as? String == id ? [map] : []) + map.values.flatMap { objects(id, in: $0) }
    case let list as [Any]: return list.flatMap { objects(id, in: $0) }
    default: return []
    }
  }

  /// Only with these does an address that is there three times get three times as much.
  private static func checkPolicy(_ handler: [String: Any]) throws(Failure) {
    let balancing = handler["load_balancing"] as? [String: Any]
    let policy = (balancing?["selection_policy"] as? [String: Any])?["policy"] as? String ?? "random"
    guard ["round_robin", "random"].contains(policy) else {
      throw Failure(
        .misconfigured,
        "the handler's selection policy is \(policy.excerpt(40)), which does not share by the number of upstreams; use "
          + "round_robin")
    }
  }
}

/// How Caddy hashes a configuration for its ETag: it sends the ETag behind the body, where few clients see it, and it is
/// made of the body alone. Versions up to 2.6 use the first, later ones the second.
enum CaddyHash: CaseIterable, Sendable {
  case fnv1a, xxh64

  func text(of bytes: Data) -> String {
    switch self {
    case .fnv1a:
      let hash = bytes.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
      return Self.hex(UInt64(hash), digits: 8)
    case .xxh64: return Self.hex(XXH64.hash(bytes), digits: 16)
    }
  }

  private static func hex(_ number: UInt64, digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
