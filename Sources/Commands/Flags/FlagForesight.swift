import ControlAPI
import Controller
import Engine
import Flags
import Narrative
import PipelineModel
import Proofs
import SQLiteStore

/// What would come of an act, as far as the store and the rules of the installation tell; nothing is written.
struct FlagForesight {
  /// `nil`: there is none yet.
  let store: ReadingStore?
  let rules: HouseRules
  var lastUse: @Sendable (FlagName) -> FlagUse = { _ in FlagUse() }

  /// - Returns: the flags as they are, and what would be written down.
  /// - Throws: `Refusal` when it would be refused; a failure of the store.
  func decide(
    _ act: FlagAct, by principal: Principal, _ reason: String?, now: Timestamp = .wall
  ) throws -> (ledger: FlagLedger, facts: [FlagFact]) {
    let ledger = try store.map { FlagLedger(try $0.flagRecords()) } ?? FlagLedger()
    let unfinished = Set(try store?.unfinished().map(\.id) ?? [])
    let freezes = try store?.freezeLog()
    let circumstances = FlagCircumstances(
      by: principal, reason: reason, now: now, policy: rules.flags, digest: Digest.text, roles: rules.roles,
      past: { [store] name, number in (try? store?.flag(name, revision: number))?.revision },
      ramping: { name in ledger.head(name)?.contract.rollout.flatMap { unfinished.contains($0) ? $0 : nil } },
      lastUse: lastUse, unchangedSince: { [store] name in (try? store?.flag(name))?.time },
      freeze: { freezes?.freeze(of: $0, in: $1, at: now) })
    return (ledger, try ledger.decide(act, in: circumstances))
  }
}

extension FlagPreview {
  init(_ ledger: FlagLedger, _ facts: [FlagFact]) {
    let revisions = facts.compactMap { if case .revised(let revision) = $0 { revision } else { nil } }
    let proposals = facts.compactMap(\.proposal)
    let wanted = revisions + proposals.filter(\.waits).map(\.revision)
    self.init(
      revisions: revisions.map(Revision.init), proposals: proposals.map { ProposalSummary($0) },
      movers: wanted.map { MoversReport($0.name, Reckoning(from: ledger.head($0.name), to: $0, at: .wall)) })
  }
}

extension FlagPreview.Revision {
  fileprivate init(_ revision: FlagRevision) {
    self.init(
      environment: revision.name.environment, key: revision.name.key, revision: revision.number,
      state: revision.stateWord, change: revision.change.phrase, definition: revision.definition)
  }
}
