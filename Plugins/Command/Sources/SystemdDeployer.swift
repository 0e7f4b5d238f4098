import FoundationEssentials
import PipelineModel
import PluginKit

/// Runs each slot's version as an instance of a systemd template unit, `NAME@SLOT.service`.
///
/// The unit reads the version from an `EnvironmentFile=`. What it means to be ready is the unit's to say: with
/// `Type=notify` it is ready when it says so, with `Type=exec` when the program was executed.
struct SystemdDeployer: Deployer {
  var name: String
  /// The template's name, before the `@`.
  var unit: String
  /// The environment file of each slot is `PREFIX-SLOT.env` there.
  var environmentFiles: String
  var environment: [String: String]
  var directory: String
  /// Longest for one `systemctl`.
  var timeout: Interval
  /// The program to ask, with its arguments, for a shell.
  var systemctl: String
  /// The only one it runs: its unit is that service's; `nil`: whichever comes.
  var service: String?
  /// Holds what was last asked of each slot.
  var root: String

  func start(_ deployment: Deployment) async throws(Failure) {
    if let service, service != deployment.service {
      throw Failure(
        .misconfigured,
        "could not start \(what(deployment)): \(name) runs \(service); give \(deployment.service) a backend of its own")
    }
    let record = record(deployment)
    var begun = try record.read()
    if begun?.key != deployment.key {
      try await end(deployment)
      let before = try await show(deployment)
      try environmentFile(deployment).replace(with: SystemdEnvironment.text(variables(deployment)))
      begun = SystemdRecord.Entry(key: deployment.key, before: before.invocation)
      try record.write(begun)
    }
    // A controller may have died between the asking and the noting: the invocation tells whether it was asked.
    let now = try await show(deployment)
    guard now.isLoaded else {
      throw Failure(.misconfigured, "could not start \(what(deployment)): systemd cannot load the unit")
    }
    guard !now.wasStarted(since: begun?.before ?? ""), !now.isQueued else { return }
    _ = try await ask("start --no-block", deployment, "could not start \(what(deployment))")
  }

  func state(of deployment: Deployment) async throws(Failure) -> DeploymentState {
    let entry = try record(deployment).read()
    guard let entry, entry.key == deployment.key else {
      return .failed("\(what(deployment)) was stopped or never started")
    }
    return try await show(deployment).state(of: unitName(deployment), since: entry.before)
  }

  func stop(_ deployment: Deployment) async throws(Failure) {
    try record(deployment).write(nil)
    try await end(deployment)
  }

  private func end(_ deployment: Deployment) async throws(Failure) {
    guard try await show(deployment).isLoaded else { return }
    _ = try await ask("stop", deployment, "could not stop \(what(deployment))")
    // Without it, a unit that failed often is not started again before its interval is over.
    _ = try await ask("reset-failed", deployment, "could not stop \(what(deployment))")
  }

  private func show(_ deployment: Deployment) async throws(Failure) -> SystemdStatus {
    let attempt = "could not ask for \(what(deployment))"
    let properties = SystemdStatus.properties.joined(separator: ",")
    let printed = try await ask("show --property=\(properties)", deployment, attempt)
    guard let status = SystemdStatus(printed) else {
      throw Failure(
        .misconfigured, "\(attempt): `systemctl show` did not print its properties: \(printed.excerpt(200))")
    }
    return status
  }

  private func ask(_ verb: String, _ deployment: Deployment, _ attempt: String) async throws(Failure) -> String {
    let command = ShortCommand(
      text: "\(systemctl) \(verb) -- \(ProcessKeeper.quoted(unitName(deployment)))",
      environment: CommandEnvironment.with(["LC_ALL": "C"]), directory: directory, timeout: timeout)
    return try CommandExit.check(command, try await command.run(), attempt).output
  }

  private func record(_ deployment: Deployment) -> SystemdRecord {
    SystemdRecord(path: "\(root)/\(deployment.slot.rawValue)")
  }

  private func environmentFile(_ deployment: Deployment) -> WholeFile {
    WholeFile("\(environmentFiles)-\(deployment.slot.rawValue).env")
  }

  private func unitName(_ deployment: Deployment) -> String { "\(unit)@\(deployment.slot.rawValue).service" }

  private func variables(_ deployment: Deployment) -> [String: String] {
    environment.merging(deployment.variables) { _, ours in ours }
  }

  private func what(_ deployment: Deployment) -> String {
    "\(deployment.service) \(deployment.version) as \(unitName(deployment))"
  }
}
