import PipelineModel
import PluginKit

/// Moves traffic by the weights of Envoy's weighted clusters.
///
/// Envoy takes a weight for a cluster that it does not know, and answers its requests with 503; and it takes a value for a
/// runtime key that no route reads. So both are asked for first. What was set in the runtime is gone when Envoy is
/// started anew, which the next reading shows; what is in a file stays.
struct EnvoyRouter: TrafficRouter {
  var name: String
  var admin: EnvoyAdmin
  var routes: [String: EnvoyRoute]
  /// Longest until Envoy runs what is in a changed file.
  var patience: Interval
  /// Several routes may share a file.
  var turn = Turn()

  func setWeight(_ change: WeightChange) async throws(Failure) {
    let attempt = "could not set the weight of \(name)/\(change.route) to \(change.weight)"
    let route = try route(change.route)
    guard (0...10_000).contains(change.weight.basisPoints) else {
      throw Failure(.rejected, "\(attempt): a weight is from 0% to 100%")
    }
    let green = change.candidate == .green ? change.weight : Weight(basisPoints: 10_000 - change.weight.basisPoints)
    do throws(Failure) {
      try await checkClusters(of: route)
      switch route.way {
      case .runtime(let prefix): try await set(green, route, prefix)
      case .file(let file, let configuration):
        try await turn.take { () async throws(Failure) in
          let running = try await self.change(route, file, configuration, by: .weights(green: green))
          guard try Self.green(in: running, of: route) == green else {
            throw Failure(.transient, "envoy runs the new routes, and they give something else")
          }
        }
      }
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let found = try self.route(route)
    do throws(Failure) {
      // Where neither has a weight the candidate has nothing, and who looks for lost weights will see that.
      guard let green = try await green(of: found) else { return .none }
      return candidate == .green ? green : Weight(basisPoints: 10_000 - green.basisPoints)
    } catch {
      throw error.told("could not read the weight of \(name)/\(route): \(error.message)")
    }
  }

  func route(_ route: String) throws(Failure) -> EnvoyRoute {
    if let found = routes[route] { return found }
    let known = routes.keys.sorted().joined(separator: ", ")
    throw Failure(.rejected, "router \(name) has no route \"\(route)\"; it has \(known.isEmpty ? "none" : known)")
  }

  func checkClusters(of route: EnvoyRoute) async throws(Failure) {
    let known = try await admin.clusters()
    for cluster in [route.blue, route.green] where !known.contains(cluster) {
      try await admin.checkLive()
      let names = known.sorted().joined(separator: ", ").excerpt(200)
      throw Failure(
        .misconfigured, "envoy has no cluster \"\(cluster.excerpt(60))\"; it has \(names.isEmpty ? "none" : names)")
    }
  }

  private func green(of route: EnvoyRoute) async throws(Failure) -> Weight? {
    switch route.way {
    case .runtime(let prefix): return try await green(of: route, prefix)
    case .file(let file, let configuration):
      return try Self.green(in: try await running(route, file, configuration), of: route)
    }
  }

  static func noSplit(_ route: EnvoyRoute, _ place: String) -> Failure {
    Failure(.misconfigured, "no route of envoy splits between \(route.blue) and \(route.green) \(place)")
  }
}
