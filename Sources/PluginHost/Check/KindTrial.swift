import Conformance
import Foundation
import PipelineModel
import PluginKit

/// The trial of one kind: with a process, with a second one beside it, as after a restart, and with a third one that is
/// begun when those have ended, and finds what they left.
struct KindTrial {
  /// What is tried on a port: by the first two processes, and by the third.
  struct Port {
    var first: [Promise] = []
    var afterwards: [Promise] = []
  }

  static let starting = "it starts, and answers initialize as plugin.yaml says"

  let plugin: InstalledPlugin
  let kind: BackendKind
  let trial: PluginTrial?
  let patience: PluginCheck.Patience
  let connection: PluginConnection
  let restarted: PluginConnection
  let successor: PluginConnection
  let base: String
  let state: String
  /// A made-up value for each secret that the settings name.
  let secrets: [String: String]

  static let backendName = "check"

  init(
    _ plugin: InstalledPlugin, _ kind: PluginKind, base: String, state: String, _ patience: PluginCheck.Patience
  ) {
    self.plugin = plugin
    self.kind = kind.kind
    self.patience = patience
    self.base = base
    self.state = state
    trial = kind.trial
    let settings = kind.trial?.settings ?? Settings()
    let secrets = Dictionary(
      uniqueKeysWithValues: settings.secretNames.map { ($0, "made-up-\(UUID().uuidString)") })
    self.secrets = secrets
    let context = BackendContext(
      secret: { name throws(Failure) in secrets[name] ?? "" }, stateDirectory: state, baseDirectory: base,
      now: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) })
    let backend = Backend(name: Self.backendName, kind: kind.kind.name, settings: settings)
    func process() -> PluginConnection {
      PluginConnection(plugin, kind: kind.kind, backend: backend, context: context, farewell: patience.farewell)
    }
    (connection, restarted, successor) = (process(), process(), process())
  }

  var promises: [Promise] {
    let port = port
    return demands + conversation + port.first + farewells + port.afterwards + leftovers
  }

  func end() async {
    for connection in [connection, restarted, successor] { await connection.close() }
  }

  private var demands: [Promise] {
    Demand.all(of: kind, plugin.manifest.limits).map { $0.promise(of: kind, trial) }
  }

  private var port: Port {
    guard let trial else { return Port() }
    return switch kind.port {
    case .metrics: sampling(trial)
    case .traffic: routing(trial)
    case .deployment: deploying(trial)
    case .notification: notifying(trial)
    case .step: stepping(trial)
    }
  }

  var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

  /// Of an idempotency key: nothing can be told by it.
  static var newKey: String { UUID().uuidString.lowercased() }

  var hidden: [String] { Array(secrets.values) }
}
