package import Engine
import Flags
import PipelineModel
import Proofs

extension Conductor {
  /// Does what a person asks of flags, or records why not.
  func answer(
    _ request: Int64, _ act: FlagAct, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft
  ) {
    let first = draft.head.sequence + 1
    do {
      fold(try flags.decide(act, in: circumstances(author, now, draft)), author, now, &draft)
      let last = draft.head.sequence
      let some = first <= last
      draft.answers.append(
        .init(
          request: request, run: nil, refusal: nil, entry: some ? last : nil, firstEntry: some ? first : nil))
    } catch {
      fold([.refused(act, because: error.description)], author, now, &draft)
      draft.answers.append(.init(request: request, run: nil, refusal: error.description))
    }
  }

  /// Approved changes whose time has come, and proposals whose time has passed.
  func foldFlags(due now: Timestamp, _ draft: inout Draft) {
    guard let alarm = flags.alarm, alarm <= now else { return }
    fold(flags.due(in: circumstances(Authorship(), now, draft)), Authorship(), now, &draft)
  }

  /// Makes the revision that a run's step is, in this turn's batch: with what is concluded of it, it is durable or it is
  /// not. A step that was made before makes none.
  ///
  /// - Throws: when the flag says no; that is in the batch too.
  func step(
    _ step: FlagStep, of name: FlagName, pinnedTo generation: Generation? = nil,
    approvals: [FlagContract.Approval] = [], _ now: Timestamp, _ draft: inout Draft
  ) throws(Refusal) {
    do throws(Refusal) {
      let facts = try flags.decide(
        step, of: name, pinnedTo: generation, approvals: approvals, in: circumstances(Authorship(), now, draft))
      fold(facts, Authorship(), now, &draft)
    } catch {
      fold([.stepRefused(name, step, because: error.description)], Authorship(), now, &draft)
      throw error
    }
  }

  /// Turns a flag off instead of rolling a run back.
  func switchOff(
    _ name: FlagName, run: RunID, effect: EffectID, _ now: Timestamp, _ draft: inout Draft
  ) throws(Refusal) {
    fold(try flags.switchOff(name, run: run, effect: effect), Authorship(), now, &draft)
  }

  private func fold(_ facts: [FlagFact], _ author: Authorship, _ now: Timestamp, _ draft: inout Draft) {
    for fact in facts {
      flags.fold(fact)
      draft.add(
        Entry(
          time: now, run: nil, actor: author.actor, origin: author.origin, reason: author.reason, fact: .flag(fact)))
      if case .revised(let revision) = fact { noteRevision(revision, by: author, now, &draft) }
    }
  }

  private func circumstances(_ author: Authorship, _ now: Timestamp, _ draft: Draft) -> FlagCircumstances {
    let drafted = draft.entries
    return FlagCircumstances(
      by: author.actor, reason: author.reason, now: now, policy: flagPolicy, digest: Digest.text, roles: roles,
      past: { [journal] name, number throws(Refusal) in
        let fresh = drafted.lazy.compactMap(\.revision).first { $0.name == name && $0.number == number }
        if let fresh { return fresh }
        do {
          return try journal.flag(name, revision: number)
        } catch {
          throw Refusal("\(error)")
        }
      },
      ramping: { [self] in rampRun(of: $0) }, lastEvaluated: lastEvaluated)
  }

  /// The run that ramps a flag now.
  func rampRun(of name: FlagName) -> RunID? {
    guard let run = flags.head(name)?.contract.rollout, isInFlight(run) else { return nil }
    return run
  }

  private func isInFlight(_ run: RunID) -> Bool {
    if let live = runs[run] { return live.outcome == nil }
    return strays[run] != nil || notTakenUp.contains(run)
  }

  /// Runs of the journal that have not ended, as long as this conductor has not taken them up.
  private var notTakenUp: Set<RunID> {
    if let known = untaken { return known }
    var runs: Set<RunID> = []
    // One that cannot be read is in flight as far as anybody knows, and is found to be damaged by whoever takes it up.
    try? journal.unfinished { _, fact in runs.insert(fact.run) }
    untaken = runs
    return runs
  }
}

extension Entry {
  /// The revision of a flag that it brought.
  package var revision: FlagRevision? { if case .flag(.revised(let revision)) = fact { revision } else { nil } }
}
