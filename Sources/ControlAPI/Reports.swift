/// One thing to say about a file.
public struct DiagnosticReport: Codable, Hashable, Sendable {
  public var path: String
  public var line: Int
  public var column: Int
  /// `error` or `warning`.
  public var severity: String
  public var message: String
  public var help: String?
  public var didYouMean: String?

  public init(
    path: String, line: Int, column: Int, severity: String, message: String, help: String?, didYouMean: String?
  ) {
    self.path = path
    self.line = line
    self.column = column
    self.severity = severity
    self.message = message
    self.help = help
    self.didYouMean = didYouMean
  }
}

/// What a simulation came to.
public struct SimulationReport: Codable, Hashable, Sendable {
  public var scenario: String
  public var path: String
  public var seed: UInt64
  /// `promoted`, `rolledBack`, `failed`, `aborted`; absent when the run did not end.
  public var outcome: String?
  /// Virtual time.
  public var seconds: Double
  public var stage: String?
  /// The highest share the candidate had, in percent, and the requests that reached it.
  public var highestWeight: Double
  public var exposedRequests: Double
  /// What was expected and did not come about.
  public var disappointments: [String]
  public var timeline: [TimelineLine]?

  public init(
    scenario: String, path: String, seed: UInt64, outcome: String?, seconds: Double, stage: String?,
    highestWeight: Double, exposedRequests: Double, disappointments: [String], timeline: [TimelineLine]? = nil
  ) {
    self.scenario = scenario
    self.path = path
    self.seed = seed
    self.outcome = outcome
    self.seconds = seconds
    self.stage = stage
    self.highestWeight = highestWeight
    self.exposedRequests = exposedRequests
    self.disappointments = disappointments
    self.timeline = timeline
  }
}
