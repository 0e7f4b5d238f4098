import KubernetesClient
import PipelineModel
import PluginKit

extension KubernetesRouter: HeaderRouter, MirroringRouter {
  func setHeaderRoute(_ change: HeaderRouteChange) async throws(Failure) {
    let attempt = "could not change the header route of \(name)/\(change.route)"
    if let refusal = change.rule?.refusal { throw Failure(.rejected, "\(attempt): \(refusal)") }
    try await edit(change.route, attempt, needsRefs: change.rule != nil) { rules, route throws(Failure) in
      try rules.setting(header: change.rule, of: route)
    } isSo: { rules, route throws(Failure) in
      try rules.headers(of: route).allSatisfy { $0 == change.rule }
    } undo: { rules, route throws(Failure) in
      try rules.setting(header: nil, of: route)
    }
  }

  func headerRoute(on route: String) async throws(Failure) -> HeaderRoute? {
    let found = try self.route(route)
    do throws(Failure) {
      return try RouteRules(try await read(found)).header(of: found)
    } catch {
      throw error.told("could not read the header route of \(name)/\(route): \(error.message)")
    }
  }

  func setMirror(_ change: WeightChange) async throws(Failure) {
    let attempt = "could not set the mirror of \(name)/\(change.route) to \(change.weight)"
    guard (0...10_000).contains(change.weight.basisPoints) else {
      throw Failure(.rejected, "\(attempt): a share is from 0% to 100%")
    }
    try await edit(change.route, attempt, needsRefs: change.weight > .none) { rules, route throws(Failure) in
      try rules.setting(mirror: change.weight, to: change.candidate, of: route)
    } isSo: { rules, route throws(Failure) in
      try rules.mirrors(to: change.candidate, of: route).allSatisfy { $0 == change.weight }
    } undo: { rules, route throws(Failure) in
      try rules.setting(mirror: .none, to: change.candidate, of: route)
    }
  }

  func mirror(to candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let found = try self.route(route)
    do throws(Failure) {
      return try RouteRules(try await read(found)).mirror(to: candidate, of: found)
    } catch {
      throw error.told("could not read the mirror of \(name)/\(route): \(error.message)")
    }
  }

  /// - Parameters:
  ///   - isSo: whether rules, as the API server keeps them, mean what was asked.
  ///   - undo: what is done when they do not.
  private func edit(
    _ route: String, _ attempt: String, needsRefs: Bool,
    _ edit: @Sendable (RouteRules, KubernetesRoute) throws(Failure) -> [JSON],
    isSo: @escaping @Sendable (RouteRules, KubernetesRoute) throws(Failure) -> Bool,
    undo: @Sendable (RouteRules, KubernetesRoute) throws(Failure) -> [JSON]
  ) async throws(Failure) {
    let found = try self.route(route)
    do throws(Failure) {
      let object = try await change(found) { rules throws(Failure) in try edit(rules, found) }
      guard try isSo(RouteRules(object), found) else {
        // A share of copies that an older API drops means copies of everything.
        _ = try await change(found) { rules throws(Failure) in try undo(rules, found) }
        throw Failure(
          .rejected,
          "the API server keeps something else of it, as one does whose Gateway API is older, so it is taken out again")
      }
      try await confirm(object, found, needsRefs: needsRefs) { seen throws(Failure) in try isSo(seen, found) }
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }
}
