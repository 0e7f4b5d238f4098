import Foundation
import PipelineModel
package import PluginKit

/// A deployer with what is needed to try the promises of `Deployer` on it.
package struct DeployerHarness: Sendable {
  package var deployer: any Deployer
  /// A second instance over the same backend, as a restarted controller would make it.
  package var restarted: any Deployer
  /// Comes up.
  package var good: Deployment
  /// Fails to come up.
  package var bad: Deployment?
  /// Would take minutes to come up.
  package var slow: Deployment?
  /// How often the backend was asked to bring a deployment up, told by its key.
  package var starts: (@Sendable (String) async throws -> Int)?
  /// Whether anything of the deployment runs.
  package var runs: (@Sendable (Deployment) async throws -> Bool)?
  package var secrets: [String]

  package init(
    deployer: any Deployer, restarted: any Deployer, good: Deployment, bad: Deployment? = nil, slow: Deployment? = nil,
    starts: (@Sendable (String) async throws -> Int)? = nil,
    runs: (@Sendable (Deployment) async throws -> Bool)? = nil, secrets: [String] = []
  ) {
    self.deployer = deployer
    self.restarted = restarted
    self.good = good
    self.bad = bad
    self.slow = slow
    self.starts = starts
    self.runs = runs
    self.secrets = secrets
  }
}

extension DeployerHarness: Harness {
  /// A version that was never started is not ready, one that is started comes up, twice with a key is once also after a
  /// restart, a bad one is reported as failed, stop leaves nothing ready, nothing running and nothing coming up, twice and
  /// with nothing to stop is harmless.
  package var promises: [Promise] {
    [stopping(good, "with nothing to stop")]
      + [notReady(stranger, "a version that was never started is not ready", by: deployer)]
      + [(deployer, "once"), (deployer, "twice"), (restarted, "after a restart")].map { starting(good, $1, by: $0) }
      + [Self.settling(good, "the good version comes up", by: restarted) { $0 == .ready ? nil : "it is \($0)" }]
      + counting + running(true)
      + [stopping(good, "once")]
      + [(deployer, "once"), (restarted, "after a restart")].map {
        notReady(good, "a version that was stopped is not ready, asked \($1)", by: $0)
      } + running(false) + [stopping(good, "twice")] + stoppingWhileComingUp + failing
  }

  /// As the good one, under a key that nobody has seen.
  private var stranger: Deployment {
    var stranger = good
    stranger.key = UUID().uuidString.lowercased()
    return stranger
  }

  private func notReady(_ deployment: Deployment, _ name: String, by deployer: any Deployer) -> Promise {
    .success(name, judge: { $0 == .ready ? "it is ready" : nil }) { () async throws(Failure) in
      try await deployer.state(of: deployment)
    }
  }

  private func starting(_ deployment: Deployment, _ round: String, by deployer: any Deployer) -> Promise {
    .success("start, \(round)") { () async throws(Failure) in try await deployer.start(deployment) }
  }

  private func stopping(_ deployment: Deployment, _ round: String) -> Promise {
    .success("stop, \(round)") { () async throws(Failure) in try await deployer.stop(deployment) }
  }

  /// Asks until it is ready or has failed, for a minute at most.
  package static func settling(
    _ deployment: Deployment, _ name: String, by deployer: any Deployer,
    judge: @escaping @Sendable (DeploymentState) -> String?
  ) -> Promise {
    .success(name, judge: { judge($0) }) { () async throws(Failure) in
      let end = ContinuousClock.now + .seconds(50)
      while true {
        let state = try await deployer.state(of: deployment)
        guard case .starting = state, ContinuousClock.now < end else { return state }
        try? await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  private var counting: [Promise] {
    guard let starts else { return [] }
    return [.truth("starts of one key", is: 1) { try await starts(good.key) }]
  }

  private func running(_ expected: Bool) -> [Promise] {
    guard let runs else { return [] }
    return [.truth("whether the version runs", is: expected) { try await runs(good) }]
  }

  /// A slot is emptied under another key than it was filled under, and by another controller perhaps.
  private var stoppingWhileComingUp: [Promise] {
    guard let slow else { return [] }
    var empty = slow
    empty.key = UUID().uuidString.lowercased()
    let wish = empty
    return [
      starting(slow, "of a slow version", by: deployer),
      .success("stop while it comes up") { () async throws(Failure) in try await restarted.stop(wish) },
      .success(
        "a version that was stopped has failed",
        judge: { if case .failed = $0 { nil } else { "stopped while it came up, it is \($0)" } }
      ) { () async throws(Failure) in try await deployer.state(of: slow) },
    ]
  }

  private var failing: [Promise] {
    guard let bad else { return [] }
    return [
      starting(bad, "of a bad version", by: deployer),
      Self.settling(bad, "a bad version is reported as failed", by: deployer) { state in
        guard case .failed(let message) = state else { return "it is \(state)" }
        return Promise.unfit(Failure(.rejected, message), hiding: secrets).first
      },
      stopping(bad, "of a bad version"),
    ]
  }
}
