/// One thing on the time line of services. Instants are RFC 3339 in UTC.
public struct TimelineMoment: Codable, Hashable, Sendable {
  public var time: String
  /// Number of the journal's entry that says so.
  public var entry: Int64
  /// `deployment`, `step`, `approval`, `hold`, `gate`, `rollback`, `drift`, `incident`, `freeze`, `flag` or `refusal`.
  public var topic: String
  public var run: Int64?
  /// Empty: of none in particular.
  public var services: [String]
  public var environment: String?
  /// `detail`, `plain`, `good`, `warning` or `bad`.
  public var tone: String
  public var text: String

  public init(
    time: String, entry: Int64, topic: String, run: Int64?, services: [String], environment: String?, tone: String,
    text: String
  ) {
    self.time = time
    self.entry = entry
    self.topic = topic
    self.run = run
    self.services = services
    self.environment = environment
    self.tone = tone
    self.text = text
  }
}

/// A run or a flag that may have brought about what went wrong.
public struct SuspectReport: Codable, Hashable, Sendable {
  /// 1 for the one suspected most.
  public var rank: Int
  /// 0 … 1, the product of `overlap`, `nearness` and the root of `exposure`.
  public var score: Double
  public var overlap: Double
  public var nearness: Double
  /// Share of the requests or users, 0 … 1.
  public var exposure: Double
  public var run: Int64?
  public var flag: String?
  public var services: [String]
  public var environment: String?
  /// When its most suspected change was, and the journal's entry that says so.
  public var time: String
  public var entry: Int64
  public var text: String
  public var reasons: [String]

  public init(
    rank: Int, score: Double, overlap: Double, nearness: Double, exposure: Double, run: Int64?, flag: String?,
    services: [String], environment: String?, time: String, entry: Int64, text: String, reasons: [String]
  ) {
    self.rank = rank
    self.score = score
    self.overlap = overlap
    self.nearness = nearness
    self.exposure = exposure
    self.run = run
    self.flag = flag
    self.services = services
    self.environment = environment
    self.time = time
    self.entry = entry
    self.text = text
    self.reasons = reasons
  }
}

/// An incident. Instants are RFC 3339 in UTC.
public struct IncidentSummary: Codable, Hashable, Sendable {
  public var incident: Int64
  public var title: String
  public var services: [String]
  public var environment: String?
  /// `minor`, `major` or `critical`.
  public var severity: String
  public var since: String
  /// Absent: it is open.
  public var endedAt: String?
  public var seconds: Double

  public init(
    incident: Int64, title: String, services: [String], environment: String?, severity: String, since: String,
    endedAt: String?, seconds: Double
  ) {
    self.incident = incident
    self.title = title
    self.services = services
    self.environment = environment
    self.severity = severity
    self.since = since
    self.endedAt = endedAt
    self.seconds = seconds
  }
}
