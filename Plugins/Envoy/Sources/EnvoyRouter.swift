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
        try await turn.take { () async throws(Failure) in try await set(green, route, file, configuration) }
      }
    } catch {
      throw Failure(error.kind, "\(attempt): \(error.message)")
    }
  }

  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let found = try self.route(route)
    do throws(Failure) {
      // Where neither has a weight the candidate has nothing, and who looks for lost weights will see that.
      guard let green = try await green(of: found) else { return .none }
      return candidate == .green ? green : Weight(basisPoints: 10_000 - green.basisPoints)
    } catch {
      throw Failure(error.kind, "could not read the weight of \(name)/\(route): \(error.message)")
    }
  }

  private func route(_ route: String) throws(Failure) -> EnvoyRoute {
    if let found = routes[route] { return found }
    let known = routes.keys.sorted().joined(separator: ", ")
    throw Failure(.rejected, "router \(name) has no route \"\(route)\"; it has \(known.isEmpty ? "none" : known)")
  }

  private func checkClusters(of route: EnvoyRoute) async throws(Failure) {
    let known = try await admin.clusters()
    for cluster in [route.blue, route.green] where !known.contains(cluster) {
      let names = known.sorted().joined(separator: ", ").excerpt(200)
      throw Failure(
        .misconfigured, "envoy has no cluster \"\(cluster.excerpt(60))\"; it has \(names.isEmpty ? "none" : names)")
    }
  }

  private func green(of route: EnvoyRoute) async throws(Failure) -> Weight? {
    switch route.way {
    case .runtime(let prefix): return try await green(of: route, prefix)
    case .file(let file, let configuration):
      let named = try name(of: configuration, in: file, route)
      guard let running = try await admin.configuration(named) else {
        throw Self.notRun(named, file)
      }
      guard let split = running.splits.first(where: { $0.splits(route) }) else { throw Self.noSplit(route, "there") }
      return try split.green(of: route)
    }
  }

  private func name(of configuration: String?, in file: WholeFile, _ route: EnvoyRoute) throws(Failure) -> String {
    if let configuration { return configuration }
    return try EnvoyRouteFile(file, configuration: nil, route: route, green: .none).configuration
  }

  private static func notRun(_ configuration: String, _ file: WholeFile) -> Failure {
    Failure(
      .misconfigured, "envoy runs no route configuration \"\(configuration.excerpt(60))\"; does it read \(file.path)?")
  }

  private static func noSplit(_ route: EnvoyRoute, _ place: String) -> Failure {
    Failure(.misconfigured, "no route of envoy splits between \(route.blue) and \(route.green) \(place)")
  }
}

extension EnvoyRouter {
  private func set(_ green: Weight, _ route: EnvoyRoute, _ prefix: String) async throws(Failure) {
    // Also tells whether any route reads these keys.
    _ = try await self.green(of: route, prefix)
    try await admin.modify([
      "\(prefix).\(route.blue)": 10_000 - green.basisPoints, "\(prefix).\(route.green)": green.basisPoints,
    ])
    let found = try await self.green(of: route, prefix)
    guard found == green else {
      let given = found?.description ?? "no cluster any weight"
      throw Failure(.transient, "envoy took it, and gives \(given) to slot green")
    }
  }

  /// The runtime's values stand over those of the configuration.
  private func green(of route: EnvoyRoute, _ prefix: String) async throws(Failure) -> Weight? {
    let splits = try await admin.splits().filter { $0.prefix == prefix && $0.splits(route) }
    guard var split = splits.first else {
      throw Self.noSplit(route, "with the runtime_key_prefix \"\(prefix.excerpt(60))\"")
    }
    let runtime = try await admin.runtime()
    for name in split.weights.keys { split.weights[name] = runtime["\(prefix).\(name)"] ?? split.weights[name] }
    return try split.green(of: route)
  }
}

extension EnvoyRouter {
  private func set(
    _ green: Weight, _ route: EnvoyRoute, _ file: WholeFile, _ configuration: String?
  ) async throws(Failure) {
    let change = try EnvoyRouteFile(file, configuration: configuration, route: route, green: green)
    let refusals = try await admin.refusals(of: change.configuration)
    guard let running = try await admin.configuration(change.configuration) else {
      throw Self.notRun(change.configuration, file)
    }
    if change.old != change.new || running.version != change.version { try file.replace(with: change.new) }
    do throws(Failure) {
      try await confirm(green, route, change, refusals)
    } catch {
      // What it refuses must not be found by an Envoy that is started later.
      if error.kind == .rejected { try file.replace(with: change.old) }
      throw error
    }
  }

  private func confirm(_ green: Weight, _ route: EnvoyRoute, _ change: EnvoyRouteFile, _ refusals: Int)
    async throws(Failure)
  {
    let end = ContinuousClock.now + .milliseconds(patience.milliseconds)
    while true {
      let running = try await admin.configuration(change.configuration)
      if running?.version == change.version {
        guard let split = running?.splits.first(where: { $0.splits(route) }), try split.green(of: route) == green else {
          throw Failure(.transient, "envoy runs the new routes, and they give something else")
        }
        return
      }
      guard try await admin.refusals(of: change.configuration) == refusals else {
        throw Failure(.rejected, "envoy refuses the routes with it; its log says why")
      }
      guard ContinuousClock.now < end, !Task.isCancelled else {
        throw Failure(
          .transient,
          "the file is changed, and after \(patience) envoy still runs its routes of before; does it watch the folder?")
      }
      try? await Task.sleep(for: .milliseconds(20))
    }
  }
}
