import PipelineModel
import PluginKit

/// Moves traffic by how often each slot's address is among the upstreams of a handler of Caddy's.
///
/// A change is made on condition that nobody else has changed the configuration since it was read, and tried again with
/// what it is then. Caddy forgets it when it is given its file again or started anew, which the next reading shows.
struct CaddyRouter: TrafficRouter {
  var name: String
  var admin: CaddyAdmin
  var routes: [String: CaddyRoute]

  /// Tries to change a configuration that somebody else changes all the time.
  private static let tries = 8

  func setWeight(_ change: WeightChange) async throws(Failure) {
    let attempt = "could not set the weight of \(name)/\(change.route) to \(change.weight)"
    let route = try route(change.route)
    do throws(Failure) {
      try Self.check(change.weight)
      let asked = CaddyRoute.nearest(to: change.weight)
      try await set(asked, for: change.candidate, route)
      guard let found = try await admin.configuration().split(route).share,
        Self.share(found, of: change.candidate) == asked
      else { throw Failure(.transient, "caddy took it, and runs something else by now") }
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let found = try self.route(route)
    do throws(Failure) {
      // Without an upstream the candidate has nothing, and who looks for lost weights will see that.
      guard let green = try await admin.configuration().split(found).share else { return .none }
      return Self.share(green, of: candidate)
    } catch {
      throw error.told("could not read the weight of \(name)/\(route): \(error.message)")
    }
  }

  func nearest(to weight: Weight, on route: String) -> Weight { CaddyRoute.nearest(to: weight) }

  private func set(_ weight: Weight, for candidate: Slot, _ route: CaddyRoute) async throws(Failure) {
    let green = Self.share(weight, of: candidate)
    try await make { now throws(Failure) in
      if try now.split(route).share == green { return nil }
      return CaddyAdmin.Change(id: route.id, path: "/upstreams", content: try now.upstreams(route, green: green))
    }
  }

  /// Makes what is asked for of the configuration as it is, and anew of what it is by then where somebody was quicker.
  ///
  /// - Parameter change: `nil` where there is nothing to change.
  func make(_ change: (CaddyConfiguration) throws(Failure) -> CaddyAdmin.Change?) async throws(Failure) {
    var last: CaddyConfiguration?
    for _ in 1...Self.tries {
      let now = try await admin.configuration()
      // Refused, though it is what it was: this Caddy hashes otherwise.
      if let last, last.body == now.body { admin.hashOtherwise() }
      guard let wanted = try change(now) else { return }
      switch try await admin.make(wanted, ifStill: now) {
      case .done: return
      case .changed: last = now
      }
    }
    throw Failure(.transient, "somebody else changed caddy's configuration in between, \(Self.tries) times")
  }

  private static func check(_ weight: Weight) throws(Failure) {
    guard (0...10_000).contains(weight.basisPoints) else {
      throw Failure(.rejected, "a weight is from 0% to 100%")
    }
    let real = CaddyRoute.nearest(to: weight)
    guard real == weight || (real != .none && real != .all) else {
      throw Failure(.rejected, "a list of \(CaddyRoute.longest) upstreams gives no share that small")
    }
  }

  /// The share of green when the slot has `weight`, and the other way round.
  private static func share(_ weight: Weight, of slot: Slot) -> Weight {
    slot == .green ? weight : Weight(basisPoints: 10_000 - weight.basisPoints)
  }

  func route(_ route: String) throws(Failure) -> CaddyRoute {
    if let found = routes[route] { return found }
    let known = routes.keys.sorted().joined(separator: ", ")
    throw Failure(.rejected, "router \(name) has no route \"\(route)\"; it has \(known.isEmpty ? "none" : known)")
  }
}
