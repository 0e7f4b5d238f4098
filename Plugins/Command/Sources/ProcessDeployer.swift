import PipelineModel
import PluginKit

/// Runs each slot's version as a process of this machine, on the slot's own port, and starts it again when it dies.
///
/// The process finds the variables of a command's deployment in its environment, and `HEADGATE_PORT`. It stays in the
/// foreground and outlives the controller, not the machine. A start takes the place of any other of the same slot.
struct ProcessDeployer: Deployer {
  var name: String
  /// For `/bin/sh -c`.
  var command: String
  var ports: [Slot: Int]
  /// The address of `ProcessHealth`.
  var health: String
  var startWithin: Interval
  var stopWithin: Interval
  var environment: [String: String]
  var directory: String
  /// Holds a folder for each deployment's key.
  var root: String

  func start(_ deployment: Deployment) async throws(Failure) {
    let folder = try CheckFolder(root: root, key: deployment.key)
    if folder.isClaimed { return }
    let starts = try SlotStarts(root: root, deployment)
    // Before it begins: a controller that dies in between leaves one key too many, never one too few.
    try starts.remember(deployment.key)
    for key in starts.keys where key != deployment.key { try await end(key, of: deployment, in: starts) }
    try await checkPort(deployment, folder)
    do throws(Failure) {
      try await starter.start(try request(deployment, folder))
    } catch {
      // The folder comes from headgate.yaml, so a missing one is the operator's to mend.
      throw Failure(error.kind == .rejected ? .misconfigured : error.kind, error.message)
    }
  }

  func state(of deployment: Deployment) async throws(Failure) -> DeploymentState {
    let folder = ProcessFolder(folder: try CheckFolder(root: root, key: deployment.key))
    if let verdict = folder.verdict { return .failed(verdict) }
    switch try starter.state(of: deployment.key) {
    case nil: return .failed("\(what(deployment)) was never started")
    case .running: return try await look(deployment, folder)
    case .lost: return .failed("\(what(deployment)) is gone, and what kept it running: was the machine restarted?")
    case .exited(_, let output):
      guard let deaths = folder.deaths, deaths.count >= ProcessKeeper.patience, !folder.wasReady else {
        return .failed("\(what(deployment)) was stopped")
      }
      let ending = "ended \(deaths.count) times before it was ready, last with \(deaths.status)"
      return .failed("`\(brief(command))` for \(what(deployment)) \(ending)\(said(output))")
    }
  }

  func stop(_ deployment: Deployment) async throws(Failure) {
    let starts = try SlotStarts(root: root, deployment)
    for key in starts.keys { try await end(key, of: deployment, in: starts) }
  }

  private var starter: LongCommand { LongCommand(root: root, mode: .check) }

  /// A server counts as ready only while it runs: another program may be the one that answers on its port.
  private func look(_ deployment: Deployment, _ folder: ProcessFolder) async throws(Failure) -> DeploymentState {
    let app = folder.app
    let complaint = try await ProcessHealth(health, port: port(deployment)).complaint()
    let runs = app?.isAlive == true && folder.app == app
    if complaint == nil, runs {
      try folder.markReady()
      return .ready
    }
    let reason = runs ? complaint ?? "" : waiting(folder)
    guard !folder.wasReady, let age = folder.folder.group?.age, age > startWithin else { return .starting(reason) }
    let verdict = "\(what(deployment)) was not ready within \(startWithin): \(reason)\(said(folder.folder.output))"
    try folder.condemn(verdict)
    await starter.cancel(deployment.key, within: stopWithin)
    return .failed(verdict)
  }

  private func waiting(_ folder: ProcessFolder) -> String {
    guard let deaths = folder.deaths else { return "the process is being made" }
    return "it ended with \(deaths.status) and is started again"
  }

  private func end(_ key: String, of deployment: Deployment, in starts: SlotStarts) async throws(Failure) {
    let folder = ProcessFolder(folder: try CheckFolder(root: root, key: key))
    await starter.cancel(key, within: stopWithin)
    let orphans = folder.folder.isRunning ? nil : folder.endOrphan()
    let isOver = { !folder.folder.isRunning && folder.app?.isAlive != true && orphans?.isRunning != true }
    guard await until(.seconds(5), isOver) else {
      throw Failure(.transient, "could not stop \(what(deployment)): a process in its slot does not end")
    }
    starts.forget(key)
  }

  /// - Throws: when a program that is none of ours holds the port.
  private func checkPort(_ deployment: Deployment, _ folder: CheckFolder) async throws(Failure) {
    let port = port(deployment)
    guard await ProcessHealth.isListening("127.0.0.1", port), !folder.isClaimed else { return }
    throw Failure(
      .misconfigured, "could not start \(what(deployment)): another program listens on its port, \(port)")
  }

  private func request(_ deployment: Deployment, _ folder: CheckFolder) throws(Failure) -> CheckRequest {
    CheckRequest(
      key: deployment.key, command: ProcessKeeper.text(of: command, folder: folder.path),
      environment: environment.merging(deployment.variables) { _, ours in ours }
        .merging(["HEADGATE_PORT": "\(port(deployment))"]) { _, ours in ours },
      directory: directory, timeout: .hours(24 * 365 * 100))
  }

  private func port(_ deployment: Deployment) -> Int { ports[deployment.slot] ?? 0 }

  private func what(_ deployment: Deployment) -> String {
    "\(deployment.service) \(deployment.version) in slot \(deployment.slot.rawValue)"
  }

  private func said(_ output: String) -> String {
    let tail = lastLines(of: output)
    return tail.isEmpty ? "" : ": \(tail)"
  }
}
