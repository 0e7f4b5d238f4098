import PipelineModel
import PluginKit

/// A deployer that is a program of its own.
struct PluginDeployer: Deployer {
  let connection: PluginConnection
  private static let timeout = Interval.seconds(30)
  /// Taking down may take long; the controller waits five minutes.
  private static let stopTimeout = Interval.minutes(4)

  func start(_ deployment: Deployment) async throws(Failure) {
    let _: Wire.Nothing = try await call(.deployStart, deployment, Self.timeout, "could not start")
  }

  func state(of deployment: Deployment) async throws(Failure) -> DeploymentState {
    let found: Wire.DeployState = try await call(.deployPoll, deployment, Self.timeout, "could not look after")
    let message = connection.log.hidden(in: found.message ?? "").excerpt(500)
    switch found.state {
    case .starting: return .starting(message)
    case .ready: return .ready
    case .failed: return .failed(message.isEmpty ? "the plugin gives no reason" : message)
    }
  }

  func stop(_ deployment: Deployment) async throws(Failure) {
    let _: Wire.Nothing = try await call(.deployStop, deployment, Self.stopTimeout, "could not stop")
  }

  private func call<Result: Codable & Sendable>(
    _ method: Wire.Method, _ deployment: Deployment, _ limit: Interval, _ attempt: String
  ) async throws(Failure) -> Result {
    do throws(Failure) {
      return try await connection.call(method, Wire.Deploy(deployment, within: limit), within: limit)
    } catch {
      let what = "\(deployment.service) \(deployment.version) in slot \(deployment.slot.rawValue)"
      throw error.told("\(attempt) \(what) by \(connection.backend.name): \(error.message)")
    }
  }
}
