package import Controller
package import Engine
package import PipelineModel
import Synchronization

/// What the verbs need of the backends, without knowing any: given by the executable, which knows them all.
package struct Workshop: Sendable {
  /// Every kind of backend this build serves.
  package var kinds: [BackendKind]
  /// The backends of an installation, and why others of it cannot be used; opens no connection.
  package var backends: @Sendable (Installation, Surroundings) -> Backends
  /// What a backend's kind has against its settings beyond their schema. Asks nobody.
  package var faults: @Sendable (Backend, BackendKind.Port) -> [String]
  /// Backends that all act on one simulated world, by the names the pipeline uses.
  package var simulated: @Sendable (Scenario, Plan, Surroundings) -> Backends
  package var plugins: PluginTools
  /// The value of one of an installation's secrets, read anew. Throws `misconfigured`, never with the value.
  package var secret: @Sendable (_ name: String, Installation, _ baseDirectory: String) async throws(Failure) -> String

  /// Where an installation lives.
  package struct Surroundings: Sendable {
    /// Folder of `headgate.yaml`: relative paths in it are relative to this.
    package var baseDirectory: String
    /// For files of the backends that must survive a restart.
    package var stateDirectory: String
    package var now: @Sendable () -> Timestamp

    package init(baseDirectory: String, stateDirectory: String, now: @escaping @Sendable () -> Timestamp) {
      self.baseDirectory = baseDirectory
      self.stateDirectory = stateDirectory
      self.now = now
    }
  }

  package init(
    kinds: [BackendKind], backends: @escaping @Sendable (Installation, Surroundings) -> Backends,
    faults: @escaping @Sendable (Backend, BackendKind.Port) -> [String],
    simulated: @escaping @Sendable (Scenario, Plan, Surroundings) -> Backends, plugins: PluginTools,
    secret: @escaping @Sendable (_ name: String, Installation, _ baseDirectory: String) async throws(Failure) -> String
  ) {
    self.kinds = kinds
    self.backends = backends
    self.faults = faults
    self.simulated = simulated
    self.plugins = plugins
    self.secret = secret
  }

  private static let installed = Mutex<(@Sendable () -> Workshop)?>(nil)

  /// Given once, before the command line is read. What is given is asked when a verb needs it: most need no backends.
  package static func install(_ workshop: @escaping @Sendable () -> Workshop) { installed.withLock { $0 = workshop } }

  static var current: Workshop {
    guard let workshop = installed.withLock(\.self) else { preconditionFailure("the executable installs a workshop") }
    return workshop()
  }
}

/// What the verbs need of the host of plugins.
package struct PluginTools: Sendable {
  /// How one promise of one kind stood its trial.
  package struct Finding: Sendable {
    package var kind: String
    package var promise: String
    /// Empty: it is kept.
    package var complaints: [String]

    package init(kind: String, promise: String, complaints: [String]) {
      self.kind = kind
      self.promise = promise
      self.complaints = complaints
    }
  }

  /// Of a plugin's folder, in hexadecimal; throws `misconfigured` when the folder cannot be pinned.
  package var checksum: @Sendable (_ folder: String) throws(Failure) -> String
  /// Tries a plugin, and reports promise by promise. A patience is how long its program may take to end, and to answer a
  /// call that was given up.
  package var check: Check

  package typealias Check =
    @Sendable (
      InstalledPlugin, _ patience: Interval?, _ report: @escaping @Sendable (Finding) -> Void
    ) async -> Void

  package init(
    checksum: @escaping @Sendable (_ folder: String) throws(Failure) -> String,
    check: @escaping Check
  ) {
    self.checksum = checksum
    self.check = check
  }
}
