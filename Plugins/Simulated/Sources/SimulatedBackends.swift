import Engine
package import PipelineModel
package import PluginKit
import Simulation
import Synchronization

/// Answers with what the world's candidate shows; the query's text is not looked at, the metric's name is.
package struct SimulatedProvider: SynchronousMetricProvider {
  private let world: SharedWorld

  package init(_ world: SharedWorld) { self.world = world }

  package func answer(_ query: MetricQuery) throws(Failure) -> Answer {
    guard let metric = world.plan.pipeline.metrics.firstIndex(where: { $0.name == query.metric }) else {
      throw Failure(.rejected, "the world has no metric \"\(query.metric)\"")
    }
    let (reading, _) = world.with { world, now in
      query.question.flatMap { world.measure(metric, question: $0, interval: query.interval, at: now) }
        ?? world.measure(metric, interval: query.interval, at: now)
    }
    switch reading {
    case .answer(let answer), .stoodIn(let answer, _, _): return answer
    case .failure(let failure): throw failure
    }
  }
}

/// Splits the traffic of the world's routes.
package struct SimulatedRouter: SynchronousTrafficRouter {
  private let name: String
  private let world: SharedWorld

  package init(_ name: String, _ world: SharedWorld) {
    self.name = name
    self.world = world
  }

  package func set(_ change: WeightChange) throws(Failure) {
    let route = try index(of: change.route)
    world.setCandidate(change.candidate, route: route)
    try world.answer(.setWeight(route: route, change.weight))
  }

  package func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    world.share(of: candidate, route: try index(of: route))
  }

  private func index(of route: String) throws(Failure) -> Int {
    let name = RouteName(router: name, route: route)
    guard let index = world.plan.routes.firstIndex(of: name) else {
      throw Failure(.rejected, "the world has no route \"\(name)\"")
    }
    return index
  }
}

/// Brings versions up in the world. Traffic in it is the candidate's; that the stable version is up is taken for granted.
package struct SimulatedDeployer: Deployer {
  private let name: String
  private let world: SharedWorld

  package init(_ name: String, _ world: SharedWorld) {
    self.name = name
    self.world = world
  }

  package func start(_ deployment: Deployment) async throws(Failure) {
    guard world.deployments.withLock({ $0[deployment.key] }) == nil else { return }
    do {
      try world.answer(.deploy(stage: try stage(), .candidate))
    } catch {
      guard error.kind == .rejected else { throw error }
      world.deployments.withLock { $0[deployment.key] = .failed(error.message) }
      return
    }
    world.deployments.withLock { $0[deployment.key] = .ready }
  }

  package func state(of deployment: Deployment) async throws(Failure) -> DeploymentState {
    world.deployments.withLock { $0[deployment.key] } ?? .failed("\(deployment.version) was never started")
  }

  package func stop(_ deployment: Deployment) async throws(Failure) {
    try world.answer(.retire(stage: try stage(), .candidate))
  }

  private func stage() throws(Failure) -> Int {
    guard let stage = world.plan.pipeline.stages.firstIndex(where: { $0.deployer == name }) else {
      throw Failure(.rejected, "no stage of the pipeline uses the deployer \"\(name)\"")
    }
    return stage
  }
}

/// Lets checks end as the scenario says; runs no command.
package final class SimulatedChecks: CheckRunner {
  private let world: SharedWorld
  private let ended = Mutex<[String: CheckState]>([:])

  package init(_ world: SharedWorld) { self.world = world }

  package func start(_ request: CheckRequest) async throws(Failure) {
    let name = request.environment["HEADGATE_STAGE"]
    let stages = world.plan.pipeline.stages
    guard let stage = stages.firstIndex(where: { $0.name == name }) else {
      throw Failure(.rejected, "the world has no check \"\(name ?? "")\"")
    }
    let fact = world.with { world, now in
      world.perform(Effect(id: EffectID(0), work: .check(stage: stage), notBefore: now), interval: .zero, at: now)?.0
    }
    guard case .checked(_, let status, let output)? = fact else { return }
    ended.withLock { $0[request.key] = .exited(status: status, output: output) }
  }

  package func state(of key: String) async throws(Failure) -> CheckState? { ended.withLock { $0[key] } }

  package func cancel(_ key: String) async {}

  package func known() -> [String] { ended.withLock { $0.keys.sorted() } }

  package func forget(_ key: String) async { ended.withLock { $0[key] = nil } }
}

extension SharedWorld {
  /// Has the world do an effect at once, and throws when it does not.
  fileprivate func answer(_ work: Effect.Work) throws(Failure) {
    let fact = with { world, now in
      world.perform(Effect(id: EffectID(0), work: work, notBefore: now), interval: .zero, at: now)?.0
    }
    if case .failed(_, let failure)? = fact { throw failure }
  }
}
