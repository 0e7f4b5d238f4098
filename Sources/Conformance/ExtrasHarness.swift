import PipelineModel
package import PluginKit

/// A router that routes by a header, with what is needed to try the promises of `HeaderRouter` on it.
package struct HeaderRouterHarness: Sendable {
  package var router: any HeaderRouter
  package var route: String
  /// Rules to set one after the other.
  package var rules: [HeaderRoute]
  /// `nil`: any name will do.
  package var unknownRoute: String?
  /// Whether weights between none and all can be set beside it.
  package var splits: Bool

  package init(
    router: any HeaderRouter, route: String,
    rules: [HeaderRoute] = [
      .init(header: "x-canary", value: "yes", slot: .green), .init(header: "X-Group", value: "a 1:2", slot: .blue),
    ], unknownRoute: String? = "no-such-route", splits: Bool = true
  ) {
    self.router = router
    self.route = route
    self.rules = rules
    self.unknownRoute = unknownRoute
    self.splits = splits
  }
}

extension HeaderRouterHarness: Harness {
  /// A rule that was set is read back, twice is harmless, another takes its place, a change of the weight leaves it, `nil`
  /// takes it away, and rules that no header can match are rejected.
  package var promises: [Promise] {
    (rules.map(Optional.some) + [nil]).flatMap(setting) + wrong + unknown
  }

  private func setting(_ rule: HeaderRoute?) -> [Promise] {
    let name = rule.map { "the rule \($0.header): \($0.value) for \($0.slot)" } ?? "no rule"
    let change = HeaderRouteChange(route: route, rule: rule, key: name)
    let weight = WeightChange(
      route: route, candidate: .green, weight: rule == nil || !splits ? .none : .percent(25), key: "beside")
    return ["once", "twice"].map { round in
      .success("\(name), set \(round)") { () async throws(Failure) in try await router.setHeaderRoute(change) }
    } + [
      .success("a weight beside \(name)") { () async throws(Failure) in try await router.setWeight(weight) },
      .success(
        "\(name), read back", judge: { $0 == rule ? nil : "it is \($0.map { "\($0)" } ?? "no rule")" }
      ) { () async throws(Failure) in try await router.headerRoute(on: route) },
    ]
  }

  private var wrong: [Promise] {
    let rules = [
      HeaderRoute(header: "a b", value: "c", slot: .green), .init(header: "a", value: "\"\n", slot: .green),
    ]
    return rules.map { rule in
      .failure(.rejected, of: "a rule that no header can match") { () async throws(Failure) in
        try await router.setHeaderRoute(HeaderRouteChange(route: route, rule: rule, key: "wrong"))
      }
    }
  }

  private var unknown: [Promise] {
    guard let unknownRoute, let rule = rules.first else { return [] }
    return [
      .failure(.rejected, of: "a header route of an unknown route") { () async throws(Failure) in
        try await router.setHeaderRoute(HeaderRouteChange(route: unknownRoute, rule: rule, key: "unknown"))
      }
    ]
  }
}

/// A router that mirrors, with what is needed to try the promises of `MirroringRouter` on it.
package struct MirroringHarness: Sendable {
  package var router: any MirroringRouter
  package var route: String

  package init(router: any MirroringRouter, route: String) {
    self.router = router
    self.route = route
  }
}

extension MirroringHarness: Harness {
  /// A share that was set is read back, twice is harmless, a change of the weight leaves it, and 0 ends it.
  package var promises: [Promise] {
    [Weight.percent(10), Weight(basisPoints: 50), .all, .none].flatMap(setting)
  }

  private func setting(_ share: Weight) -> [Promise] {
    let change = WeightChange(route: route, candidate: .green, weight: share, key: "mirror \(share)")
    let weight = WeightChange(route: route, candidate: .green, weight: .none, key: "beside")
    return ["once", "twice"].map { round in
      .success("a mirror of \(share), set \(round)") { () async throws(Failure) in try await router.setMirror(change) }
    } + [
      .success("a weight beside a mirror of \(share)") { () async throws(Failure) in try await router.setWeight(weight)
      },
      .success("a mirror of \(share), read back", judge: { $0 == share ? nil : "it is \($0)" }) {
        () async throws(Failure) in try await router.mirror(to: .green, on: route)
      },
    ]
  }
}
