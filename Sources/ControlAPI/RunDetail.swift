/// One run with its gates as they stand and its time line.
public struct RunDetail: Codable, Hashable, Sendable {
  public var run: RunSummary
  public var runbook: String?
  /// Why it waits for a person, in a sentence.
  public var held: String?
  /// Routes that were asked for a share, in the order of the pipeline.
  public var routes: [RouteStatus]
  /// What else was tried in vain, and is tried again.
  public var retries: [RetryStatus]
  public var gates: [GateStatus]
  /// What has come between that the run does not know of yet.
  public var notes: [String]
  public var timeline: [TimelineLine]
  /// Every look at a metric and every verdict of a gate; only of one run that is shown.
  public var measurements: [MeasurementReport]?
  public var verdicts: [VerdictReport]?
  /// Only with a replay.
  public var replay: ReplayReport?

  public init(
    run: RunSummary, runbook: String? = nil, held: String? = nil, routes: [RouteStatus] = [],
    retries: [RetryStatus] = [], gates: [GateStatus] = [], notes: [String] = [],
    timeline: [TimelineLine] = [], replay: ReplayReport? = nil
  ) {
    self.run = run
    self.runbook = runbook
    self.held = held
    self.routes = routes
    self.retries = retries
    self.gates = gates
    self.notes = notes
    self.timeline = timeline
    self.replay = replay
  }
}

/// A gate that is judging now.
public struct GateStatus: Codable, Hashable, Sendable {
  /// `move` for the gate of the step in progress, `background` for that of the whole stage.
  public var site: String
  /// `pass`, `fail`, `inconclusive`, `noData`, `error`: what it would say were it to end now.
  public var verdict: String
  /// Until its time is over, where it has an end; in seconds.
  public var secondsLeft: Double?
  public var metrics: [MetricStatus]

  public init(site: String, verdict: String, secondsLeft: Double?, metrics: [MetricStatus]) {
    self.site = site
    self.verdict = verdict
    self.secondsLeft = secondsLeft
    self.metrics = metrics
  }
}

/// A metric of a gate, its last value beside its limits.
public struct MetricStatus: Codable, Hashable, Sendable {
  public var metric: String
  /// In base units: seconds, bytes, fractions; absent when the last look gave no number.
  public var value: Double?
  /// The same for people, or why there is none.
  public var shown: String
  public var limits: String
  /// The last look's judgement; absent before the first.
  public var judgement: String?
  public var passes: Int
  public var looks: Int
  public var needed: Int

  public init(
    metric: String, value: Double?, shown: String, limits: String, judgement: String?, passes: Int, looks: Int,
    needed: Int
  ) {
    self.metric = metric
    self.value = value
    self.shown = shown
    self.limits = limits
    self.judgement = judgement
    self.passes = passes
    self.looks = looks
    self.needed = needed
  }
}

public struct TimelineLine: Codable, Hashable, Sendable {
  public var time: String
  /// `detail`, `plain`, `good`, `warning` or `bad`.
  public var tone: String
  public var text: String

  public init(time: String, tone: String, text: String) {
    self.time = time
    self.tone = tone
    self.text = text
  }
}

/// What a second fold of the journal came to.
public struct ReplayReport: Codable, Hashable, Sendable {
  public var entries: Int
  public var agrees: Bool
  /// Sequence numbers of the entries from which this engine concludes something else.
  public var divergences: [Int64]

  public init(entries: Int, agrees: Bool, divergences: [Int64]) {
    self.entries = entries
    self.agrees = agrees
    self.divergences = divergences
  }
}
