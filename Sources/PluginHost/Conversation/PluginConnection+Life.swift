import Foundation
import PipelineModel
import PluginKit

extension PluginConnection {
  /// One process from its start to its end.
  func live(_ life: Int, _ greeting: Int, _ lines: AsyncStream<[UInt8]>) async {
    do throws(Failure) {
      try plugin.verifyChecksum()
      try await greet(greeting)
    } catch {
      return ended(error, in: life)
    }
    let limit = plugin.manifest.limits.start
    let late = Task {
      try await Task.sleep(for: .milliseconds(limit.milliseconds))
      refused(Failure(.transient, "\(what) did not answer initialize within \(limit)"), in: life)
    }
    defer { late.cancel() }
    let process = PluginProcess(manifest: plugin.manifest, directory: plugin.directory)
    let ending = await process.run(
      lines, spoke: { [self] in await spoke($0, in: life) }, logged: { [log] in log.heard($0) })
    ended(failure(of: ending), in: life)
  }

  private var what: String { "the plugin \(plugin.name)" }

  /// Says `initialize`: it waits in the process's standard input until the program reads it.
  private func greet(_ id: Int) async throws(Failure) {
    var secrets: [String: String] = [:]
    for name in backend.settings.secretNames.sorted() { secrets[name] = try await context.secret(name) }
    log.hide(secrets.values)
    let folder = FileManager.default.currentDirectoryPath
    let absolute = { (path: String) in path.hasPrefix("/") ? path : "\(folder)/\(path)" }
    let params = Wire.Initialize(
      host: Wire.Program(name: "headgate", version: "0.1.0"), backend: backend.name, kind: kind.name,
      port: kind.port.rawValue, settings: JSON(backend.settings, secrets: secrets),
      stateDirectory: "\(absolute(context.stateDirectory))/plugins/\(backend.name)",
      baseDirectory: absolute(context.baseDirectory), longestMessage: plugin.manifest.limits.message)
    send(try encoded(Wire.Request(id: id, method: .initialize, params: params)))
  }

  /// Judges the answer to `initialize`.
  func hear(greeting line: [UInt8], in life: Int) {
    do throws(Failure) {
      let greeting: Wire.Greeting = try decoded(line)
      try check(greeting)
      greeted(life, by: line)
    } catch {
      refused(error, in: life)
    }
  }

  private func check(_ greeting: Wire.Greeting) throws(Failure) {
    guard greeting.protocolVersion == Wire.version else {
      throw Failure(
        .misconfigured, "\(what) speaks version \(greeting.protocolVersion) of the protocol, headgate \(Wire.version)")
    }
    let missing = kind.capabilities(with: backend.settings).map(\.rawValue).filter {
      !greeting.capabilities.contains($0)
    }
    guard missing.isEmpty else {
      throw Failure(
        .misconfigured,
        "\(what): its plugin.yaml promises \(missing.sorted().joined(separator: ", ")), and its program does not")
    }
  }

  private func failure(of ending: PluginProcess.Ending) -> Failure {
    let said = log.lastWords.isEmpty ? "" : ": \(log.lastWords)"
    switch ending {
    case .exited(let code) where [78, 126, 127].contains(code):
      return Failure(.misconfigured, "\(what) could not be started, its command ended with \(code)\(said)")
    case .exited(let code): return Failure(.transient, "\(what) ended with \(code)\(said)")
    case .killed(let signal): return Failure(.transient, "\(what) was ended by signal \(signal)\(said)")
    case .notStarted(let kind, let reason):
      return Failure(kind, "\(what) could not be started in \(plugin.directory): \(reason)")
    }
  }
}
