import PipelineModel
import PluginKit

extension EnvoyRouter: HeaderRouter, MirroringRouter {
  func setHeaderRoute(_ change: HeaderRouteChange) async throws(Failure) {
    let attempt = "could not change the header route of \(name)/\(change.route)"
    if let refusal = change.rule?.refusal { throw Failure(.rejected, "\(attempt): \(refusal)") }
    try await edit(.header(change.rule), change.route, attempt) { $0.header(of: $1) == change.rule }
  }

  func headerRoute(on route: String) async throws(Failure) -> HeaderRoute? {
    let (found, extras) = try await extras(of: route, "could not read the header route of \(name)/\(route)")
    return extras.header(of: found)
  }

  func setMirror(_ change: WeightChange) async throws(Failure) {
    let attempt = "could not set the mirror of \(name)/\(change.route) to \(change.weight)"
    guard (0...10_000).contains(change.weight.basisPoints) else {
      throw Failure(.rejected, "\(attempt): a share is from 0% to 100%")
    }
    try await edit(.mirror(change.weight, to: change.candidate), change.route, attempt) {
      $0.mirror(to: change.candidate, of: $1) == change.weight
    }
  }

  func mirror(to candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let (found, extras) = try await extras(of: route, "could not read the mirror of \(name)/\(route)")
    return extras.mirror(to: candidate, of: found)
  }

  private func edit(
    _ edit: EnvoyEdit, _ route: String, _ attempt: String,
    until isDone: @escaping @Sendable (EnvoyExtras, EnvoyRoute) -> Bool
  ) async throws(Failure) {
    let found = try self.route(route)
    do throws(Failure) {
      let (file, configuration) = try Self.file(of: found)
      try await checkClusters(of: found)
      try await turn.take { () async throws(Failure) in
        let running = try await change(found, file, configuration, by: edit)
        guard isDone(EnvoyExtras(running), found) else {
          throw Failure(.transient, "envoy runs the new routes, and they do something else")
        }
      }
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  private func extras(of route: String, _ attempt: String) async throws(Failure) -> (EnvoyRoute, EnvoyExtras) {
    let found = try self.route(route)
    do throws(Failure) {
      let (file, configuration) = try Self.file(of: found)
      return (found, EnvoyExtras(try await running(found, file, configuration)))
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  private static func file(of route: EnvoyRoute) throws(Failure) -> (WholeFile, String?) {
    switch route.way {
    case .file(let file, let configuration): return (file, configuration)
    case .runtime:
      throw Failure(.rejected, "the runtime has weights only; use a route with `file` for headers and mirrors")
    }
  }
}
