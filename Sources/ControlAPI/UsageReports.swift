/// Who was given a flag. Instants are RFC 3339 in UTC.
public struct ExposureReport: Codable, Hashable, Sendable {
  public struct Exposed: Codable, Hashable, Sendable {
    /// The targeting key, or its hash.
    public var subject: String
    public var variant: String
    /// `single`: for this flag; `bulk`: with all others.
    public var way: String
    /// The first and the last occasion known within the time that was asked about; absent when it is not certain that
    /// there was one.
    public var first: String?
    public var last: String?
    /// Occasions within that time: so many at least, and `atMost` at most.
    public var count: Int64
    public var atMost: Int64
    /// `false`: before and after, and perhaps between.
    public var certain: Bool

    public init(
      subject: String, variant: String, way: String, first: String?, last: String?, count: Int64, atMost: Int64,
      certain: Bool
    ) {
      self.subject = subject
      self.variant = variant
      self.way = way
      self.first = first
      self.last = last
      self.count = count
      self.atMost = atMost
      self.certain = certain
    }
  }

  public var environment: String
  public var key: String
  /// How targeting keys are kept: `hashed`, `plain` or `none`.
  public var subjects: String
  public var countedSince: String
  public var exposed: [Exposed]
  /// Whether there are more than were asked for.
  public var isCut: Bool
  /// Exposures of this time that were not kept.
  public var lost: Int64

  public init(
    environment: String, key: String, subjects: String, countedSince: String, exposed: [Exposed], isCut: Bool,
    lost: Int64
  ) {
    self.environment = environment
    self.key = key
    self.subjects = subjects
    self.countedSince = countedSince
    self.exposed = exposed
    self.isCut = isCut
    self.lost = lost
  }
}

/// Flags that somebody should look at.
public struct StaleReport: Codable, Hashable, Sendable {
  public struct Reason: Codable, Hashable, Sendable {
    /// `unused`, `onlyInBulk`, `oneSided`, `expired` or `withoutOwner`.
    public var kind: String
    public var text: String

    public init(kind: String, text: String) {
      self.kind = kind
      self.text = text
    }
  }

  public struct Flag: Codable, Hashable, Sendable {
    public var key: String
    public var owner: String?
    public var reasons: [Reason]

    public init(key: String, owner: String?, reasons: [Reason]) {
      self.key = key
      self.owner = owner
      self.reasons = reasons
    }
  }

  public var environment: String
  /// Evaluations count from here on.
  public var from: String
  public var countedSince: String?
  /// Whether evaluations were counted for all of it.
  public var isCovered: Bool
  public var flags: [Flag]

  public init(environment: String, from: String, countedSince: String?, isCovered: Bool, flags: [Flag]) {
    self.environment = environment
    self.from = from
    self.countedSince = countedSince
    self.isCovered = isCovered
    self.flags = flags
  }
}
