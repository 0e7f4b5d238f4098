package import PipelineModel
package import PluginKit

/// A traffic router with what is needed to try the promises of `TrafficRouter` on it.
package struct RouterHarness: Sendable {
  package var router: any TrafficRouter
  package var route: String
  /// `nil`: any name will do.
  package var unknownRoute: String?
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
    router: any TrafficRouter, route: String, unknownRoute: String? = "no-such-route",
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

extension RouterHarness: Harness {
  /// What was set is given and read back for both slots, twice is harmless, an unknown route is rejected, a lost weight
  /// shows, a hung or absent backend is transient, messages have no secrets.
  package var promises: [Promise] {
    Slot.allCases.flatMap { slot in weights.flatMap { setting($0, for: slot) } } + forgetting + unknown + hanging
      + missing
  }

  private func change(_ weight: Weight, _ slot: Slot, _ route: String, _ key: String) -> WeightChange {
    WeightChange(route: route, candidate: slot, weight: weight, key: key)
  }

  private func setting(_ weight: Weight, for slot: Slot) -> [Promise] {
    let change = change(weight, slot, route, "\(slot)-\(weight)")
    var promises = ["once", "twice"].map { round in
      Promise.success("\(weight) for \(slot), set \(round)") { () async throws(Failure) in
        try await router.setWeight(change)
      }
    }
    let real = router.nearest(to: weight, on: route)
    if capabilities.contains(.readBack) {
      promises.append(
        .success(
          "\(weight) for \(slot), read back", judge: { $0 == real ? nil : "it is \($0), and should be \(real)" }
        ) { () async throws(Failure) in try await router.weight(of: slot, on: route) })
    }
    if let truth {
      promises.append(
        .truth("what the backend gives \(slot) after \(weight)", is: real) { try await truth(slot) })
    }
    return promises
  }

  private var forgetting: [Promise] {
    guard let forget, capabilities.contains(.readBack) else { return [] }
    return [
      .success("100% before forgetting") { () async throws(Failure) in
        try await router.setWeight(change(.all, .green, route, "forgotten"))
      },
      Promise(
        "the backend forgets",
        complaint: {
          do { try await forget() } catch { return "\(error)" }
          return nil
        }),
      .success("a forgotten weight shows", tries: 5, judge: { $0 == .all ? "it is still 100%" : nil }) {
        () async throws(Failure) in try await router.weight(of: .green, on: route)
      },
    ]
  }

  private var unknown: [Promise] {
    guard let unknownRoute else { return [] }
    let setting = Promise.failure(.rejected, of: "setting an unknown route", hiding: secrets) {
      () async throws(Failure) in try await router.setWeight(change(.all, .green, unknownRoute, "unknown"))
    }
    guard capabilities.contains(.readBack) else { return [setting] }
    return [
      setting,
      .failure(.rejected, of: "reading an unknown route", hiding: secrets) { () async throws(Failure) in
        try await router.weight(of: .green, on: unknownRoute)
      },
    ]
  }

  private var hanging: [Promise] {
    guard let deaf else { return [] }
    let change = change(.all, .green, route, "deaf")
    let promises = [
      Promise.failure(.transient, of: "setting through a deaf backend", hiding: secrets) { () async throws(Failure) in
        try await deaf.setWeight(change)
      },
      .cancellation(of: "setting through a deaf backend") { () async throws(Failure) in
        try await deaf.setWeight(change)
      },
    ]
    guard capabilities.contains(.readBack) else { return promises }
    return promises + [
      .failure(.transient, of: "reading through a deaf backend", hiding: secrets) { () async throws(Failure) in
        try await deaf.weight(of: .green, on: route)
      }
    ]
  }

  private var missing: [Promise] {
    guard let absent else { return [] }
    return [
      .failure(.transient, .misconfigured, of: "an absent backend", hiding: secrets) { () async throws(Failure) in
        try await absent.setWeight(change(.all, .green, route, "absent"))
      }
    ]
  }
}
