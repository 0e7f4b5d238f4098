package import PipelineModel

/// A kind of backend with the way to make one from its settings. `Wiring` lists them; nothing else names them.
package struct BackendFactory<Port: Sendable>: Sendable {
  package var kind: BackendKind
  /// Settings are already checked against the kind's schema. Opens no connection: a backend that is down is found out
  /// when it is asked.
  package var make: @Sendable (Backend, BackendContext) throws(Failure) -> Port

  package init(
    kind: BackendKind, make: @escaping @Sendable (Backend, BackendContext) throws(Failure) -> Port
  ) {
    self.kind = kind
    self.make = make
  }
}

/// What a backend is given of its surroundings.
package struct BackendContext: Sendable {
  /// The value of a named secret, read anew at each call. Throws `misconfigured` when it cannot be had.
  package var secret: @Sendable (String) async throws(Failure) -> String
  /// A folder of the installation's own for files that must survive a restart.
  package var stateDirectory: String
  /// Relative paths in settings are relative to this folder.
  package var baseDirectory: String
  package var now: @Sendable () -> Timestamp
  /// Whether settings are only checked, perhaps on another machine than the one they are for: what is made is never
  /// asked for anything.
  package var onlyChecks = false

  package init(
    secret: @escaping @Sendable (String) async throws(Failure) -> String, stateDirectory: String,
    baseDirectory: String, now: @escaping @Sendable () -> Timestamp
  ) {
    self.secret = secret
    self.stateDirectory = stateDirectory
    self.baseDirectory = baseDirectory
    self.now = now
  }
}
