import PipelineModel
import PluginKit

/// Requests with a header go by a rule of their own, which stands before the one that splits.
extension ALBRouter: HeaderRouter {
  /// Of the condition `http-header`.
  static let headerLimits = HeaderLimits(name: 40, value: 128, except: ["host"])

  func setHeaderRoute(_ change: HeaderRouteChange) async throws(Failure) {
    let attempt = "could not route by header on \(name)/\(change.route)"
    do throws(Failure) {
      if let refusal = change.rule.flatMap(Self.refusal) { throw Failure(.rejected, refusal) }
      let route = try route(change.route)
      let found = try await rules(route, change.route)
      if let rule = change.rule {
        try await put(try found.wanted(rule), over: found, change)
      } else {
        for rule in found.own { try await client.delete(rule) }
      }
      let now = try await rules(route, change.route)
      guard change.rule == nil ? now.own.isEmpty : try now.current() == change.rule else {
        throw Failure(.transient, "AWS took it, and has something else by now")
      }
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  func headerRoute(on route: String) async throws(Failure) -> HeaderRoute? {
    do throws(Failure) {
      return try await rules(try self.route(route), route).current()
    } catch {
      throw error.told("could not read the header route of \(name)/\(route): \(error.message)")
    }
  }

  /// Rules of ours with another priority are from before the configuration was changed, or were moved by somebody.
  private func put(_ wanted: HeaderRules.Wanted, over found: HeaderRules, _ change: HeaderRouteChange)
    async throws(Failure)
  {
    if try found.current() == change.rule { return }
    if let own = found.own.first(where: { $0.priority == wanted.priority }) {
      try await client.change(own, to: wanted)
    } else {
      try await client.create(wanted, at: found.route.place.listener, named: "\(name)/\(change.route)")
    }
    for stale in found.own where stale.priority != wanted.priority { try await client.delete(stale) }
  }

  private func rules(_ route: ALBRoute, _ name: String) async throws(Failure) -> HeaderRules {
    try await client.headerRules(of: route, named: "\(self.name)/\(name)")
  }

  private static func refusal(of rule: HeaderRoute) -> String? {
    rule.refusal ?? headerLimits.refusal(of: HeaderMatch(header: rule.header, value: rule.value))
  }
}
