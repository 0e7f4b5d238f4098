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
    case .answer(let answer), .noted(let answer, _): return answer
    case .failure(let failure): throw failure
    }
  }
}

/// Splits the traffic of the world's routes.
package struct SimulatedRouter: SynchronousTrafficRouter, MirroringRouter, HeaderRouter {
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

  package func setMirror(_ change: WeightChange) async throws(Failure) {
    try world.answer(.setMirror(route: try index(of: change.route), change.weight))
  }

  package func mirror(to candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let route = try index(of: route)
    return world.with { world, _ in world.mirrors[route] }
  }

  package func setHeaderRoute(_ change: HeaderRouteChange) async throws(Failure) {
    if let refusal = change.rule?.refusal { throw Failure(.rejected, refusal) }
    let route = try index(of: change.route)
    let match = change.rule.map { HeaderMatch(header: $0.header, value: $0.value) }
    try world.answer { world, now in world.setHeaderRoute(EffectID(0), route, match, at: now).fact }
    if let slot = change.rule?.slot { world.setHeaderSlot(slot, route: route) }
  }

  package func headerRoute(on route: String) async throws(Failure) -> HeaderRoute? {
    let route = try index(of: route)
    let match = world.with { world, _ in world.headers[route] }
    let slot = world.headerSlot(route: route)
    return match.map { HeaderRoute(header: $0.header, value: $0.value, slot: slot) }
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
      note(.failed(error.message), of: deployment)
      return
    }
    note(.ready, of: deployment)
  }

  package func state(of deployment: Deployment) async throws(Failure) -> DeploymentState {
    world.deployments.withLock { $0[deployment.key]?.state } ?? .failed("\(deployment.version) was never started")
  }

  package func stop(_ deployment: Deployment) async throws(Failure) {
    try world.answer(.retire(stage: try stage(), .candidate))
    let place = place(of: deployment)
    world.deployments.withLock { deployments in
      for (key, known) in deployments where known.place == place {
        deployments[key]?.state = .failed("\(deployment.version) was stopped")
      }
    }
  }

  private func note(_ state: DeploymentState, of deployment: Deployment) {
    let place = place(of: deployment)
    world.deployments.withLock { $0[deployment.key] = (place, state) }
  }

  /// The slot it is in.
  private func place(of deployment: Deployment) -> String {
    "\(name)/\(deployment.service)/\(deployment.environment)/\(deployment.slot.rawValue)"
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
      world.perform(Effect(id: EffectID(0), work: .check(stage: stage), notBefore: now), interval: .zero, at: now)?.fact
    }
    guard case .checked(_, let status, let output)? = fact else { return }
    ended.withLock { $0[request.key] = .exited(status: status, output: output) }
  }

  package func state(of key: String) async throws(Failure) -> CheckState? { ended.withLock { $0[key] } }

  package func cancel(_ key: String) async {}

  package func known() -> [String] { ended.withLock { $0.keys.sorted() } }

  package func forget(_ key: String) async { ended.withLock { $0[key] = nil } }
}

/// Lets steps end as the scenario says; asks no plugin.
package final class SimulatedRunner: StepRunner {
  private let name: String
  private let world: SharedWorld
  private let ended = Mutex<[String: StepState]>([:])

  package init(_ name: String, _ world: SharedWorld) {
    self.name = name
    self.world = world
  }

  /// Every step that the pipeline asks of it, with settings of any kind.
  package var steps: [StepKind] {
    var steps: [StepKind] = []
    for case .step(let call) in world.plan.pipeline.stages.map(\.work) where call.step.runner == name {
      let settings = call.with.map(\.anySetting)
      if let index = steps.firstIndex(where: { $0.name == call.step.step }) {
        let known = steps[index].with.settings.map(\.name)
        steps[index].with.settings += settings.filter { !known.contains($0.name) }
      } else {
        steps.append(StepKind(name: call.step.step, about: "simulated", with: SettingsSchema(settings)))
      }
    }
    return steps
  }

  package func start(_ request: StepRequest) async throws(Failure) {
    guard let stage = world.plan.pipeline.stages.firstIndex(where: { $0.name == request.stage }) else {
      throw Failure(.rejected, "the world has no step \"\(request.stage)\"")
    }
    guard ended.withLock({ $0[request.key] }) == nil else { return }
    let fact = world.with { world, now in
      world.perform(Effect(id: EffectID(0), work: .step(stage: stage), notBefore: now), interval: .zero, at: now)?.fact
    }
    guard case .performed(_, let end, let output)? = fact else { return }
    ended.withLock { $0[request.key] = .ended(end, output: output) }
  }

  package func state(of key: String) async throws(Failure) -> StepState? { ended.withLock { $0[key] } }

  package func cancel(_ key: String) async throws(Failure) {}

  package func known() -> [String] { [] }
}

extension StepArgument {
  /// A setting that takes whatever is written.
  fileprivate var anySetting: SettingsSchema.Setting { .init(name, value.anyKind, about: "simulated") }
}

extension StepArgument.Value {
  fileprivate var anyKind: SettingsSchema.Kind {
    switch self {
    case .text: .text
    case .list(let items): .list(items.first?.anyKind ?? .text)
    case .map(let members): .map(SettingsSchema(members.map(\.anySetting)))
    }
  }
}

extension SharedWorld {
  /// Has the world do an effect at once, and throws when it does not.
  fileprivate func answer(_ work: Effect.Work) throws(Failure) {
    try answer { world, now in
      world.perform(Effect(id: EffectID(0), work: work, notBefore: now), interval: .zero, at: now)?.fact
    }
  }

  fileprivate func answer(_ ask: (inout World, Timestamp) -> Fact?) throws(Failure) {
    if case .failed(_, let failure)? = with(ask) { throw failure }
  }
}
