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
      let facts = try flags.decide(act, in: circumstances(author, now, draft))
      meetFreezes(act, author, now, &draft)
      fold(facts, author, now, &draft)
      let last = draft.head.sequence
      let some = first <= last
      draft.answers.append(
        .init(
          request: request, run: nil, refusal: nil, entry: some ? last : nil, firstEntry: some ? first : nil))
    } catch {
      let refusal = Refusal("\(error)")
      let entry = refuse(act, refusal, author, now, &draft)
      draft.answers.append(.init(request: request, run: nil, refusal: refusal.description, entry: entry))
    }
  }

  /// Writes down which freezes an act goes past by broken glass.
  private func meetFreezes(_ act: FlagAct, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft) {
    for wish in act.wishes where wish.breaksGlass && !wish.deed.stops {
      let services = flags.head(wish.name)?.contract.services ?? []
      guard let freeze = freezes.freeze(of: services, in: wish.name.environment, at: now) else { continue }
      meet(
        freeze, "a change of the flag \(wish.name.key)", services, wish.name.environment, .passed, author, now, &draft)
    }
  }

  func refuse(
    _ act: FlagAct, _ refusal: Refusal, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft
  ) -> Int64 {
    fold([.refused(act, because: refusal.description)], author, now, &draft)
    return draft.head.sequence
  }

  /// Approved changes whose time has come or that no freeze holds any more, and proposals whose time has passed.
  func foldFlags(due now: Timestamp, _ draft: inout Draft) {
    guard flags.isHeld || flags.alarm.map({ $0 <= now }) ?? false else { return }
    fold(flags.due(in: circumstances(Authorship(), now, draft)), Authorship(), now, &draft)
  }

  /// Makes the revision that a run's step is, in this turn's batch: with what is concluded of it, it is durable or it is
  /// not. A step that was made before makes none.
  ///
  /// - Throws: when the flag says no; that is in the batch too.
  func step(
    _ step: FlagStep, of name: FlagName, since base: FlagRevision? = nil, pinnedTo generation: Generation? = nil,
    approvals: [FlagContract.Approval] = [], _ now: Timestamp, _ draft: inout Draft
  ) throws(Refusal) {
    do throws(Refusal) {
      let facts = try flags.decide(
        step, of: name, since: base, pinnedTo: generation, approvals: approvals,
        in: circumstances(Authorship(), now, draft))
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
    FlagCircumstances(
      by: author.actor, reason: author.reason, now: now, policy: flagPolicy, digest: Digest.text, roles: roles,
      past: { [self] name, number throws(Refusal) in try revision(number, of: name, draft)?.revision },
      ramping: { [self] in rampRun(of: $0) }, lastUse: lastUse,
      unchangedSince: { [self] name in
        flags.head(name).flatMap { try? revision($0.number, of: name, draft) }?.time
      },
      freeze: { [freezes] in freezes.freeze(of: $0, in: $1, at: now) })
  }

  /// A revision of a flag, of this turn or of the journal, and when it came about.
  ///
  /// - Throws: where it lies in an archive that is not at hand.
  func revision(
    _ number: Int64, of name: FlagName, _ draft: Draft
  ) throws(Refusal) -> (revision: FlagRevision, time: Timestamp)? {
    for entry in draft.entries {
      if let fresh = entry.revision, fresh.name == name, fresh.number == number { return (fresh, entry.time) }
    }
    do {
      return try journal.flag(name, revision: number)
    } catch {
      throw Refusal("\(error)")
    }
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
