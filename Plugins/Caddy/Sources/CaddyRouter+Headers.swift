import PipelineModel
import PluginKit

extension CaddyRouter: HeaderRouter {
  func setHeaderRoute(_ change: HeaderRouteChange) async throws(Failure) {
    let attempt = "could not route by header on \(name)/\(change.route)"
    do throws(Failure) {
      if let refusal = change.rule.flatMap(Self.refusal) { throw Failure(.rejected, refusal) }
      let route = try route(change.route)
      try await make { now throws(Failure) in
        if try now.headerRoute(route) == change.rule { return nil }
        return CaddyAdmin.Change(
          id: route.headers ?? "", path: "", content: try now.headerRoute(route, changedTo: change.rule))
      }
      guard try await admin.configuration().headerRoute(route) == change.rule else {
        throw Failure(.transient, "caddy took it, and runs something else by now")
      }
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  func headerRoute(on route: String) async throws(Failure) -> HeaderRoute? {
    do throws(Failure) {
      return try await admin.configuration().headerRoute(try self.route(route))
    } catch {
      throw error.told("could not read the header route of \(name)/\(route): \(error.message)")
    }
  }

  /// Caddy reads `*` at the ends of a value, and `{…}` in it, as something else.
  private static func refusal(of rule: HeaderRoute) -> String? {
    if let refusal = rule.refusal { return refusal }
    guard rule.value.hasPrefix("*") || rule.value.hasSuffix("*") || rule.value.contains("{") else { return nil }
    return "caddy takes `*` at the ends of a header's value, and `{`, for more than they are"
  }
}
