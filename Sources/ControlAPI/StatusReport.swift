/// What is rolling out now, and what stands in its way.
public struct StatusReport: Codable, Hashable, Sendable {
  public var runs: [RunDetail]
  /// Backends that are left alone for a while, or are being tried again; empty when all are simply asked.
  public var backends: [BackendStatus]
  /// Absent: no controller drives the store, and nothing advances.
  public var driver: Driver?
  /// What was asked for and nobody has answered yet.
  public var requests: [WaitingRequest]

  public struct Driver: Codable, Hashable, Sendable {
    public var process: Int
    public var host: String
    public var since: String

    public init(process: Int, host: String, since: String) {
      self.process = process
      self.host = host
      self.since = since
    }
  }

  public init(
    runs: [RunDetail], backends: [BackendStatus] = [], driver: Driver? = nil, requests: [WaitingRequest] = []
  ) {
    self.runs = runs
    self.backends = backends
    self.driver = driver
    self.requests = requests
  }
}

/// A request that lies in the store until a controller drives.
public struct WaitingRequest: Codable, Hashable, Sendable {
  /// `roll back run 3`
  public var asked: String
  public var by: String
  public var at: String
  public var reason: String?

  public init(asked: String, by: String, at: String, reason: String? = nil) {
    self.asked = asked
    self.by = by
    self.at = at
    self.reason = reason
  }
}

/// A backend as its guard sees it.
public struct BackendStatus: Codable, Hashable, Sendable {
  /// `metrics`, `traffic`, `deployment`, `notification` or `step`.
  public var port: String
  public var name: String
  /// `open`: it is not asked; `halfOpen`: one call is under way to see whether it is back.
  public var state: String
  public var since: String
  /// When it is asked again; of `open` only.
  public var until: String?
  /// What it last failed with.
  public var reason: String?

  public init(port: String, name: String, state: String, since: String, until: String? = nil, reason: String? = nil) {
    self.port = port
    self.name = name
    self.state = state
    self.since = since
    self.until = until
    self.reason = reason
  }
}
