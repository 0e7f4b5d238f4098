import PipelineModel
package import PluginKit
package import Testing

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

/// Tries what `Deployer` promises: a version comes up, twice with a key is once also after a restart, a bad one is
/// reported as failed, stop leaves nothing running and nothing coming up, twice and with nothing to stop is harmless.
package func verifyDeployer(_ harness: DeployerHarness, sourceLocation: SourceLocation = #_sourceLocation) async {
  await stop(harness.good, "with nothing to stop", harness, sourceLocation)
  let starts = [(harness.deployer, "once"), (harness.deployer, "twice"), (harness.restarted, "after a restart")]
  for (deployer, round) in starts {
    _ = await expectSuccess(of: "start, \(round),", sourceLocation) { () async throws(Failure) in
      try await deployer.start(harness.good)
    }
  }
  let state = await settled(harness.good, harness.restarted, sourceLocation)
  #expect(state == .ready, "the good version", sourceLocation: sourceLocation)
  await expectStarts(1, harness, sourceLocation)
  await expectRuns(true, harness, sourceLocation)
  await stop(harness.good, "once", harness, sourceLocation)
  await expectRuns(false, harness, sourceLocation)
  await stop(harness.good, "twice", harness, sourceLocation)
  await verifyStopWhileComingUp(harness, sourceLocation)
  guard let bad = harness.bad else { return }
  _ = await expectSuccess(of: "start of a bad version", sourceLocation) { () async throws(Failure) in
    try await harness.deployer.start(bad)
  }
  guard case .failed(let message)? = await settled(bad, harness.deployer, sourceLocation) else {
    Issue.record("a bad version must be reported as failed", sourceLocation: sourceLocation)
    return
  }
  expectFit(Failure(.rejected, message), "a bad version", hiding: harness.secrets, sourceLocation)
  await stop(bad, "of a bad version", harness, sourceLocation)
}

/// A slot is emptied under another key than it was filled under, and by another controller perhaps.
private func verifyStopWhileComingUp(_ harness: DeployerHarness, _ location: SourceLocation) async {
  guard let slow = harness.slow else { return }
  _ = await expectSuccess(of: "start of a slow version", location) { () async throws(Failure) in
    try await harness.deployer.start(slow)
  }
  let empty = Deployment(
    service: slow.service, environment: slow.environment, version: slow.version, slot: slow.slot,
    key: "\(slow.key)-emptied")
  _ = await expectSuccess(of: "stop while it comes up", location) { () async throws(Failure) in
    try await harness.restarted.stop(empty)
  }
  let state = await expectSuccess(of: "the state of a version that was stopped", location) { () async throws(Failure) in
    try await harness.deployer.state(of: slow)
  }
  guard case .failed? = state else {
    Issue.record("stopped while it came up, it is \(state.map { "\($0)" } ?? "?")", sourceLocation: location)
    return
  }
}

/// Asks until the deployment is ready or has failed, for a minute at most.
private func settled(_ deployment: Deployment, _ deployer: any Deployer, _ location: SourceLocation) async
  -> DeploymentState?
{
  let end = ContinuousClock.now + .seconds(60)
  var last: DeploymentState?
  while ContinuousClock.now < end {
    last = await expectSuccess(of: "the state of \(deployment.version)", location) { () async throws(Failure) in
      try await deployer.state(of: deployment)
    }
    guard case .starting? = last else { return last }
    try? await Task.sleep(for: .milliseconds(20))
  }
  return last
}

private func stop(
  _ deployment: Deployment, _ round: String, _ harness: DeployerHarness, _ location: SourceLocation
) async {
  _ = await expectSuccess(of: "stop, \(round),", location) { () async throws(Failure) in
    try await harness.deployer.stop(deployment)
  }
}

private func expectStarts(_ count: Int, _ harness: DeployerHarness, _ location: SourceLocation) async {
  guard let starts = harness.starts else { return }
  do {
    let found = try await starts(harness.good.key)
    #expect(found == count, "starts of one key", sourceLocation: location)
  } catch {
    Issue.record(error, "counting starts", sourceLocation: location)
  }
}

private func expectRuns(_ expected: Bool, _ harness: DeployerHarness, _ location: SourceLocation) async {
  guard let runs = harness.runs else { return }
  do {
    let found = try await runs(harness.good)
    #expect(found == expected, "whether the version runs", sourceLocation: location)
  } catch {
    Issue.record(error, "asking whether the version runs", sourceLocation: location)
  }
}
