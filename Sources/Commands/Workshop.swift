package import Controller
package import Engine
package import PipelineModel
import Synchronization

/// What the verbs need of the backends, without knowing any: given by the executable, which knows them all.
package struct Workshop: Sendable {
  /// Every kind of backend this build serves.
  package var kinds: [BackendKind]
  /// The backends of an installation; opens no connection.
  package var backends: @Sendable (Installation, Surroundings) throws(Failure) -> Backends
  /// Backends that all act on one simulated world, by the names the pipeline uses.
  package var simulated: @Sendable (Scenario, Plan, Surroundings) -> Backends

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
    kinds: [BackendKind], backends: @escaping @Sendable (Installation, Surroundings) throws(Failure) -> Backends,
    simulated: @escaping @Sendable (Scenario, Plan, Surroundings) -> Backends
  ) {
    self.kinds = kinds
    self.backends = backends
    self.simulated = simulated
  }

  private static let installed = Mutex<Workshop?>(nil)

  /// Given once, before the command line is read.
  package static func install(_ workshop: Workshop) { installed.withLock { $0 = workshop } }

  static var current: Workshop {
    guard let workshop = installed.withLock(\.self) else { preconditionFailure("the executable installs a workshop") }
    return workshop
  }
}
