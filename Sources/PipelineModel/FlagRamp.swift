/// A flag's variant given to rising shares of the people who ask: a canary whose route is a flag.
///
/// The growing variant takes its share from one other, so nobody else moves.
package struct FlagRamp: Hashable, Sendable {
  package var key: String
  package var environment: String
  /// The variant whose share grows.
  package var variant: String
  /// The variant that gives it up.
  package var from: String
  /// Rising shares, at least one.
  package var steps: [Canary.Step]
  /// Judged throughout the stage, pauses included.
  package var background: Gate?

  package init(
    key: String, environment: String, variant: String = "on", from: String = "off", steps: [Canary.Step],
    background: Gate? = nil
  ) {
    self.key = key
    self.environment = environment
    self.variant = variant
    self.from = from
    self.steps = steps
    self.background = background
  }

  package var name: FlagName { FlagName(environment: environment, key: key) }
  package var route: RouteName { .flag(name) }

  /// What the ramp brings, and what was before it: `new-checkout=on`, `new-checkout=off`.
  package var version: String { "\(key)=\(variant)" }
  package var stable: String { "\(key)=\(from)" }
}

extension RouteName {
  private static let flagPrefix = "flag:"

  /// The share of a flag's variant: a route that no router has, and the controller sets itself.
  package static func flag(_ name: FlagName) -> RouteName {
    RouteName(router: flagPrefix + name.environment, route: name.key)
  }

  package static func flag(_ key: String, in environment: String) -> RouteName {
    .flag(FlagName(environment: environment, key: key))
  }

  package var isFlag: Bool { router.utf8.starts(with: Self.flagPrefix.utf8) }

  /// `nil` for the route of a router.
  package var flag: FlagName? {
    isFlag ? FlagName(environment: String(router.dropFirst(Self.flagPrefix.count)), key: route) : nil
  }
}

extension Stage {
  package var ramp: FlagRamp? { if case .flag(let ramp) = work { ramp } else { nil } }
}

extension Pipeline {
  /// The ramp that `${flag}` and `${variant}` are about in a stage: its own, or that of the last before, or of the first
  /// after; `nil` without any.
  package func ramp(at stage: Int) -> FlagRamp? {
    let before = stages.prefix(stage + 1).last { $0.ramp != nil }
    return (before ?? stages.first { $0.ramp != nil })?.ramp
  }

  /// Whether it changes flags and no version: then it takes no `version`.
  package var isRamp: Bool {
    !routes.isEmpty && routes.allSatisfy(\.isFlag) && stages.allSatisfy { $0.deployer == nil }
  }

  /// What a run of it takes for itself: the service in its environment; of one that only ramps flags, the flags, since
  /// other flags of the service may be ramped at the same time.
  package var lane: Target {
    guard isRamp else { return target }
    return Target(service: "flag:" + routes.map(\.route).joined(separator: "+"), environment: target.environment)
  }
}
