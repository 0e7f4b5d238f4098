package import PipelineModel

/// A router that can send requests with a certain header to one slot, so that people can try a version before it has any
/// share. Routers with the capability `headerRoute` are this, too.
package protocol HeaderRouter: TrafficRouter {
  /// Sends requests whose header has exactly the value to the slot, whatever the weights are; `nil` takes the rule away.
  ///
  /// A route has one such rule at most; another one takes its place. Changes of the weight leave it. True on return: the
  /// router has been asked what it does now, and it does this. Twice is harmless.
  /// - Throws: `Failure`; `rejected` where a route of this kind cannot.
  func setHeaderRoute(_ change: HeaderRouteChange) async throws(Failure)

  /// The rule as the router has it now.
  func headerRoute(on route: String) async throws(Failure) -> HeaderRoute?
}

/// Requests with a header, and the slot they go to.
package struct HeaderRoute: Hashable, Sendable {
  package var header: String
  /// The header's whole value.
  package var value: String
  package var slot: Slot

  package init(header: String, value: String, slot: Slot) {
    self.header = header
    self.value = value
    self.slot = slot
  }

  /// Why no router can be asked for it; `nil` when it can.
  package var refusal: String? { HeaderMatch(header: header, value: value).refusal }
}

package struct HeaderRouteChange: Hashable, Sendable {
  /// The part of `router/route` behind the slash.
  package var route: String
  package var rule: HeaderRoute?
  /// The same for every try of the same change.
  package var key: String

  package init(route: String, rule: HeaderRoute?, key: String) {
    self.route = route
    self.rule = rule
    self.key = key
  }
}
