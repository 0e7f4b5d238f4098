import PipelineModel
package import PluginKit
package import Testing

/// A check runner with what is needed to try the promises of `CheckRunner` on it.
package struct CheckRunnerHarness: Sendable {
  /// Makes a runner over the same state; a second one stands for a restarted controller.
  package var make: @Sendable () -> any CheckRunner
  /// An empty folder the commands may write into.
  package var directory: String

  package init(directory: String, make: @escaping @Sendable () -> any CheckRunner) {
    self.make = make
    self.directory = directory
  }

  func request(_ key: String, _ command: String, timeout: Interval = .minutes(5)) -> CheckRequest {
    CheckRequest(
      key: key, command: command, environment: ["GREETING": "hello; exit 9"], directory: directory, timeout: timeout)
  }
}

/// Tries what `CheckRunner` promises: status and output, once for a key also after a restart, a small environment, an
/// end at the timeout and by cancel with all children, unknown keys.
package func verifyCheckRunner(_ harness: CheckRunnerHarness, sourceLocation: SourceLocation = #_sourceLocation) async {
  await verifyUnknownKey(harness, sourceLocation)
  await verify(
    harness.request("ok", "echo \"$GREETING\"; echo aside >&2"), .exited(status: 0, output: "hello; exit 9\naside\n"),
    harness, sourceLocation)
  await verify(harness.request("seven", "exit 7"), .exited(status: 7, output: ""), harness, sourceLocation)
  await verify(
    harness.request("killed", "kill -9 $$"), .exited(status: 137, output: ""), harness, sourceLocation)
  await verifyTimeout(harness, sourceLocation)
  await verifyOutputIsCapped(harness, sourceLocation)
  await verifyOnce(harness, sourceLocation)
  await verifyCancel(harness, sourceLocation)
  await verifyForget(harness, sourceLocation)
}

private func verify(
  _ request: CheckRequest, _ expected: CheckState, _ harness: CheckRunnerHarness, _ location: SourceLocation
) async {
  let state = await ended(request, harness, location)
  #expect(state == expected, "`\(request.command)`", sourceLocation: location)
}

private func verifyUnknownKey(_ harness: CheckRunnerHarness, _ location: SourceLocation) async {
  let runner = harness.make()
  let state = await expectSuccess(of: "the state of an unknown key", location) { () async throws(Failure) in
    try await runner.state(of: "unknown")
  }
  #expect(state == .some(nil), "the state of an unknown key", sourceLocation: location)
  await runner.cancel("unknown")
}

private func verifyTimeout(_ harness: CheckRunnerHarness, _ location: SourceLocation) async {
  let request = harness.request(
    "late", "echo begun; sleep 600 & echo $! >late.txt; wait; wait", timeout: .seconds(3))
  let state = await ended(request, harness, location)
  #expect(
    state == .exited(status: 124, output: "begun\nit ran into its timeout and was ended\n"),
    "a command that takes too long, and says so last", sourceLocation: location)
  await verifyGone("late.txt", harness, location)
}

private func verifyOutputIsCapped(_ harness: CheckRunnerHarness, _ location: SourceLocation) async {
  let request = harness.request("much", "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end")
  guard case .exited(0, let output)? = await ended(request, harness, location) else {
    Issue.record("a command that prints much must end with 0", sourceLocation: location)
    return
  }
  #expect(output.utf8.count == 8192, "kept output", sourceLocation: location)
  #expect(output.hasSuffix("x\nend\n"), "the last of what was printed is kept", sourceLocation: location)
}

private func verifyOnce(_ harness: CheckRunnerHarness, _ location: SourceLocation) async {
  let request = harness.request("once", "echo again >>once.txt; wc -l <once.txt")
  for _ in 1...3 { _ = await ended(request, harness, location) }
  let count = harness.request("count", "cat once.txt")
  await verify(count, .exited(status: 0, output: "again\n"), harness, location)
}

private func verifyCancel(_ harness: CheckRunnerHarness, _ location: SourceLocation) async {
  let request = harness.request("cancelled", "sleep 600 & echo $! >child.txt; wait")
  let runner = harness.make()
  _ = await expectSuccess(of: "start", location) { () async throws(Failure) in try await runner.start(request) }
  let running = await expectSuccess(of: "state", location) { () async throws(Failure) in
    try await runner.state(of: request.key)
  }
  #expect(running == .some(.running), "before cancel", sourceLocation: location)
  // The child must be there before it can be missed.
  let waiting = harness.request("waiting", "until [ -s child.txt ]; do sleep 0.05; done")
  await verify(waiting, .exited(status: 0, output: ""), harness, location)
  await harness.make().cancel(request.key)
  guard case .exited(let status, _)? = await ended(request, harness, location) else {
    Issue.record("a cancelled command must be seen as ended", sourceLocation: location)
    return
  }
  #expect(status > 128, "status after cancel", sourceLocation: location)
  await verifyGone("child.txt", harness, location)
  await runner.cancel(request.key)
}

private func verifyForget(_ harness: CheckRunnerHarness, _ location: SourceLocation) async {
  let request = harness.request("forgotten/1", "sleep 600 & echo $! >forgotten.txt; wait")
  let runner = harness.make()
  _ = await expectSuccess(of: "start", location) { () async throws(Failure) in try await runner.start(request) }
  let waiting = harness.request("waiting to forget", "until [ -s forgotten.txt ]; do sleep 0.05; done")
  await verify(waiting, .exited(status: 0, output: ""), harness, location)
  #expect(harness.make().known().contains(request.key), "keys that are known", sourceLocation: location)
  await harness.make().forget(request.key)
  await verifyGone("forgotten.txt", harness, location)
  #expect(!harness.make().known().contains(request.key), "keys that are forgotten", sourceLocation: location)
  let state = await expectSuccess(of: "the state of a forgotten key", location) { () async throws(Failure) in
    try await harness.make().state(of: request.key)
  }
  #expect(state == .some(nil), "the state of a forgotten key", sourceLocation: location)
  await runner.forget(request.key)
}

/// The process whose number is in the file has ended. One that nobody collects stays as a dead entry; it does not run.
private func verifyGone(_ file: String, _ harness: CheckRunnerHarness, _ location: SourceLocation) async {
  let gone = harness.request(
    "gone \(file)", "while grep -qs '^State:[[:space:]]*[A-WYa-z]' /proc/$(cat \(file))/status; do sleep 0.05; done",
    timeout: .seconds(30))
  await verify(gone, .exited(status: 0, output: ""), harness, location)
}

/// Starts a command and asks anew-made runners until it has ended, for a minute at most.
private func ended(_ request: CheckRequest, _ harness: CheckRunnerHarness, _ location: SourceLocation) async
  -> CheckState?
{
  let starter = harness.make()
  _ = await expectSuccess(of: "start of `\(request.command)`", location) { () async throws(Failure) in
    try await starter.start(request)
  }
  let end = ContinuousClock.now + .seconds(60)
  while ContinuousClock.now < end {
    let runner = harness.make()
    let state = await expectSuccess(of: "state of `\(request.command)`", location) { () async throws(Failure) in
      try await runner.state(of: request.key)
    }
    guard case .some(.some(.running)) = state else { return state ?? nil }
    try? await Task.sleep(for: .milliseconds(20))
  }
  Issue.record("`\(request.command)` did not end", sourceLocation: location)
  return .running
}
