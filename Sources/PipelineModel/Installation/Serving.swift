/// How `headgate serve` serves: `serve:` of `headgate.yaml`.
package struct Serving: Hashable, Sendable {
  package var address: Address
  /// Of requests that name none, and whose token does not settle it.
  package var environment: String?
  package var tokens: [Token]
  /// flagd files that stand in for the store's flags of an environment.
  package var sources: [FlagFile]
  /// flagd files that are written whenever the flags of an environment change.
  package var files: [FlagFile]
  package var exposures: Exposures
  package var limits: Limits

  package init(
    address: Address = .standard, environment: String? = nil, tokens: [Token] = [], sources: [FlagFile] = [],
    files: [FlagFile] = [], exposures: Exposures = Exposures(), limits: Limits = Limits()
  ) {
    self.address = address
    self.environment = environment
    self.tokens = tokens
    self.sources = sources
    self.files = files
    self.exposures = exposures
    self.limits = limits
  }

  /// A file with the flags of one environment; a relative path is relative to `headgate.yaml`.
  package struct FlagFile: Hashable, Sendable {
    package var environment: String
    package var path: String
    package init(environment: String, path: String) {
      self.environment = environment
      self.path = path
    }
  }

  /// What is kept about who was given what.
  package struct Exposures: Hashable, Sendable {
    package enum Subjects: String, Hashable, Sendable, CaseIterable {
      /// A keyed hash of the targeting key: one who has the key can be looked up, nobody can be listed by name.
      case hashed
      /// The targeting key itself.
      case plain
      /// Only counts of evaluations, nothing about anybody.
      case none
    }
    package var subjects: Subjects
    /// Of counts too.
    package var keep: Interval
    package init(subjects: Subjects = .hashed, keep: Interval = .hours(24 * 90)) {
      self.subjects = subjects
      self.keep = keep
    }
  }

  /// How much one client may ask of the server.
  package struct Limits: Hashable, Sendable {
    /// Of a request's body, in bytes.
    package var body: Int
    /// At a time; further ones wait until one ends.
    package var connections: Int
    /// From a request's first byte to its last, and for a client to take what it is sent.
    package var request: Interval
    /// Between two requests of a connection.
    package var idle: Interval
    /// Streams of changes at a time.
    package var streams: Int
    package init(
      body: Int = 256 << 10, connections: Int = 4096, request: Interval = .seconds(10), idle: Interval = .minutes(1),
      streams: Int = 1024
    ) {
      self.body = body
      self.connections = connections
      self.request = request
      self.idle = idle
      self.streams = streams
    }
  }
}
