package import Flags
package import PipelineModel

/// A change that waits, or waited, for other people or for its time.
package struct FlagProposal: Hashable, Sendable {
  /// 1, 2, 3 … of the store.
  package var id: Int64
  /// What the flag is to become; its number is one more than that of the revision the proposal is made on.
  package var revision: FlagRevision
  package var requester: Principal
  package var requestedAt: Timestamp
  package var reason: String?
  /// Approvals must have come before.
  package var expires: Timestamp
  package var approvalsNeeded: Int
  /// When it is to happen; `nil`: as soon as it is approved.
  package var due: Timestamp?
  /// How many of how many are reckoned to move.
  package var movers: Movers?
  package var state: State

  package enum State: Hashable, Sendable {
    /// Waits for approvals. → scheduled, held, applied, rejected, expired, void.
    case open
    /// Approved, and waits for its time. → held, applied, rejected, void.
    case scheduled
    /// Approved, its time has come, and a freeze of this number holds it. → applied, rejected, void.
    case held(by: Int64)
    case applied
    /// Applied without approvals, and nobody else has looked at it since. → reviewed.
    case brokeGlass
    case reviewed(by: Principal)
    case rejected(by: Principal)
    case expired
    /// The flag changed meanwhile, or what was asked for is no longer possible.
    case void(because: String)
  }

  package struct Movers: Hashable, Sendable {
    package var moved: Int
    package var of: Int
    /// Others may move too: the rules look at what nobody could make up people for.
    package var isUnclear: Bool

    package init(moved: Int, of: Int, isUnclear: Bool = false) {
      self.moved = moved
      self.of = of
      self.isUnclear = isUnclear
    }

    init(_ reckoning: Reckoning) {
      self.init(
        moved: reckoning.movement.movers.count, of: reckoning.movement.population, isUnclear: reckoning.share == nil)
    }

    /// `412 of 10000 people move`
    package var phrase: String {
      isUnclear ? "nobody can tell who moves of those the rules look at" : "\(moved) of \(of) people move"
    }

    /// 0 … 1.
    package var share: Double { of == 0 ? 0 : Double(moved) / Double(of) }
  }

  package init(
    id: Int64, revision: FlagRevision, requester: Principal, requestedAt: Timestamp, reason: String? = nil,
    expires: Timestamp, approvalsNeeded: Int, due: Timestamp? = nil, movers: Movers? = nil, state: State = .open
  ) {
    self.id = id
    self.revision = revision
    self.requester = requester
    self.requestedAt = requestedAt
    self.reason = reason
    self.expires = expires
    self.approvalsNeeded = approvalsNeeded
    self.due = due
    self.movers = movers
    self.state = state
  }

  package var approvals: [FlagContract.Approval] { revision.contract.approvals }

  /// What approvals are bound to, by a digest of it: environment, key, the revision it is made on, and all that the new one
  /// says.
  package var boundText: String {
    var bare = revision
    bare.contract.approvals = []
    return "\(revision.number - 1) \(bare.canonicalText)"
  }

  /// Whether anything can still become of it.
  package var isPending: Bool {
    switch state {
    case .open, .scheduled, .held, .brokeGlass: true
    case .applied, .reviewed, .rejected, .expired, .void: false
    }
  }
}
