/// One look at a metric, as it was judged.
public struct MeasurementReport: Codable, Hashable, Sendable {
  /// RFC 3339 in UTC.
  public var time: String
  public var metric: String
  /// `move` for the gate of a step, `background` for that of the whole stage.
  public var site: String
  /// In base units: seconds, bytes, fractions; absent where the answer was no finite number.
  public var value: Double?
  /// The same for people, or why there is none.
  public var shown: String
  /// The rule that judged it, as its author wrote it.
  public var limits: String
  /// `pass`, `fail`, `inconclusive`, `noData` or `error`.
  public var verdict: String
  /// The provider that answered in place of the one that was asked.
  public var provider: String?
  /// What the provider said against its own answer.
  public var warnings: [String]

  public init(
    time: String, metric: String, site: String, value: Double?, shown: String, limits: String, verdict: String,
    provider: String? = nil, warnings: [String] = []
  ) {
    self.time = time
    self.metric = metric
    self.site = site
    self.value = value
    self.shown = shown
    self.limits = limits
    self.verdict = verdict
    self.provider = provider
    self.warnings = warnings
  }
}

/// What a gate decided, and what each of its metrics had to say.
public struct VerdictReport: Codable, Hashable, Sendable {
  public var time: String
  public var site: String
  /// `pass`, `fail`, `inconclusive`, `noData`, `error` or `stopped`.
  public var verdict: String
  public var metrics: [Metric]

  public struct Metric: Codable, Hashable, Sendable {
    public var metric: String
    public var verdict: String
    /// The last number, in base units.
    public var last: Double?
    public var limits: String
    public var looks: Int
    public var passes: Int
    public var failures: Int
    public var inconclusive: Int
    public var noData: Int
    public var errors: Int

    public init(
      metric: String, verdict: String, last: Double?, limits: String, looks: Int, passes: Int, failures: Int,
      inconclusive: Int, noData: Int, errors: Int
    ) {
      self.metric = metric
      self.verdict = verdict
      self.last = last
      self.limits = limits
      self.looks = looks
      self.passes = passes
      self.failures = failures
      self.inconclusive = inconclusive
      self.noData = noData
      self.errors = errors
    }
  }

  public init(time: String, site: String, verdict: String, metrics: [Metric]) {
    self.time = time
    self.site = site
    self.verdict = verdict
    self.metrics = metrics
  }
}
