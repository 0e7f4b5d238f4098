import PipelineModel
import PluginKit

/// Brings versions up and down by commands of the operator's own.
///
/// All of them find `HEADGATE_SERVICE`, `HEADGATE_ENVIRONMENT`, `HEADGATE_VERSION`, `HEADGATE_SLOT` and `HEADGATE_KEY`
/// in their environment. `start` runs once for a key, apart from the controller, and may leave servers running; its
/// children are not ended, and what they print goes to a file, unless they say otherwise. `health` is asked after
/// `start` has ended with 0: 0 is ready, 75 still starting, anything else has failed. `stop` must be harmless when
/// nothing runs; every `start` of the slot that still runs is ended before it.
struct CommandDeployer: Deployer {
  var name: String
  var start: String
  var health: String
  var stop: String
  var startTimeout: Interval
  var healthTimeout: Interval
  var stopTimeout: Interval
  var environment: [String: String]
  var directory: String
  /// Holds a folder for each deployment's key.
  var root: String

  func start(_ deployment: Deployment) async throws(Failure) {
    let request = CheckRequest(
      key: deployment.key, command: start, environment: variables(deployment), directory: directory,
      timeout: startTimeout)
    do throws(Failure) {
      // Before it begins: a controller that dies in between leaves one key too many, never one too few.
      try SlotStarts(root: root, deployment).remember(deployment.key)
      try await starter.start(request)
    } catch {
      // The folder comes from headgate.yaml, so a missing one is the operator's to mend.
      throw Failure(error.kind == .rejected ? .misconfigured : error.kind, error.message)
    }
  }

  func state(of deployment: Deployment) async throws(Failure) -> DeploymentState {
    switch try starter.state(of: deployment.key) {
    case nil: .failed("\(what(deployment)) was never started")
    case .running: .starting("`\(brief(start))` is running")
    case .lost(let output):
      .failed("`\(brief(start))` for \(what(deployment)) was killed before it ended\(said(output))")
    case .exited(0, _): try await askHealth(deployment)
    case .exited(124, let output):
      .failed("`\(brief(start))` for \(what(deployment)) did not end within \(startTimeout)\(said(output))")
    case .exited(let status, let output):
      .failed("`\(brief(start))` for \(what(deployment)) ended with \(status)\(said(output))")
    }
  }

  func stop(_ deployment: Deployment) async throws(Failure) {
    try await endStarts(deployment)
    let command = short(stop, deployment, stopTimeout)
    let attempt = "could not stop \(what(deployment))"
    _ = try CommandExit.check(command, try await command.run(), attempt)
  }

  /// Every start for the slot, whatever its key: one that went on would bring its version up over a later one.
  private func endStarts(_ deployment: Deployment) async throws(Failure) {
    let starts = try SlotStarts(root: root, deployment)
    for key in starts.keys {
      await starter.cancel(key)
      if try starter.state(of: key) == .running {
        throw Failure(.transient, "could not stop \(what(deployment)): its `\(brief(start))` does not end")
      }
      starts.forget(key)
    }
  }

  private var starter: LongCommand { LongCommand(root: root, mode: .launch) }

  private func askHealth(_ deployment: Deployment) async throws(Failure) -> DeploymentState {
    let command = short(health, deployment, healthTimeout)
    let asked = "`\(brief(health))` for \(what(deployment))"
    guard let result = try await command.run() else {
      throw Failure(.transient, "\(asked) did not end within \(healthTimeout)")
    }
    switch result.status {
    case 0: return .ready
    case 75: return .starting(result.tail.isEmpty ? "`\(brief(health))` says: not yet" : result.tail)
    default: return .failed("\(asked) ended with \(result.status)\(said(result.tail))")
    }
  }

  private func short(_ text: String, _ deployment: Deployment, _ timeout: Interval) -> ShortCommand {
    ShortCommand(
      text: text, environment: CommandEnvironment.with(variables(deployment)), directory: directory, timeout: timeout)
  }

  private func variables(_ deployment: Deployment) -> [String: String] {
    environment.merging(deployment.variables) { _, ours in ours }
  }

  private func what(_ deployment: Deployment) -> String {
    "\(deployment.service) \(deployment.version) in slot \(deployment.slot.rawValue)"
  }

  private func said(_ output: String) -> String {
    let tail = lastLines(of: output)
    return tail.isEmpty ? "" : ": \(tail)"
  }
}

extension Deployment {
  /// It, as commands and processes find it in their environment.
  var variables: [String: String] {
    [
      "HEADGATE_SERVICE": service, "HEADGATE_ENVIRONMENT": environment, "HEADGATE_VERSION": version,
      "HEADGATE_SLOT": slot.rawValue, "HEADGATE_KEY": key,
    ]
  }
}
