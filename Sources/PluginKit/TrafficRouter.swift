package import PipelineModel

/// Splits the traffic of a route between its two slots.
package protocol TrafficRouter: Sendable {
  /// Gives the candidate's slot its share and the other slot the rest.
  ///
  /// True on return: the router has been asked what it does now, and it does this. Twice is harmless.
  /// - Throws: `Failure`; the split is then unknown, and the caller asks again or reads back.
  func setWeight(_ change: WeightChange) async throws(Failure)

  /// The candidate's share as the router has it now, to the nearest share it can express.
  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight

  /// The candidate's share where it is not the one the route gives when asked for `wanted`; `nil` where it is.
  ///
  /// A route of several rules may give several shares at once, and has none for `weight(of:on:)` to tell; this is the first
  /// that is not wanted, so that no difference is taken for a router that cannot be asked.
  func drift(from wanted: Weight, of candidate: Slot, on route: String) async throws(Failure) -> Weight?

  /// The share the route really gives when asked for `weight`, where its own steps are coarser than a basis point.
  func nearest(to weight: Weight, on route: String) -> Weight
}

extension TrafficRouter {
  package func nearest(to weight: Weight, on route: String) -> Weight { weight }

  package func drift(from wanted: Weight, of candidate: Slot, on route: String) async throws(Failure) -> Weight? {
    let found = try await weight(of: candidate, on: route)
    return found == nearest(to: wanted, on: route) ? nil : found
  }
}

extension TrafficRouter {
  /// The router as one that mirrors; `misconfigured` where it is none.
  package func mirroring(on route: String) throws(Failure) -> any MirroringRouter {
    if let router = self as? any MirroringRouter { return router }
    throw Failure(.misconfigured, "the router of \(route) cannot send copies of requests")
  }

  /// The router as one that routes by a header; `misconfigured` where it is none.
  package func routingByHeader(on route: String) throws(Failure) -> any HeaderRouter {
    if let router = self as? any HeaderRouter { return router }
    throw Failure(.misconfigured, "the router of \(route) cannot route by a header")
  }
}

package struct WeightChange: Hashable, Sendable {
  /// The part of `router/route` behind the slash.
  package var route: String
  package var candidate: Slot
  package var weight: Weight
  /// The same for every try of the same change.
  package var key: String

  package init(route: String, candidate: Slot, weight: Weight, key: String) {
    self.route = route
    self.candidate = candidate
    self.weight = weight
    self.key = key
  }
}
