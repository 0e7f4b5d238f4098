/// A time in which changes wait. Instants are RFC 3339 in UTC.
public struct FreezeSummary: Codable, Hashable, Sendable {
  public var freeze: Int64
  public var title: String
  /// `to come`, `holds`, `over` as it was declared, or `ended` before.
  public var state: String
  /// Empty: every service.
  public var services: [String]
  /// Absent: every environment.
  public var environment: String?
  public var from: String
  /// Absent: until somebody ends it.
  public var until: String?
  /// What becomes of runs meanwhile: `refuse` or `hold`.
  public var starts: String
  /// Kinds of change that go ahead.
  public var except: [String]
  /// As the audit log keeps principals: `person:ada`.
  public var declaredBy: String
  public var declaredAt: String
  public var reason: String?
  /// Number of the journal's entry that declared it.
  public var entry: Int64
  public var endedBy: String?
  public var endedAt: String?
  public var endedBecause: String?

  public init(
    freeze: Int64, title: String, state: String, services: [String], environment: String?, from: String,
    until: String?, starts: String, except: [String], declaredBy: String, declaredAt: String, reason: String?,
    entry: Int64, endedBy: String?, endedAt: String?, endedBecause: String?
  ) {
    self.freeze = freeze
    self.title = title
    self.state = state
    self.services = services
    self.environment = environment
    self.from = from
    self.until = until
    self.starts = starts
    self.except = except
    self.declaredBy = declaredBy
    self.declaredAt = declaredAt
    self.reason = reason
    self.entry = entry
    self.endedBy = endedBy
    self.endedAt = endedAt
    self.endedBecause = endedBecause
  }
}
