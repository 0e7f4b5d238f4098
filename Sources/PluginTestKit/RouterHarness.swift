package import PipelineModel
package import PluginKit
package import Testing

/// A traffic router with what is needed to try the promises of `TrafficRouter` on it.
package struct RouterHarness: Sendable {
  package var router: any TrafficRouter
  package var route: String
  package var unknownRoute: String
  package var capabilities: Set<Capability>
  /// The share the backend really gives a slot, asked by other means than the router; `nil`: nobody else can tell.
  package var truth: (@Sendable (Slot) async throws -> Weight)?
  /// Makes the backend forget what was set, as a reload does; `nil`: it cannot.
  package var forget: (@Sendable () async throws -> Void)?
  /// A router whose backend takes requests and never answers, set to a short timeout.
  package var deaf: (any TrafficRouter)?
  /// A router whose backend is not there.
  package var absent: (any TrafficRouter)?
  package var secrets: [String]

  package init(
    router: any TrafficRouter, route: String, unknownRoute: String = "no-such-route",
    capabilities: Set<Capability> = [.partialWeights, .readBack],
    truth: (@Sendable (Slot) async throws -> Weight)? = nil, forget: (@Sendable () async throws -> Void)? = nil,
    deaf: (any TrafficRouter)? = nil, absent: (any TrafficRouter)? = nil, secrets: [String] = []
  ) {
    self.router = router
    self.route = route
    self.unknownRoute = unknownRoute
    self.capabilities = capabilities
    self.truth = truth
    self.forget = forget
    self.deaf = deaf
    self.absent = absent
    self.secrets = secrets
  }

  /// Weights to try: what the capabilities allow.
  var weights: [Weight] {
    let all = capabilities.contains(.partialWeights) ? [0, 5, 25, 50, 100, 50, 0] : [0, 100, 0]
    return all.map { .percent($0) }
  }
}

/// Tries what `TrafficRouter` promises: what was set is given and read back for both slots, twice is harmless, an unknown
/// route is rejected, a lost weight shows, a hung or absent backend is transient, messages have no secrets.
package func verifyRouter(_ harness: RouterHarness, sourceLocation: SourceLocation = #_sourceLocation) async {
  for slot in Slot.allCases {
    for weight in harness.weights { await verifySet(weight, slot, harness, sourceLocation) }
  }
  if harness.capabilities.contains(.readBack) { await verifyForgetting(harness, sourceLocation) }
  await verifyUnknownRoute(harness, sourceLocation)
  if let deaf = harness.deaf { await verifyTransient(deaf, "a deaf backend", harness, sourceLocation) }
  if let absent = harness.absent {
    let change = WeightChange(route: harness.route, candidate: .green, weight: .all, key: "absent")
    await expectFailure(.transient, .misconfigured, of: "an absent backend", hiding: harness.secrets, sourceLocation) {
      () async throws(Failure) in try await absent.setWeight(change)
    }
  }
}

private func verifySet(_ weight: Weight, _ slot: Slot, _ harness: RouterHarness, _ location: SourceLocation) async {
  let change = WeightChange(route: harness.route, candidate: slot, weight: weight, key: "\(slot)-\(weight)")
  for round in ["once", "twice"] {
    let what = "\(weight) for \(slot), set \(round),"
    _ = await expectSuccess(of: what, location) { () async throws(Failure) in
      try await harness.router.setWeight(change)
    }
  }
  let real = harness.router.nearest(to: weight, on: harness.route)
  if harness.capabilities.contains(.readBack) {
    let what = "the weight of \(slot) read back after \(weight)"
    let read = await expectSuccess(of: what, location) { () async throws(Failure) in
      try await harness.router.weight(of: slot, on: harness.route)
    }
    if let read { #expect(read == real, "\(what)", sourceLocation: location) }
  }
  guard let truth = harness.truth else { return }
  do {
    let given = try await truth(slot)
    #expect(given == real, "what the backend gives \(slot) after \(weight)", sourceLocation: location)
  } catch {
    Issue.record(error, "asking the backend itself", sourceLocation: location)
  }
}

private func verifyForgetting(_ harness: RouterHarness, _ location: SourceLocation) async {
  guard let forget = harness.forget else { return }
  let change = WeightChange(route: harness.route, candidate: .green, weight: .all, key: "forgotten")
  _ = await expectSuccess(of: "100% before forgetting", location) { () async throws(Failure) in
    try await harness.router.setWeight(change)
  }
  do { try await forget() } catch { Issue.record(error, "making the backend forget", sourceLocation: location) }
  let read = await expectSuccess(of: "the weight after forgetting", location) { () async throws(Failure) in
    try await harness.router.weight(of: .green, on: harness.route)
  }
  if let read { #expect(read != .all, "a forgotten weight must show", sourceLocation: location) }
}

private func verifyUnknownRoute(_ harness: RouterHarness, _ location: SourceLocation) async {
  let change = WeightChange(route: harness.unknownRoute, candidate: .green, weight: .all, key: "unknown")
  await expectFailure(.rejected, of: "setting an unknown route", hiding: harness.secrets, location) {
    () async throws(Failure) in try await harness.router.setWeight(change)
  }
  guard harness.capabilities.contains(.readBack) else { return }
  await expectFailure(.rejected, of: "reading an unknown route", hiding: harness.secrets, location) {
    () async throws(Failure) in try await harness.router.weight(of: .green, on: harness.unknownRoute)
  }
}

private func verifyTransient(
  _ router: any TrafficRouter, _ what: String, _ harness: RouterHarness, _ location: SourceLocation
) async {
  let change = WeightChange(route: harness.route, candidate: .green, weight: .all, key: "deaf")
  await expectFailure(.transient, of: "setting through \(what)", hiding: harness.secrets, location) {
    () async throws(Failure) in try await router.setWeight(change)
  }
  await expectCancellable("setting through \(what)", location) { () async throws(Failure) in
    try await router.setWeight(change)
  }
  guard harness.capabilities.contains(.readBack) else { return }
  await expectFailure(.transient, of: "reading through \(what)", hiding: harness.secrets, location) {
    () async throws(Failure) in try await router.weight(of: .green, on: harness.route)
  }
}
