import FoundationEssentials
import Glibc
import PipelineModel
import PluginKit
import Subprocess
import SystemPackage

/// A command that may take hours and outlives the controller: started once by its key, asked about, cancelled.
struct LongCommand {
  enum Mode: String {
    /// Nothing of it may run on after its end.
    case check
    /// It may leave servers running.
    case launch
  }

  /// Holds a folder for each key.
  var root: String
  var mode: Mode

  func start(_ request: CheckRequest) async throws(Failure) {
    let folder = try CheckFolder(root: root, key: request.key)
    if folder.isClaimed { return }
    let directory = request.directory ?? FileManager.default.currentDirectoryPath
    guard isFolder(directory) else {
      throw Failure(.rejected, "could not start `\(brief(request.command))`: there is no folder \(directory)")
    }
    try folder.create()
    try await launch(request, in: directory, folder)
    try await claimed(folder, request)
  }

  func state(of key: String) throws(Failure) -> CheckState? {
    let folder = try CheckFolder(root: root, key: key)
    guard folder.isClaimed else { return nil }
    // Running first, status second: a command that ends between the two is seen as ended.
    let isRunning = folder.isRunning
    if let status = folder.status { return .exited(status: status, output: said(in: folder)) }
    if isRunning { return .running }
    folder.claimAsLost()
    if let status = folder.status { return .exited(status: status, output: said(in: folder)) }
    return .lost(output: said(in: folder))
  }

  /// Whoever launches says in words of its own what took too long.
  private func said(in folder: CheckFolder) -> String { mode == .check ? folder.output : folder.printed }

  /// Asks the command and its children to end, and makes them after `grace`.
  func cancel(_ key: String, within grace: Interval = .seconds(5)) async {
    guard let folder = try? CheckFolder(root: root, key: key), folder.exists else { return }
    if !folder.isClaimed { folder.claimAsCancelled() }
    guard folder.status == nil else { return }
    // Between its claim and its group lies a moment, which may be long on a machine that has much to do.
    _ = await until(.seconds(10)) { folder.group != nil || folder.status != nil || !folder.isRunning }
    guard let group = folder.group, folder.status == nil else { return }
    signal(SIGTERM, to: group)
    if await until(grace, { folder.status != nil || !folder.isRunning }) { return }
    signal(SIGKILL, to: group)
    _ = await until(.seconds(5)) { folder.status != nil || !folder.isRunning }
  }

  private func launch(_ request: CheckRequest, in directory: String, _ folder: CheckFolder) async throws(Failure) {
    let seconds = max(0.001, request.timeout.seconds)
    do {
      let result = try await Subprocess.run(
        .name("setsid"),
        arguments: [
          "--fork", "/bin/sh", "-c", Supervisor.program, "headgate-supervisor", folder.path, "\(seconds)",
          mode.rawValue, request.command,
        ],
        environment: .custom(names(CommandEnvironment.with(request.environment))),
        workingDirectory: FilePath(directory), output: .discarded, error: .discarded)
      guard result.terminationStatus.isSuccess else {
        let status = result.terminationStatus
        throw Failure(.transient, "could not start `\(brief(request.command))`: setsid ended with \(status)")
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw launchFailure(of: request.command, in: directory, error)
    }
  }

  private func claimed(_ folder: CheckFolder, _ request: CheckRequest) async throws(Failure) {
    if await until(.seconds(10), { folder.isClaimed }) { return }
    throw Failure(.transient, "`\(brief(request.command))` was started but gave no sign of life within 10 s")
  }

  private func signal(_ number: Int32, to group: ProcessMark) {
    guard group.isAlive else { return }
    if kill(-group.pid, number) != 0 { kill(group.pid, number) }
  }

  private func isFolder(_ path: String) -> Bool {
    var isDirectory = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
  }
}

/// Looks every few milliseconds whether something has come true on disk; files give no signal of their own.
func until(_ limit: Interval, _ condition: () -> Bool) async -> Bool {
  let clock = ContinuousClock()
  let end = clock.now + .milliseconds(limit.milliseconds)
  while !condition() {
    guard clock.now < end else { return condition() }
    // In a task of its own, since what was begun is seen through, within the limit, also when the caller is cancelled.
    await Task.detached { try? await Task.sleep(for: .milliseconds(10)) }.value
  }
  return true
}
