import Engine
import PipelineModel
import PluginKit

extension Dispatcher {
  /// How often something slow is asked how far it is.
  static let pollInterval = Interval.milliseconds(500)

  func deploy(_ order: WorkOrder, _ stage: Int, _ arm: Arm) {
    let id = order.effect.id
    let deadline = order.plan.pipeline.stages[stage].deadline + .minutes(1)
    lane(order, stage, arm).replace(
      with: job(order, within: deadline, failed: { .failed(id, $0) }) { [self] () throws(Failure) in
        let deployer = try backends.deployer(order.plan.pipeline.stages[stage].deployer ?? "")
        let deployment = deployment(order, stage, arm)
        try await deployer.start(deployment)
        try await waitUntilReady(deployment, deployer)
        return .deployed(id)
      }, aim: "up")
  }

  func retire(_ order: WorkOrder, _ stage: Int, _ arm: Arm) {
    let id = order.effect.id
    lane(order, stage, arm).replace(
      with: job(order, within: .minutes(5), failed: { .failed(id, $0) }) { [self] () throws(Failure) in
        let deployer = try backends.deployer(order.plan.pipeline.stages[stage].deployer ?? "")
        try await deployer.stop(deployment(order, stage, arm))
        return .retired(id)
      }, aim: "down")
  }

  /// Calls for one slot never overlap, and a newer wish replaces an older one: otherwise a slow retirement of the stable
  /// version could end after a rollback has brought it up again.
  private func lane(_ order: WorkOrder, _ stage: Int, _ arm: Arm) -> Lane {
    let slot = order.slot(of: arm, route: route(order, stage))
    let deployer = order.plan.pipeline.stages[stage].deployer ?? ""
    return lane(to: .slot(deployer: deployer, order.start.target, slot))
  }

  private func route(_ order: WorkOrder, _ stage: Int) -> Int {
    order.plan.pipeline.stages[stage].route.flatMap(order.plan.routes.firstIndex) ?? 0
  }

  private func deployment(_ order: WorkOrder, _ stage: Int, _ arm: Arm) -> Deployment {
    return Deployment(
      service: order.start.target.service, environment: order.start.target.environment,
      version: arm == .candidate ? order.start.version : order.start.stable ?? "",
      slot: order.slot(of: arm, route: route(order, stage)), key: order.key)
  }

  private func waitUntilReady(_ deployment: Deployment, _ deployer: any Deployer) async throws(Failure) {
    while true {
      switch try await deployer.state(of: deployment) {
      case .ready: return
      case .failed(let reason): throw Failure(.rejected, reason)
      case .starting: try await pause()
      }
    }
  }

  func pause() async throws(Failure) {
    do {
      try await clock.sleep(Self.pollInterval)
    } catch {
      throw Failure(.transient, "given up while waiting")
    }
  }
}
