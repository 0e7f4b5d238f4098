import PipelineModel
import PluginKit

extension NginxRouter: HeaderRouter, MirroringRouter {
  func setHeaderRoute(_ change: HeaderRouteChange) async throws(Failure) {
    let attempt = "could not change the header route of \(name)/\(change.route)"
    let route = try variableRoute(change.route, attempt)
    if let refusal = change.rule?.refusal { throw Failure(.rejected, "\(attempt): \(refusal)") }
    try await edit(route, change.route, attempt) { $0.header = change.rule }
  }

  func headerRoute(on route: String) async throws(Failure) -> HeaderRoute? {
    try await wish(route, "could not read the header route of \(name)/\(route)").header
  }

  func setMirror(_ change: WeightChange) async throws(Failure) {
    let attempt = "could not set the mirror of \(name)/\(change.route) to \(change.weight)"
    let route = try variableRoute(change.route, attempt)
    guard (0...10_000).contains(change.weight.basisPoints) else {
      throw Failure(.rejected, "\(attempt): a share is from 0% to 100%")
    }
    try await edit(route, change.route, attempt) {
      $0.mirror = change.weight == .none ? nil : NginxWish.Mirror(share: change.weight, slot: change.candidate)
    }
  }

  func mirror(to candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let mirror = try await wish(route, "could not read the mirror of \(name)/\(route)").mirror
    return mirror?.slot == candidate ? mirror?.share ?? .none : .none
  }

  private func wish(_ route: String, _ attempt: String) async throws(Failure) -> NginxWish {
    _ = try self.route(route)
    do throws(Failure) {
      return try await status.running(route).wish
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  private func variableRoute(_ route: String, _ attempt: String) throws(Failure) -> NginxRoute {
    let found = try self.route(route)
    guard case .clients = found.split else {
      throw Failure(.rejected, "\(attempt): an upstream has weights only; use a route with `variable`")
    }
    return found
  }
}
