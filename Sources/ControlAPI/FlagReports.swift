/// A flag at one of its revisions.
public struct FlagSummary: Codable, Hashable, Sendable {
  public var environment: String
  public var key: String
  public var revision: Int64
  /// `on`, `off`, `latched` or `archived`.
  public var state: String
  public var defaultVariant: String?
  public var owner: String?
  public var purpose: String?
  public var expires: String?
  public var endState: String?
  public var services: [String]
  /// Run that ramps it, or did last.
  public var rollout: Int64?
  /// Generation of `fractional`.
  public var fractional: String
  /// How the revision came about, in words.
  public var change: String
  public var changedAt: String
  /// Who asked for it, whoever's approval it waited for.
  public var changedBy: String
  public var reason: String?
  /// That it came of; absent where nobody was waited for.
  public var proposal: Int64?
  public var approvedBy: [String]
  /// Sequence number of the revision's entry in the journal.
  public var entry: Int64
  /// The flagd definition, as JSON text.
  public var definition: String?

  public init(
    environment: String, key: String, revision: Int64, state: String, defaultVariant: String?, owner: String?,
    purpose: String?, expires: String?, endState: String?, services: [String], rollout: Int64?, fractional: String,
    change: String, changedAt: String, changedBy: String, reason: String?, proposal: Int64? = nil, approvedBy: [String],
    entry: Int64,
    definition: String?
  ) {
    self.environment = environment
    self.key = key
    self.revision = revision
    self.state = state
    self.defaultVariant = defaultVariant
    self.owner = owner
    self.purpose = purpose
    self.expires = expires
    self.endState = endState
    self.services = services
    self.rollout = rollout
    self.fractional = fractional
    self.change = change
    self.changedAt = changedAt
    self.changedBy = changedBy
    self.reason = reason
    self.proposal = proposal
    self.approvedBy = approvedBy
    self.entry = entry
    self.definition = definition
  }
}

/// Who gets another answer.
public struct MoversReport: Codable, Hashable, Sendable {
  public struct Way: Codable, Hashable, Sendable {
    /// Absent: the client's own default.
    public var from: String?
    public var to: String?
    public var people: Int

    public init(from: String?, to: String?, people: Int) {
      self.from = from
      self.to = to
      self.people = people
    }
  }

  /// How many come to a variant, and how many leave it.
  public struct Balance: Codable, Hashable, Sendable {
    /// Absent: the client's own default.
    public var variant: String?
    public var gained: Int
    public var lost: Int

    public init(variant: String?, gained: Int, lost: Int) {
      self.variant = variant
      self.gained = gained
      self.lost = lost
    }
  }

  /// Somebody who moves.
  public struct Mover: Codable, Hashable, Sendable {
    /// Absent where nothing of the kind was given.
    public var targetingKey: String?
    /// Among the people reckoned with, from 1.
    public var position: Int
    public var from: String?
    public var to: String?

    public init(targetingKey: String?, position: Int, from: String?, to: String?) {
      self.targetingKey = targetingKey
      self.position = position
      self.from = from
      self.to = to
    }
  }

  public var environment: String
  public var key: String
  public var population: Int
  public var moved: Int
  /// The most travelled first.
  public var ways: [Way]
  /// Conditions, by their places in the rules, that all of the people made up meet, or none: what becomes of others is not
  /// known.
  public var blindSpots: [String]
  /// Of every variant that somebody comes to or leaves.
  public var variants: [Balance]
  /// How many move between other variants than the one that is meant to change; absent when none is meant.
  public var collateral: Int?
  /// Everybody who moves, when they were asked for by name.
  public var movers: [Mover]?

  public init(
    environment: String, key: String, population: Int, moved: Int, ways: [Way], blindSpots: [String] = [],
    variants: [Balance] = [], collateral: Int? = nil, movers: [Mover]? = nil
  ) {
    self.environment = environment
    self.key = key
    self.population = population
    self.moved = moved
    self.ways = ways
    self.blindSpots = blindSpots
    self.variants = variants
    self.collateral = collateral
    self.movers = movers
  }
}

