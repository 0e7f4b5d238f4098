/// What a plugin says of itself in its `plugin.yaml`: a program of its own that serves kinds of backends.
package struct PluginManifest: Hashable, Sendable {
  package var name: String
  package var version: String
  /// Of the plugin protocol; 1 is the only one so far.
  package var protocolVersion: Int
  package var about: String
  /// Program and arguments. A program with a slash is relative to the plugin's folder, another is looked for in `PATH`.
  package var command: [String]
  package var kinds: [PluginKind]
  package var limits: PluginLimits
  /// Names of variables that the program gets of the controller's environment, beside `PATH`, `HOME` and `LANG`.
  package var environment: [String]

  package init(
    name: String, version: String, protocolVersion: Int = 1, about: String, command: [String], kinds: [PluginKind],
    limits: PluginLimits = PluginLimits(), environment: [String] = []
  ) {
    self.name = name
    self.version = version
    self.protocolVersion = protocolVersion
    self.about = about
    self.command = command
    self.kinds = kinds
    self.limits = limits
    self.environment = environment
  }
}

/// A kind of backend that a plugin serves, and how to try it.
package struct PluginKind: Hashable, Sendable {
  package var kind: BackendKind
  package var trial: PluginTrial?

  package init(kind: BackendKind, trial: PluginTrial? = nil) {
    self.kind = kind
    self.trial = trial
  }
}

/// What one process of a plugin may use.
package struct PluginLimits: Hashable, Sendable {
  /// Bytes of memory that each of its processes may fill.
  package var memory: Int
  /// Bytes of one message, either way.
  package var message: Int
  /// From the start of the program to its answer to `initialize`.
  package var start: Interval
  /// Calls that may be under way at the same time.
  package var calls: Int

  package init(
    memory: Int = 512 << 20, message: Int = 1 << 20, start: Interval = .seconds(10), calls: Int = 16
  ) {
    self.memory = memory
    self.message = message
    self.start = start
    self.calls = calls
  }
}

/// With what `headgate plugin check` tries a kind.
package struct PluginTrial: Hashable, Sendable {
  package var settings: Settings
  /// Questions to a metric provider that it must answer.
  package var queries: [String]
  /// A question that it must reject, one about something that there is not, and one that would take minutes.
  package var badQuery: String?
  package var emptyQuery: String?
  package var slowQuery: String?
  /// Why no question can take minutes, where there is none to try.
  package var neverSlow: String?
  /// The instant they are about; `nil`: now.
  package var at: Timestamp?
  /// A route of a router; one that it must reject is made up.
  package var route: String?
  /// A version that a deployer can bring up, one that it cannot, and one that would take minutes to come up.
  package var version: String?
  package var badVersion: String?
  package var slowVersion: String?
  /// A command that prints what a deployer runs, an instance a line, each with its key.
  package var running: [String]
  /// A command that prints what the receiver of a notifier has got, each notice with its key.
  package var received: [String]
  /// A step that passes, one that fails, and one that would go on for minutes.
  package var passing: PluginStepTrial?
  package var failing: PluginStepTrial?
  package var slow: PluginStepTrial?

  package init(
    settings: Settings = Settings(), queries: [String] = [], badQuery: String? = nil, emptyQuery: String? = nil,
    slowQuery: String? = nil, neverSlow: String? = nil, at: Timestamp? = nil, route: String? = nil,
    version: String? = nil, badVersion: String? = nil, slowVersion: String? = nil, running: [String] = [],
    received: [String] = [], passing: PluginStepTrial? = nil, failing: PluginStepTrial? = nil,
    slow: PluginStepTrial? = nil
  ) {
    self.settings = settings
    self.queries = queries
    self.badQuery = badQuery
    self.emptyQuery = emptyQuery
    self.slowQuery = slowQuery
    self.neverSlow = neverSlow
    self.at = at
    self.route = route
    self.version = version
    self.badVersion = badVersion
    self.slowVersion = slowVersion
    self.running = running
    self.received = received
    self.passing = passing
    self.failing = failing
    self.slow = slow
  }
}

/// A step of a runner, with what it is tried.
package struct PluginStepTrial: Hashable, Sendable {
  package var step: String
  package var with: [StepArgument]

  package init(step: String, with: [StepArgument] = []) {
    self.step = step
    self.with = with
  }
}

/// A plugin that an installation names, with what was found in its folder.
package struct InstalledPlugin: Hashable, Sendable {
  /// In `headgate.yaml`; for people only, kinds have names of their own.
  package var name: String
  package var directory: String
  /// The checksum its folder must have, in hexadecimal; `nil`: any.
  package var sha256: String?
  package var manifest: PluginManifest
  /// As of a backend.
  package var fault: String?

  package init(
    name: String, directory: String, sha256: String? = nil, manifest: PluginManifest, fault: String? = nil
  ) {
    self.name = name
    self.directory = directory
    self.sha256 = sha256
    self.manifest = manifest
    self.fault = fault
  }
}
