/// Number of a run in its store: 1, 2, 3 … People say "run 41".
@usableFromInline
package struct RunID: Hashable, Comparable, Sendable, CustomStringConvertible {
  @usableFromInline package var number: Int64
  @inlinable package init(_ number: Int64) { self.number = number }
  @inlinable package static func < (a: RunID, b: RunID) -> Bool { a.number < b.number }
  @usableFromInline package var description: String { "\(number)" }
}

/// Number of an effect in its run: 1, 2, 3 … Stable over restarts, since a fold of the same facts gives the same numbers.
@usableFromInline
package struct EffectID: Hashable, Comparable, Sendable, CustomStringConvertible {
  @usableFromInline package var number: Int
  @inlinable package init(_ number: Int) { self.number = number }
  @inlinable package static func < (a: EffectID, b: EffectID) -> Bool { a.number < b.number }
  @usableFromInline package var description: String { "\(number)" }
}

/// A route of a router, written `router/route`, for example `edge/checkout`.
package struct RouteName: Hashable, Sendable, CustomStringConvertible {
  package var router: String
  package var route: String
  package init(router: String, route: String) {
    self.router = router
    self.route = route
  }
  /// `edge/checkout`; of a flag `flag new-checkout`.
  package var description: String { isFlag ? "flag \(route)" : "\(router)/\(route)" }
}

/// One of the two places a route can send traffic to. One slot is live; a run brings its version up in the other.
package enum Slot: String, Hashable, Sendable, CaseIterable {
  case blue, green
  package var other: Slot { self == .blue ? .green : .blue }
}

/// What a run changes: one service in one environment. At most one run is in flight for each.
package struct Target: Hashable, Sendable, CustomStringConvertible {
  package var service: String
  package var environment: String
  package init(service: String, environment: String) {
    self.service = service
    self.environment = environment
  }
  package var description: String { "\(service) in \(environment)" }
}
