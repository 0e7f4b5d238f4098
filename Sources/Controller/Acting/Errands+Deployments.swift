import Engine
import PipelineModel
import PluginKit

extension Errands {
  /// How often something slow is asked how far it is.
  static let pollInterval = Interval.milliseconds(500)

  func deploy(_ order: WorkOrder, _ stage: Int, _ arm: Arm) async throws(Failure) -> Fact {
    let deployer = try backends.deployer(order.deployer(of: stage))
    let deployment = deployment(order, stage, arm)
    try await deployer.start(deployment)
    try await waitUntilReady(deployment, deployer)
    return .deployed(order.effect.id)
  }

  func retire(_ order: WorkOrder, _ stage: Int, _ arm: Arm) async throws(Failure) -> Fact {
    let deployer = try backends.deployer(order.deployer(of: stage))
    try await deployer.stop(deployment(order, stage, arm))
    return .retired(order.effect.id)
  }

  private func deployment(_ order: WorkOrder, _ stage: Int, _ arm: Arm) -> Deployment {
    Deployment(
      service: order.start.target.service, environment: order.start.target.environment,
      version: arm == .candidate ? order.start.version : order.start.stable ?? "",
      slot: order.slot(of: arm, at: stage), key: order.key)
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

  func pause() async throws(Failure) { try await rest(Self.pollInterval) }

  func rest(_ length: Interval) async throws(Failure) {
    do {
      try await clock.sleep(length)
    } catch {
      throw Failure(.transient, "given up while waiting")
    }
  }
}
