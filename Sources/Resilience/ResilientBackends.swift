package import PipelineModel
package import PluginKit

/// A router behind its guard. What it is told goes through even while the circuit is open, for it may be to take traffic
/// back, and it is the run that tries again; it is read back only when it can be asked.
///
/// Where the router itself cannot mirror or route by a header, asking for it is misconfigured.
package struct ResilientRouter: HeaderRouter, MirroringRouter {
  private let router: any TrafficRouter
  private let gate: BackendGuard

  package init(_ router: any TrafficRouter, behind gate: BackendGuard) {
    self.router = router
    self.gate = gate
  }

  package func setWeight(_ change: WeightChange) async throws(Failure) {
    try await gate.once(.urgent) { [router] () async throws(Failure) in try await router.setWeight(change) }
  }

  package func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    try await gate.repeatedly { [router] () async throws(Failure) in
      try await router.weight(of: candidate, on: route)
    }
  }

  package func drift(from wanted: Weight, of candidate: Slot, on route: String) async throws(Failure) -> Weight? {
    try await gate.repeatedly { [router] () async throws(Failure) in
      try await router.drift(from: wanted, of: candidate, on: route)
    }
  }

  package func nearest(to weight: Weight, on route: String) -> Weight { router.nearest(to: weight, on: route) }

  // MARK: Mirrors and header routes

  package func setMirror(_ change: WeightChange) async throws(Failure) {
    let router = try router.mirroring(on: change.route)
    try await gate.once(.urgent) { () async throws(Failure) in try await router.setMirror(change) }
  }

  package func mirror(to candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let router = try router.mirroring(on: route)
    return try await gate.repeatedly { () async throws(Failure) in
      try await router.mirror(to: candidate, on: route)
    }
  }

  package func setHeaderRoute(_ change: HeaderRouteChange) async throws(Failure) {
    let router = try router.routingByHeader(on: change.route)
    try await gate.once(.urgent) { () async throws(Failure) in try await router.setHeaderRoute(change) }
  }

  package func headerRoute(on route: String) async throws(Failure) -> HeaderRoute? {
    let router = try router.routingByHeader(on: route)
    return try await gate.repeatedly { () async throws(Failure) in try await router.headerRoute(on: route) }
  }
}

/// A deployer behind its guard. As with routers, what it is told goes through, and the run tries again.
package struct ResilientDeployer: Deployer {
  private let deployer: any Deployer
  private let gate: BackendGuard

  package init(_ deployer: any Deployer, behind gate: BackendGuard) {
    self.deployer = deployer
    self.gate = gate
  }

  package func start(_ deployment: Deployment) async throws(Failure) {
    try await gate.once(.urgent) { [deployer] () async throws(Failure) in try await deployer.start(deployment) }
  }

  package func state(of deployment: Deployment) async throws(Failure) -> DeploymentState {
    try await gate.repeatedly { [deployer] () async throws(Failure) in try await deployer.state(of: deployment) }
  }

  /// Waits until nothing of it runs, so it takes as long as its caller gives it.
  package func stop(_ deployment: Deployment) async throws(Failure) {
    try await gate.once(.urgent, within: .hours(1)) { [deployer] () async throws(Failure) in
      try await deployer.stop(deployment)
    }
  }
}

/// A runner of steps behind its guard. As with deployers, what it is told goes through, and the run tries again.
package struct ResilientStepRunner: StepRunner {
  private let runner: any StepRunner
  private let gate: BackendGuard

  package init(_ runner: any StepRunner, behind gate: BackendGuard) {
    self.runner = runner
    self.gate = gate
  }

  package var steps: [StepKind] { runner.steps }

  package func start(_ request: StepRequest) async throws(Failure) {
    try await gate.once(.urgent) { [runner] () async throws(Failure) in try await runner.start(request) }
  }

  package func state(of key: String) async throws(Failure) -> StepState? {
    try await gate.repeatedly { [runner] () async throws(Failure) in try await runner.state(of: key) }
  }

  package func cancel(_ key: String) async throws(Failure) {
    try await gate.once(.urgent) { [runner] () async throws(Failure) in try await runner.cancel(key) }
  }

  package func known() -> [String] { runner.known() }
}

/// A notifier behind its guard. The outbox tries again.
package struct ResilientNotifier: Notifier {
  private let notifier: any Notifier
  private let gate: BackendGuard

  package init(_ notifier: any Notifier, behind gate: BackendGuard) {
    self.notifier = notifier
    self.gate = gate
  }

  package func send(_ notice: Notice) async throws(Failure) {
    var notice = notice
    notice.timeout = min(notice.timeout, gate.policy.timeout)
    try await gate.once { [notifier, notice] () async throws(Failure) in try await notifier.send(notice) }
  }
}
