import ControlAPI
import Controller
import Engine
import Flags
import Foundation
import Narrative
import PipelineModel
import SQLiteStore

extension FlagSummary {
  init(_ recorded: RecordedRevision, withDefinition: Bool = true) {
    let revision = recorded.revision
    let definition = try? revision.parsed()
    self.init(
      environment: revision.name.environment, key: revision.name.key, revision: revision.number,
      state: revision.stateWord, defaultVariant: definition?.defaultVariant, owner: revision.contract.owner,
      purpose: revision.contract.purpose, expires: revision.contract.expires?.rfc3339,
      endState: revision.contract.endState, services: revision.contract.services,
      rollout: revision.contract.rollout?.number, fractional: revision.generation.rawValue,
      change: revision.change.phrase, changedAt: recorded.time.rfc3339,
      changedBy: (revision.asked?.by ?? recorded.actor).description,
      reason: revision.reason(ofAct: recorded.reason), proposal: revision.asked?.proposal,
      approvedBy: revision.contract.approvals.map(\.by.description),
      entry: recorded.sequence, definition: withDefinition ? revision.definition : nil)
  }
}

extension FlagRevision {
  /// `on`, `off`, `latched` or `archived`.
  var stateWord: String {
    if isArchived { return "archived" }
    if isLatched { return "latched" }
    return (try? parsed())?.state == .enabled ? "on" : "off"
  }
}

extension ProposalSummary {
  init(_ proposal: FlagProposal) {
    let revision = proposal.revision
    self.init(
      proposal: proposal.id, environment: revision.name.environment, key: revision.name.key,
      state: proposal.state.word, note: proposal.state.note, change: revision.change.phrase,
      revision: revision.number, requestedBy: proposal.requester.description,
      requestedAt: proposal.requestedAt.rfc3339, reason: proposal.reason, expires: proposal.expires.rfc3339,
      due: proposal.due?.rfc3339, approvalsNeeded: proposal.approvalsNeeded,
      approvedBy: proposal.approvals.map(\.by.description), hash: proposal.hash, definition: revision.definition)
  }
}

extension FlagProposal.State {
  fileprivate var note: String? {
    switch self {
    case .open, .scheduled, .applied, .brokeGlass, .expired: nil
    case .held(let freeze): "freeze \(freeze)"
    case .reviewed(let by), .rejected(let by): by.description
    case .void(let why): why
    }
  }
}

extension MoversReport {
  /// - Parameter meant: the variant that is meant to gain or lose people, where that is known.
  init(_ name: FlagName, _ reckoning: Reckoning, meant: String? = nil) {
    let movement = reckoning.movement
    let ways = movement.ways.sorted { a, b in
      (b.value, a.key.from ?? "", a.key.to ?? "") < (a.value, b.key.from ?? "", b.key.to ?? "")
    }
    self.init(
      environment: name.environment, key: name.key, population: movement.population, moved: movement.movers.count,
      ways: ways.map { .init(from: $0.key.from, to: $0.key.to, people: $0.value) },
      blindSpots: reckoning.blindSpots, variants: movement.balances, collateral: meant.map(movement.collateral))
  }

  /// `new-checkout in staging: 412 of 10000 people move (4.12 %)`, and a line for each way.
  var lines: [String] { counted + unknown }

  /// Who is not among the people made up.
  private var unknown: [String] {
    guard let first = blindSpots.first else { return [] }
    let others = blindSpots.count > 1 ? " and \(blindSpots.count - 1) more" : ""
    return [
      "    others may: of the people made up, all meet or none meets the condition at \(first)\(others); reckon with people of "
        + "yours by --contexts"
    ]
  }

