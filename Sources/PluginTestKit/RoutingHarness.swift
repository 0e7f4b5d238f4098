import PipelineModel
package import PluginKit
package import Testing

/// Tries what `HeaderRouter` promises: a rule that was set is read back, twice is harmless, another takes its place, a change
/// of the weight leaves it, `nil` takes it away, and rules that no header can match are rejected.
package func verifyHeaderRouter(
  _ router: any HeaderRouter, route: String, sourceLocation: SourceLocation = #_sourceLocation
) async {
  let rules = [
    HeaderRoute(header: "x-canary", value: "yes", slot: .green), .init(header: "X-Group", value: "a 1:2", slot: .blue),
  ]
  for rule in rules + [nil] {
    for round in ["once", "twice"] {
      let change = HeaderRouteChange(route: route, rule: rule, key: "\(String(describing: rule))")
      _ = await expectSuccess(of: "a header route set \(round)", sourceLocation) { () async throws(Failure) in
        try await router.setHeaderRoute(change)
      }
    }
    let weight = WeightChange(route: route, candidate: .green, weight: .percent(rule == nil ? 0 : 25), key: "beside")
    _ = await expectSuccess(of: "a weight beside a header route", sourceLocation) { () async throws(Failure) in
      try await router.setWeight(weight)
    }
    let read = await expectSuccess(of: "the header route read back", sourceLocation) { () async throws(Failure) in
      try await router.headerRoute(on: route)
    }
    if let read { #expect(read == rule, "the header route read back", sourceLocation: sourceLocation) }
  }
  for wrong in [HeaderRoute(header: "a b", value: "c", slot: .green), .init(header: "a", value: "\"\n", slot: .green)] {
    await expectFailure(.rejected, of: "a rule that cannot be", sourceLocation) { () async throws(Failure) in
      try await router.setHeaderRoute(HeaderRouteChange(route: route, rule: wrong, key: "wrong"))
    }
  }
  await expectFailure(.rejected, of: "a header route of an unknown route", sourceLocation) {
    () async throws(Failure) in
    try await router.setHeaderRoute(HeaderRouteChange(route: "no-such-route", rule: rules[0], key: "unknown"))
  }
}

/// Tries what `MirroringRouter` promises: a share that was set is read back, twice is harmless, a change of the weight
/// leaves it, and 0 ends it.
package func verifyMirroringRouter(
  _ router: any MirroringRouter, route: String, sourceLocation: SourceLocation = #_sourceLocation
) async {
  for share in [Weight.percent(10), Weight(basisPoints: 50), .all, .none] {
    for round in ["once", "twice"] {
      let change = WeightChange(route: route, candidate: .green, weight: share, key: "\(share)")
      _ = await expectSuccess(of: "a mirror of \(share), set \(round),", sourceLocation) {
        () async throws(Failure) in try await router.setMirror(change)
      }
    }
    let weight = WeightChange(route: route, candidate: .green, weight: .none, key: "beside")
    _ = await expectSuccess(of: "a weight beside a mirror", sourceLocation) { () async throws(Failure) in
      try await router.setWeight(weight)
    }
    let read = await expectSuccess(of: "the mirror read back", sourceLocation) { () async throws(Failure) in
      try await router.mirror(to: .green, on: route)
    }
    if let read { #expect(read == share, "the mirror read back", sourceLocation: sourceLocation) }
  }
}
