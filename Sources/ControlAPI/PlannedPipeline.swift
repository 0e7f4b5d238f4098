/// What a pipeline would do. Times are in seconds, weights in percent.
public struct PlannedPipeline: Codable, Hashable, Sendable {
  public var pipeline: String
  public var service: String
  public var environment: String
  public var shortest: Double
  public var longest: Double
  public var whenBusy: String
  public var exposure: Exposure
  public var stages: [Stage]

  /// Share × time before full traffic, in seconds of all traffic.
  public struct Exposure: Codable, Hashable, Sendable {
    /// At most, when every hold ends in its time.
    public var inTime: Double
    /// At most, when a step is held until the deadline.
    public var held: Double

    public init(inTime: Double, held: Double) {
      self.inTime = inTime
      self.held = held
    }
  }

  public struct Stage: Codable, Hashable, Sendable {
    public var name: String
    public var kind: String
    public var does: [String]
    public var steps: [Step]
    public var background: Gate?
    public var shortest: Double
    public var longest: Double
    public var onFailure: String

    public init(
      name: String, kind: String, does: [String], steps: [Step], background: Gate?, shortest: Double, longest: Double,
      onFailure: String
    ) {
      self.name = name
      self.kind = kind
      self.does = does
      self.steps = steps
      self.background = background
      self.shortest = shortest
      self.longest = longest
      self.onFailure = onFailure
    }
  }

  public struct Step: Codable, Hashable, Sendable {
    public var title: String
    public var weight: Double
    public var hold: Double
    public var gate: Gate?
    /// How long a bad version has this weight at least before its gate can stop it; absent where nothing can.
    public var leastExposure: Double?
    public var mostExposure: Double
    /// What the comparisons of the gate need at this weight.
    public var decisions: [Decision]

    public init(
      title: String, weight: Double, hold: Double, gate: Gate?, leastExposure: Double?, mostExposure: Double,
      decisions: [Decision] = []
    ) {
      self.title = title
      self.weight = weight
      self.hold = hold
      self.gate = gate
      self.leastExposure = leastExposure
      self.mostExposure = mostExposure
      self.decisions = decisions
    }
  }

  /// Bad requests, and with known traffic the time, that a comparison is expected to need.
  public struct Decision: Codable, Hashable, Sendable {
    public var metric: String
    public var errorsToFail: Double
    public var errorsToPass: Double
    public var timeToFail: Double?
    public var timeToPass: Double?
    /// Whether both are expected within the hold; absent where the traffic is not known.
    public var fits: Bool?
    public var recommendedHold: Double?
    /// What nine in ten beginnings are quicker than; absent where no traffic is on record.
    public var longToFail: Double?
    public var longToPass: Double?

    public init(
      metric: String, errorsToFail: Double, errorsToPass: Double, timeToFail: Double?, timeToPass: Double?,
      fits: Bool?, recommendedHold: Double?, longToFail: Double? = nil, longToPass: Double? = nil
    ) {
      self.metric = metric
      self.errorsToFail = errorsToFail
      self.errorsToPass = errorsToPass
      self.timeToFail = timeToFail
      self.timeToPass = timeToPass
      self.fits = fits
      self.recommendedHold = recommendedHold
      self.longToFail = longToFail
      self.longToPass = longToPass
    }
  }

  public struct Gate: Codable, Hashable, Sendable {
    public var looks: Int64
    public var firstLook: Double
    public var every: Double
    public var metrics: [String]
    public var passes: String
    public var fails: String

    public init(looks: Int64, firstLook: Double, every: Double, metrics: [String], passes: String, fails: String) {
      self.looks = looks
      self.firstLook = firstLook
      self.every = every
      self.metrics = metrics
      self.passes = passes
      self.fails = fails
    }
  }

  public init(
    pipeline: String, service: String, environment: String, shortest: Double, longest: Double, whenBusy: String,
    exposure: Exposure, stages: [Stage]
  ) {
    self.pipeline = pipeline
    self.service = service
    self.environment = environment
    self.shortest = shortest
    self.longest = longest
    self.whenBusy = whenBusy
    self.exposure = exposure
    self.stages = stages
  }
}