/// A change that waits, or waited, for other people or for its time.
public struct ProposalSummary: Codable, Hashable, Sendable {
  public var proposal: Int64
  public var environment: String
  public var key: String
  /// `open`, `scheduled`, `held`, `applied`, `brokeGlass`, `reviewed`, `rejected`, `expired` or `void`.
  public var state: String
  /// Why it is void, who ended it, or which freeze holds it.
  public var note: String?
  public var change: String
  /// The revision it would make.
  public var revision: Int64
  public var requestedBy: String
  public var requestedAt: String
  public var reason: String?
  public var expires: String
  public var due: String?
  public var approvalsNeeded: Int
  public var approvedBy: [String]
  /// What approvals are bound to.
  public var hash: String
  public var definition: String

  public init(
    proposal: Int64, environment: String, key: String, state: String, note: String?, change: String, revision: Int64,
    requestedBy: String, requestedAt: String, reason: String?, expires: String, due: String?, approvalsNeeded: Int,
    approvedBy: [String], hash: String, definition: String
  ) {
    self.proposal = proposal
    self.environment = environment
    self.key = key
    self.state = state
    self.note = note
    self.change = change
    self.revision = revision
    self.requestedBy = requestedBy
    self.requestedAt = requestedAt
    self.reason = reason
    self.expires = expires
    self.due = due
    self.approvalsNeeded = approvalsNeeded
    self.approvedBy = approvedBy
    self.hash = hash
    self.definition = definition
  }
}

/// What became of what was asked for of flags.
public struct FlagAnswer: Codable, Hashable, Sendable {
  /// Revisions that are in force now.
  public var revisions: [FlagSummary]
  /// Changes that wait, and what became of others.
  public var proposals: [ProposalSummary]
  /// Who was reckoned to move, flag by flag.
  public var movers: [MoversReport]

  public init(revisions: [FlagSummary], proposals: [ProposalSummary], movers: [MoversReport]) {
    self.revisions = revisions
    self.proposals = proposals
    self.movers = movers
  }
}

/// What would become of what might be asked for of flags. Nothing of it has happened.
public struct FlagPreview: Codable, Hashable, Sendable {
  /// What a flag would be at once.
  public struct Revision: Codable, Hashable, Sendable {
    public var environment: String
    public var key: String
    public var revision: Int64
    public var state: String
    public var change: String
    public var definition: String

    public init(
      environment: String, key: String, revision: Int64, state: String, change: String, definition: String
    ) {
      self.environment = environment
      self.key = key
      self.revision = revision
      self.state = state
      self.change = change
      self.definition = definition
    }
  }

  /// Changes that would be made at once.
  public var revisions: [Revision]
  /// Changes that would wait, with the approvals they would need, and what would become of others. Their numbers are those
  /// of proposals made now.
  public var proposals: [ProposalSummary]
  /// Who is reckoned to move, flag by flag.
  public var movers: [MoversReport]

  public init(revisions: [Revision], proposals: [ProposalSummary], movers: [MoversReport]) {
    self.revisions = revisions
    self.proposals = proposals
    self.movers = movers
  }
}

/// What changed of a flag.
public struct FlagDifference: Codable, Hashable, Sendable {
  public struct Line: Codable, Hashable, Sendable {
    /// `removed`, `added` or `same`.
    public var kind: String
    public var text: String

    public init(kind: String, text: String) {
      self.kind = kind
      self.text = text
    }
  }

  /// Absent: there was none before.
  public var from: FlagSummary?
  public var to: FlagSummary
  public var lines: [Line]

  public init(from: FlagSummary?, to: FlagSummary, lines: [Line]) {
    self.from = from
    self.to = to
    self.lines = lines
  }
}

/// What a flag is, or was, for somebody.
public struct FlagEvaluation: Codable, Hashable, Sendable {
  public var environment: String
  public var key: String
  /// As JSON text; absent where the client is to use its own default. In a document it is the value itself.
  public var value: String?
  public var variant: String?
  public var reason: String
  public var errorCode: String?
  public var errorDetails: String?
  /// The revision that was in force.
  public var revision: Int64?
  public var entry: Int64?
  public var at: String
  /// The turns of the rule.
  public var path: [String]?

  public init(
    environment: String, key: String, value: String?, variant: String?, reason: String, errorCode: String?,
    errorDetails: String?, revision: Int64?, entry: Int64?, at: String, path: [String]?
  ) {
    self.environment = environment
    self.key = key
    self.value = value
    self.variant = variant
    self.reason = reason
    self.errorCode = errorCode
    self.errorDetails = errorDetails
    self.revision = revision
    self.entry = entry
    self.at = at
    self.path = path
  }
}