  private var counted: [String] {
    guard moved > 0 else { return ["\(key) in \(environment): nobody of \(population) people moves"] }
    let hundredths = (moved * 20_000 / max(1, population) + 1) / 2
    let share = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) %"
    return ["\(key) in \(environment): \(moved) of \(population) people move (\(share))"]
      + ways.map { "    \($0.people)  \(Self.word($0.from)) → \(Self.word($0.to))" }
  }

  /// `lines`, then what each variant gains and loses, who moves beside the variant that is meant, and at most so many of
  /// the movers by name.
  func lines(naming limit: Int) -> [String] {
    let balances = variants.map { "    \(Self.word($0.variant)) gains \($0.gained), loses \($0.lost)" }
    let beside = collateral.map { ["    collateral: \($0) move between other variants"] } ?? []
    guard let movers, !movers.isEmpty else { return lines + balances + beside }
    var table = Table(header: ["WHO", "FROM", "TO"])
    table.rows = movers.prefix(limit).map {
      [$0.targetingKey ?? "person \($0.position)", Self.word($0.from), Self.word($0.to)]
    }
    let rest = movers.count > limit ? ["and \(movers.count - limit) more; --format json names them all"] : []
    return lines + balances + beside + table.lines + rest
  }

  static func word(_ variant: String?) -> String { variant.map { "`\($0)`" } ?? "the client's own default" }
}

extension FlagEvaluation {
  /// - Parameter recorded: the revision in force at the instant; `nil`: there was none.
  init(
    _ name: FlagName, _ recorded: RecordedRevision?, _ context: JSONObject, at instant: Timestamp, explained: Bool
  ) throws {
    let revision = recorded?.revision
    let flag = try revision.flatMap { revision in
      revision.isArchived
        ? nil
        : try revision.definitionOrStop().reading(key: name.key, revision.generation).set?[name.key]
    }
    let (resolution, path) = flag?.explain(context, at: instant) ?? (nil, [])
    self.init(
      environment: name.environment, key: name.key, value: resolution?.value?.written, variant: resolution?.variant,
      reason: (resolution?.reason ?? .error).rawValue,
      errorCode: resolution.map { $0.failure?.code.rawValue } ?? Resolution.ErrorCode.flagNotFound.rawValue,
      errorDetails: resolution.map { $0.failure?.details } ?? "there is no flag \(name) then",
      revision: revision?.number, entry: recorded?.sequence, at: instant.rfc3339,
      path: explained ? path.map(\.description) : nil)
  }
}

extension FlagEvaluation {
  /// As JSON, with the value as it was written: `1.0` stays `1.0`.
  var document: String {
    get throws {
      let fields = try JSONParser.value(in: [UInt8](JSONEncoder().encode(self)), limits: .definitions).object
      let value = try value.map { try JSONParser.value(in: Array($0.utf8), limits: .definitions) }
      let overlay = value.map { JSONObject([("value", $0)]) } ?? JSONObject()
      return JSONValue.object((fields ?? JSONObject()).overlaid(by: overlay)).indented()
    }
  }
}

extension RecordedRevision {
  /// `rita`, `run 41`.
  var author: String { revision.author(actor) }

  /// `turned on by rita`
  var deed: String { "\(revision.change.phrase) by \(author)" }

  /// ` (reason: …)` of who wanted it.
  var because: String {
    revision.reason(ofAct: reason).map { " (reason: \($0.onOneLine))" } ?? ""
  }
}

extension Movement {
  /// Of every variant that somebody comes to or leaves, in the order of their names.
  fileprivate var balances: [MoversReport.Balance] {
    Set(ways.keys.flatMap { [$0.from, $0.to] }).sorted { ($0 ?? "") < ($1 ?? "") }
      .map { .init(variant: $0, gained: gained($0), lost: lost($0)) }
      .filter { $0.gained > 0 || $0.lost > 0 }
  }
}

extension MoversReport.Mover {
  /// Everybody who moves of the people a reckoning is over, in their order.
  static func all(
    in reckoning: Reckoning, over people: [JSONObject], from old: FlagRevision, to new: FlagRevision, at now: Timestamp
  ) -> [Self] {
    let (before, after) = (old.served, new.served)
    return reckoning.movement.movers.map { index in
      let key = people[index]["targetingKey"]
      let way = Reckoning(from: before, to: after, over: [people[index]], at: now).movement.ways.keys.first
      return Self(targetingKey: key?.text ?? key?.written, position: index + 1, from: way?.from, to: way?.to)
    }
  }
}
