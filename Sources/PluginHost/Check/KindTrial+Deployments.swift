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
      first: harness.promises + instances(trial, deployment(version)) + [apart(version, by: deployer)]
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

  /// What was started once is one instance, and the same one however often its start is tried again; what was stopped is
  /// none.
  private func instances(_ trial: PluginTrial, _ good: Deployment) -> [Promise] {
    guard !trial.running.isEmpty else { return [] }
    let outside = Outside(trial.running, of: self)
    let deployers = [connection, restarted].map { PluginDeployer(connection: $0) }
    let slow = trial.slowVersion.map(deployment)
    return [
      Promise("a start that is tried again begins nothing, also after a restart") {
        await Self.complaints {
          try await start(good, by: deployers[0])
          let first = try await outside.lines(with: good.key)
          for deployer in deployers { try await start(good, by: deployer) }
          let last = try await outside.lines(with: good.key)
          try await deployers[1].stop(good)
          let rest = try await outside.lines(with: good.key)
          return Self.complaints(first, last, rest)
        }
      }
    ] + (slow.map { [nothingLeft($0, outside, deployers)] } ?? [])
  }

  /// The stable version runs in the other slot, and other services have slots of the same names.
  private func apart(_ version: String, by deployer: PluginDeployer) -> Promise {
    let candidate = deployment(version)
    var (stable, stranger) = (deployment(version), deployment(version))
    stable.slot = .blue
    stranger.service = "check-another"
    let others = [(stable, "the version in the other slot"), (stranger, "another service's version in this slot")]
    return Promise("what is started and stopped leaves the other slot, and other services, as they are") {
      await Self.complaints {
        for (other, _) in others { try await start(other, by: deployer) }
        try await start(candidate, by: deployer)
        var lost = try await Self.lost(others, by: deployer, "was started")
        try await deployer.stop(candidate)
        if lost.isEmpty { lost = try await Self.lost(others, by: deployer, "was stopped") }
        for (other, _) in others { try await deployer.stop(other) }
        return lost
      }
    }
  }

  private static func lost(
    _ others: [(Deployment, String)], by deployer: PluginDeployer, _ when: String
  ) async throws -> [String] {
    var lost: [String] = []
    for (other, what) in others where try await deployer.state(of: other) != .ready {
      lost.append("\(what) is not ready any more after the new one \(when): look at `slot` and at `service`")
    }
    return lost
  }

  private static func complaints(_ first: [String], _ last: [String], _ rest: [String]) -> [String] {
    if first.count != 1 {
      return ["\(first.count) instances run after the first start: \(first.joined(separator: "; "))"]
    }
    let again =
      first == last
      ? [] : ["before the start was tried again it was `\(first[0])`, and then `\(last.joined(separator: "; "))`"]
    return again + (rest.isEmpty ? [] : ["after it was stopped there is still `\(rest.joined(separator: "; "))`"])
  }

  private func nothingLeft(_ slow: Deployment, _ outside: Outside, _ deployers: [PluginDeployer]) -> Promise {
    Promise("of what is stopped while it comes up nothing is left") {
      await Self.complaints {
        try await deployers[0].start(slow)
        try await deployers[1].stop(slow)
        let rest = try await outside.lines(with: slow.key)
        return rest.isEmpty ? [] : ["there is still `\(rest.joined(separator: "; "))`"]
      }
    }
  }

  /// Starts it, and waits until it has come up or failed.
  private func start(_ deployment: Deployment, by deployer: PluginDeployer) async throws {
    try await deployer.start(deployment)
    let end = ContinuousClock.now + .seconds(50)
    while case .starting = try await deployer.state(of: deployment), ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private static func complaints(_ work: () async throws -> [String]) async -> [String] {
    do { return try await work() } catch let failure as Failure { return [failure.message] } catch {
      return ["\(error)"]
    }
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
