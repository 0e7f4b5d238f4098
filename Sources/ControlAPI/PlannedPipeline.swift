/// What a pipeline would do. Times are in seconds, weights in percent.
public struct PlannedPipeline: Codable, Hashable, Sendable {
  public var pipeline: String
  public var service: String
  public var environment: String
  public var shortest: Double
  public var longest: Double
  public var whenBusy: String
  public var stages: [Stage]

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

    public init(
      title: String, weight: Double, hold: Double, gate: Gate?, leastExposure: Double?, mostExposure: Double
    ) {
      self.title = title
      self.weight = weight
      self.hold = hold
      self.gate = gate
      self.leastExposure = leastExposure
      self.mostExposure = mostExposure
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
    stages: [Stage]
  ) {
    self.pipeline = pipeline
    self.service = service
    self.environment = environment
    self.shortest = shortest
    self.longest = longest
    self.whenBusy = whenBusy
    self.stages = stages
  }
}
