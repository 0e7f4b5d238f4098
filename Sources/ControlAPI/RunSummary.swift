/// One run, as lists and the head of `show` have it. Instants are RFC 3339 in UTC.
public struct RunSummary: Codable, Hashable, Sendable {
  public var run: Int64
  public var pipeline: String
  public var service: String
  public var environment: String
  public var version: String
  /// The version that was stable when the run started; absent on a target's first run.
  public var stable: String?
  /// `queued`, `running`, `paused`, `held`, `rollingBack`, `promoted`, `rolledBack`, `failed` or `aborted`.
  public var status: String
  public var stage: String?
  /// The largest share of a route that the candidate was seen to have, in percent.
  public var weight: Double
  /// `person:alice`
  public var startedBy: String
  public var startedAt: String
  public var endedAt: String?
  /// From the start to the end, or to now.
  public var seconds: Double

  public init(
    run: Int64, pipeline: String, service: String, environment: String, version: String, stable: String?,
    status: String, stage: String?, weight: Double, startedBy: String, startedAt: String, endedAt: String?,
    seconds: Double
  ) {
    self.run = run
    self.pipeline = pipeline
    self.service = service
    self.environment = environment
    self.version = version
    self.stable = stable
    self.status = status
    self.stage = stage
    self.weight = weight
    self.startedBy = startedBy
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.seconds = seconds
  }
}
