import Foundation
import PipelineModel
import PipelineSyntax
import PluginKit
import Synchronization
import Testing

@testable import PluginHost

/// A host with what a test needs around it; everything it has started is ended with it.
final class Stage: Sendable {
  let host: PluginHost
  let folder: String
  private let secrets: Secrets

  init(secrets: [String: String] = [:]) throws {
    folder = "\(FileManager.default.temporaryDirectory.path)/headgate-plugin-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    self.secrets = Secrets(secrets)
    let lines = Lines()
    host = PluginHost { direction, line in lines.add(direction, line) }
    self.lines = lines
  }

  private final class Secrets: Sendable {
    private let values: Mutex<[String: String]>
    init(_ values: [String: String]) { self.values = Mutex(values) }
    subscript(name: String) -> String? {
      get { values.withLock { $0[name] } }
      set { values.withLock { $0[name] = newValue } }
    }
  }

  func change(_ secret: String, to value: String) { secrets[secret] = value }

  final class Lines: Sendable {
    private let all = Mutex<[(direction: PluginConnection.Direction, line: [UInt8])]>([])
    func add(_ direction: PluginConnection.Direction, _ line: [UInt8]) { all.withLock { $0.append((direction, line)) } }
    var said: [(direction: PluginConnection.Direction, line: [UInt8])] { all.withLock { $0 } }
  }

  let lines: Lines

  static func with<Value>(
    secrets: [String: String] = [:], _ work: (Stage) async throws -> Value
  ) async throws -> Value {
    let stage = try Stage(secrets: secrets)
    do {
      let value = try await work(stage)
      await stage.end()
      return value
    } catch {
      await stage.end()
      throw error
    }
  }

  private func end() async {
    await host.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  // MARK: Plugins

  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures").path
  static let plugins = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Plugins")
    .standardizedFileURL.path

  static func plugin(_ folder: String, sha256: String? = nil) throws -> InstalledPlugin {
    let parsed = PluginParser().parse(try SourceFile.read("\(folder)/plugin.yaml"))
    var manifest = try #require(parsed.value, "\(parsed.diagnostics)")
    // Longer than it says, since the machine may have much to do.
    manifest.limits.start = .seconds(60)
    return InstalledPlugin(name: manifest.name, directory: folder, sha256: sha256, manifest: manifest)
  }

  var context: BackendContext {
    let secrets = secrets
    return BackendContext(
      secret: { name throws(Failure) in
        guard let value = secrets[name] else { throw Failure(.misconfigured, "there is no secret \(name)") }
        return value
      }, stateDirectory: "\(folder)/state", baseDirectory: folder, now: { Timestamp(milliseconds: 0) })
  }

  /// The first kind of the plugin that does what the port is for.
  func made<Port>(
    _ factories: ([InstalledPlugin]) -> [BackendFactory<Port>], _ plugin: InstalledPlugin,
    _ settings: Settings = .init()
  ) throws -> Port {
    let factory = try #require(factories([plugin]).first)
    return try factory.make(Backend(name: "subject", kind: factory.kind.name, settings: settings), context)
  }

  func rogue(_ settings: [String: Settings.Value] = [:]) throws -> any MetricProvider {
    try made(host.providers, try Self.plugin("\(Self.fixtures)/rogue"), Settings(settings))
  }
}

extension MetricProvider {
  func ask(_ text: String, timeout: Interval = .seconds(60)) async throws(Failure) -> Answer {
    try await sample(
      MetricQuery(metric: "errors", text: text, at: Timestamp(milliseconds: 1_700_000_120_000), timeout: timeout))
  }

  func failure(_ text: String, timeout: Interval = .seconds(60)) async throws -> Failure {
    var answer: Answer?
    do throws(Failure) {
      answer = try await ask(text, timeout: timeout)
    } catch {
      return error
    }
    return try #require(nil as Failure?, "\(text) must fail, and gave \(String(describing: answer))")
  }

  /// Asks until an answer comes: after a failure the host may wait before it starts the program again.
  func askUntilAnswered(_ text: String) async throws -> Answer {
    let end = ContinuousClock.now + .seconds(120)
    while true {
      do throws(Failure) {
        return try await ask(text)
      } catch {
        if ContinuousClock.now > end { throw error }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}

/// Calls until it is answered, for two minutes at most.
func started<Value>(_ call: () async throws -> Value) async throws {
  let end = ContinuousClock.now + .seconds(120)
  while true {
    do {
      _ = try await call()
      return
    } catch {
      if ContinuousClock.now > end { throw error }
    }
    try await Task.sleep(for: .milliseconds(100))
  }
}

/// Looks every few milliseconds until it is so, for a minute at most.
func eventually(_ condition: () -> Bool) async -> Bool {
  let end = ContinuousClock.now + .seconds(60)
  while !condition() {
    if ContinuousClock.now > end { return condition() }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return true
}
