import PipelineModel
import PluginKit

/// Moves traffic by the weights of two target groups behind an Application Load Balancer.
///
/// AWS keeps what was set; somebody else's change shows at the next reading. It offers no condition for a change, so of two
/// changes at the same moment the later one stands.
struct ALBRouter: TrafficRouter {
  var name: String
  var client: ELBClient
  var routes: [String: ALBRoute]

  func setWeight(_ change: WeightChange) async throws(Failure) {
    let attempt = "could not set the weight of \(name)/\(change.route) to \(change.weight)"
    let route = try route(change.route)
    do throws(Failure) {
      try Self.check(change.weight)
      let asked = TargetWeights.nearest(to: change.weight)
      let green = Self.share(asked, of: change.candidate)
      let before = try await client.actions(of: route.place)
      // Also tells whether anything else is forwarded to.
      let now = try before.green(of: route)
      // A group is known to the load balancer only while it is named, also with a weight of 0.
      let isNamed = before.weights[route.blue] != nil && before.weights[route.green] != nil
      if now == green, isNamed { return }
      try await client.forward(TargetWeights(green: green), route, as: before)
      let found = try await client.actions(of: route.place).green(of: route)
      guard found == green else {
        let given = found?.description ?? "no group any weight"
        throw Failure(.transient, "AWS took it, and gives \(given) to slot green")
      }
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let found = try self.route(route)
    do throws(Failure) {
      // Where neither has a weight the candidate has nothing, and who looks for lost weights will see that.
      guard let green = try await client.actions(of: found.place).green(of: found) else { return .none }
      return Self.share(green, of: candidate)
    } catch {
      throw error.told("could not read the weight of \(name)/\(route): \(error.message)")
    }
  }

  func nearest(to weight: Weight, on route: String) -> Weight { TargetWeights.nearest(to: weight) }

  private static func check(_ weight: Weight) throws(Failure) {
    guard (0...10_000).contains(weight.basisPoints) else { throw Failure(.rejected, "a weight is from 0% to 100%") }
    let real = TargetWeights.nearest(to: weight)
    guard real == weight || (real != .none && real != .all) else {
      throw Failure(.rejected, "two weights of at most 999 give no share that small")
    }
  }

  /// The share of green when the slot has `weight`, and the other way round.
  private static func share(_ weight: Weight, of slot: Slot) -> Weight {
    slot == .green ? weight : Weight(basisPoints: 10_000 - weight.basisPoints)
  }

  func route(_ route: String) throws(Failure) -> ALBRoute {
    if let found = routes[route] { return found }
    let known = routes.keys.sorted().joined(separator: ", ")
    throw Failure(.rejected, "router \(name) has no route \"\(route)\"; it has \(known.isEmpty ? "none" : known)")
  }
}
