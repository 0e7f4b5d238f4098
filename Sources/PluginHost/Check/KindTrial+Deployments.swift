import Conformance
import PipelineModel
import PluginKit

extension KindTrial {
  /// Versions come up, or do not, and are gone when they were stopped, also by a process that has not begun them.
  func deploying(_ trial: PluginTrial) -> Port {
    guard let version = trial.version else { return Port() }
    let deployer = PluginDeployer(connection: connection)
    let harness = DeployerHarness(
      deployer: deployer, restarted: PluginDeployer(connection: restarted), good: deployment(version),
      bad: trial.badVersion.map(deployment), slow: trial.slowVersion.map(deployment), secrets: hidden)
    let kept = deployment(version)
    return Port(
      first: harness.promises
        + [givingUp(.deployPoll) { Wire.Deploy(deployment(version), within: .seconds(30)) }]
        + [
          .success("start of what is to be found later") { () async throws(Failure) in
            try await deployer.start(kept)
          },
          DeployerHarness.settling(kept, "it comes up", by: deployer) { $0 == .ready ? nil : "it is \($0)" },
          atOnce(looks(deployer, kept, deployment(version))),
        ],
      afterwards: found(kept, by: PluginDeployer(connection: successor)))
  }

  private func deployment(_ version: String) -> Deployment {
    Deployment(service: "check", environment: "check", version: version, slot: .green, key: Self.newKey)
  }

  private func looks(
    _ deployer: PluginDeployer, _ kept: Deployment, _ stranger: Deployment
  ) -> [@Sendable () async -> String?] {
    [
      {
        await Self.complaint("what is up") { () async throws(Failure) in
          try await deployer.state(of: kept)
        } judge: {
          $0 == .ready ? nil : "it is \($0)"
        }
      },
      {
        await Self.complaint("what was never started") { () async throws(Failure) in
          try await deployer.state(of: stranger)
        } judge: {
          $0 == .ready ? "it is ready" : nil
        }
      },
    ]
  }

  private func found(_ kept: Deployment, by deployer: PluginDeployer) -> [Promise] {
    [
      .success(
        "a version that is up is found by a process begun when the one that started it has ended",
        judge: { $0 == .ready ? nil : "it is \($0): keep nothing in memory that must last" }
      ) { () async throws(Failure) in try await deployer.state(of: kept) },
      .success("stop, by the process after") { () async throws(Failure) in try await deployer.stop(kept) },
      .success(
        "what it has stopped is not ready", judge: { $0 == .ready ? "it is ready" : nil }
      ) { () async throws(Failure) in try await deployer.state(of: kept) },
    ]
  }
}
