import Engine
import Flags
import PipelineModel
import Testing

/// A ledger that is asked, and folds what it answers; with everything it ever answered.
struct Flagship {
  static let noon = Timestamp(milliseconds: 1_795_266_300_000)
  static let toggle = #"{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off"}"#

  /// The engine takes whatever digest it is given.
  static func digest(_ text: String) -> String { "digest of \(text)" }

  var ledger = FlagLedger()
  var policy = FlagPolicy()
  var now = Flagship.noon
  var held: [String: [String]] = [:]
  var ramping: [FlagName: RunID] = [:]
  var freezes = FreezeLog()
  var uses: [FlagName: FlagUse] = [:]
  /// When each revision came about.
  private var times: [FlagName: Timestamp] = [:]
  private(set) var facts: [FlagFact] = []

  init(_ policy: FlagPolicy = FlagPolicy()) { self.policy = policy }

  func circumstances(_ by: String, _ reason: String?) -> FlagCircumstances { circumstances(.person(by), reason) }

  private func circumstances(_ by: Principal, _ reason: String?) -> FlagCircumstances {
    let revisions = facts.compactMap { if case .revised(let revision) = $0 { revision } else { nil } }
    return FlagCircumstances(
      by: by, reason: reason, now: now, policy: policy, digest: Self.digest,
      roles: { [held] in held[$0.name] ?? [] },
      past: { name, number in revisions.first { $0.name == name && $0.number == number } },
      ramping: { [ramping] in ramping[$0] }, lastUse: { [uses] in uses[$0] ?? FlagUse() },
      unchangedSince: { [times] in times[$0] },
      freeze: { [freezes, now] in freezes.freeze(of: $0, in: $1, at: now) })
  }

  @discardableResult
  mutating func ask(_ act: FlagAct, by: String = "ada", reason: String? = nil) throws(Refusal) -> [FlagFact] {
    take(try ledger.decide(act, in: circumstances(by, reason)))
  }

  @discardableResult
  mutating func ask(_ act: FlagAct, as principal: Principal) throws(Refusal) -> [FlagFact] {
    take(try ledger.decide(act, in: circumstances(principal, nil)))
  }

  @discardableResult
  mutating func wish(
    _ deed: FlagDeed, of name: FlagName, by: String = "ada", reason: String? = nil,
    _ alter: (inout FlagWish) -> Void = { _ in }
  ) throws(Refusal) -> [FlagFact] {
    var wish = FlagWish(name, deed)
    alter(&wish)
    return try ask(.wish(wish), by: by, reason: reason)
  }

  @discardableResult
  mutating func create(_ name: FlagName, _ definition: String = toggle, by: String = "ada") throws -> [FlagFact] {
    try wish(.create(FlagDraft(definition: definition)), of: name, by: by)
  }

  @discardableResult
  mutating func step(
    _ name: FlagName, _ variant: String, _ weight: Int, effect: Int = 1, run: Int64 = 1, against: String? = nil,
    latches: Bool = false, approvals: [FlagContract.Approval] = [], since base: FlagRevision? = nil
  ) throws(Refusal) -> [FlagFact] {
    take(
      try ledger.decide(
        FlagStep(
          run: RunID(run), effect: EffectID(effect), variant: variant, against: against, weight: weight,
          latches: latches),
        of: name, since: base, approvals: approvals, in: circumstances("ada", nil)))
  }

  mutating func wait(_ interval: Interval) -> [FlagFact] {
    now = now + interval
    return take(ledger.due(in: circumstances("nobody", nil)))
  }

  @discardableResult
  private mutating func take(_ facts: [FlagFact]) -> [FlagFact] {
    for fact in facts {
      ledger.fold(fact)
      if case .revised(let revision) = fact { times[revision.name] = now }
    }
    self.facts += facts
    return facts
  }

  func flag(_ name: FlagName) throws -> Flag {
    let revision = try #require(ledger.head(name))
    let reading = FlagSet.read(
      Array(#"{"flags":{"\#(name.key)":\#(revision.definition)}}"#.utf8), generation: revision.generation)
    return try #require(reading.set?[name.key])
  }

  /// What a user has.
  func variant(_ name: FlagName, of user: Int, _ properties: [(name: String, value: JSONValue)] = []) throws -> String?
  {
    try flag(name).resolve(Self.user(user, properties), at: now).variant
  }

  static func user(_ number: Int, _ properties: [(name: String, value: JSONValue)] = []) -> JSONObject {
    JSONObject([("targetingKey", .text("user-\(number)"))] + properties)
  }
}

extension FlagName {
  static let staging = FlagName(environment: "staging", key: "new-checkout")
  static let production = FlagName(environment: "production", key: "new-checkout")
}

extension FlagFact {
  /// `revised 2 turnedOn`, `proposal 1 open`.
  var shorthand: String {
    switch self {
    case .revised(let revision): "revised \(revision.number)"
    case .proposal(let proposal): "proposal \(proposal.id) \(proposal.state.shorthand)"
    case .refused: "refused"
    case .stepRefused: "step refused"
    }
  }
}

extension FlagProposal.State {
  var shorthand: String {
    switch self {
    case .open: "open"
    case .scheduled: "scheduled"
    case .held(let freeze): "held by \(freeze)"
    case .applied: "applied"
    case .brokeGlass: "broke glass"
    case .reviewed: "reviewed"
    case .rejected: "rejected"
    case .expired: "expired"
    case .void: "void"
    }
  }
}

extension FlagProposal {
  var hash: String { Flagship.digest(boundText) }
}
