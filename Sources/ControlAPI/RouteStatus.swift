/// What one route gives the candidate, and what it was asked to give.
public struct RouteStatus: Codable, Hashable, Sendable {
  /// `edge/shop`
  public var route: String
  /// The share the router was last seen to give, in percent.
  public var weight: Double
  /// The share it was last asked for, in percent.
  public var wanted: Double
  /// Whether it has confirmed that one.
  public var confirmed: Bool
  /// Why it has not, when it was tried in vain.
  public var retry: RetryStatus?

  public init(route: String, weight: Double, wanted: Double, confirmed: Bool, retry: RetryStatus? = nil) {
    self.route = route
    self.weight = weight
    self.wanted = wanted
    self.confirmed = confirmed
    self.retry = retry
  }
}

/// Something that was tried in vain, and is tried again.
public struct RetryStatus: Codable, Hashable, Sendable {
  /// What is to be done: `set weight 0% on route "edge/shop"`
  public var what: String
  /// How often it was tried.
  public var failed: Int
  /// Why the last try failed.
  public var reason: String
  /// When it is tried again; in the past: it is being tried.
  public var next: String
  /// Until then, in seconds.
  public var secondsLeft: Double
  /// A person was called, since a rollback does not get through.
  public var escalated: Bool

  public init(what: String, failed: Int, reason: String, next: String, secondsLeft: Double, escalated: Bool) {
    self.what = what
    self.failed = failed
    self.reason = reason
    self.next = next
    self.secondsLeft = secondsLeft
    self.escalated = escalated
  }
}
