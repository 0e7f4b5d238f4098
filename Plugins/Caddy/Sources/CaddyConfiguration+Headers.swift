import Foundation
import PipelineModel
import PluginKit

/// The route of Caddy's that stands before the one that splits: what it matches goes to one slot, and where there is no
/// rule it matches nothing.
extension CaddyConfiguration {
  /// - Throws: `misconfigured` when there is no such route, or it is another's to match by.
  func headerRoute(_ route: CaddyRoute) throws(Failure) -> HeaderRoute? {
    let found = try object(withID: route.headersID())
    let matchers = found["match"] as? [[String: Any]] ?? []
    if Self.json(matchers) == Self.json(Self.nothing) { return nil }
    guard matchers.count == 1, matchers[0].count == 1, let headers = matchers[0]["header"] as? [String: [String]],
      headers.count == 1, let (name, values) = headers.first, values.count == 1
    else {
      throw Failure(
        .misconfigured,
        "the route with the @id \"\(route.headers ?? "")\" matches by something else; begin it with "
          + #"`"match": [{"not": [{"path": ["*"]}]}]`, which matches nothing"#)
    }
    let dials = Set(try upstreams(ofHandlerIn: found).map { $0["dial"] as? String ?? "" })
    guard dials.count == 1, let slot = Slot.allCases.first(where: { route.address($0) == dials.first }) else {
      throw Failure(.misconfigured, "the route with the @id \"\(route.headers ?? "")\" leads to neither slot")
    }
    return HeaderRoute(header: name, value: values[0], slot: slot)
  }

  /// The whole route that has the rule, in JSON; all else in it stays as it is.
  func headerRoute(_ route: CaddyRoute, changedTo rule: HeaderRoute?) throws(Failure) -> Data {
    var changed = try object(withID: route.headersID())
    changed["match"] = rule.map { [["header": [$0.header: [$0.value]]]] } ?? Self.nothing
    if let rule {
      var handlers = changed["handle"] as? [[String: Any]] ?? []
      _ = try upstreams(ofHandlerIn: changed)
      for index in handlers.indices where handlers[index]["handler"] as? String == "reverse_proxy" {
        handlers[index]["upstreams"] = [["dial": route.address(rule.slot)]]
      }
      changed["handle"] = handlers
    }
    return Self.json(changed)
  }

  private static var nothing: [[String: Any]] { [["not": [["path": ["*"]]]]] }

  /// What was read as JSON can be written as JSON.
  private static func json(_ value: Any) -> Data {
    (try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])) ?? Data()
  }

  private func upstreams(ofHandlerIn route: [String: Any]) throws(Failure) -> [[String: Any]] {
    let handlers = route["handle"] as? [[String: Any]] ?? []
    let proxies = handlers.filter { $0["handler"] as? String == "reverse_proxy" }
    guard proxies.count == 1 else {
      throw Failure(.misconfigured, "the route for headers has \(proxies.count) reverse_proxy handlers; it needs one")
    }
    return proxies[0]["upstreams"] as? [[String: Any]] ?? []
  }
}

extension CaddyRoute {
  /// - Throws: `misconfigured` where the route has none.
  fileprivate func headersID() throws(Failure) -> String {
    if let headers { return headers }
    throw Failure(.rejected, "this route has no `headers`: the @id of a route that stands before it")
  }
}
