import Engine
import PipelineModel

// What is written down about the journal itself.

extension Conductor {
  /// Takes down what somebody asked to have on record.
  func note(_ fact: AuditFact, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft) throws(Refusal) {
    guard case .sealed(let segment) = fact else { return record(fact, author, now, &draft) }
    do throws(Refusal) {
      try seal(segment, author, now, &draft)
    } catch {
      record(.sealRefused(segment, because: error.description), author, now, &draft)
      throw error
    }
  }

  func record(_ fact: AuditFact, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft) {
    draft.add(
      Entry(
        time: now, run: nil, actor: author.actor, origin: author.origin, reason: author.reason, fact: .audit(fact)))
  }

  // MARK: Archives

  /// What is still needed goes before, so that nothing but a run that has not ended holds the past back.
  private func seal(
    _ segment: SealedSegment, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft
  ) throws(Refusal) {
    if let refusal = refusal(ofSealing: segment) { throw refusal }
    var segment = segment
    segment.breaksGlass = try mustBreakGlass(segment, author, now)
    for carried in try entriesToCarry(through: segment.last) { record(.carried(carried), author, now, &draft) }
    record(.sealed(segment), author, now, &draft)
    forget(through: segment.last)
  }

  /// What the store says, and what this turn has decided that the store does not know yet.
  private func refusal(ofSealing segment: SealedSegment) -> Refusal? {
    if let run = runs.values.filter({ $0.first <= segment.last }).map(\.id).min() {
      return Refusal("run \(run) has not ended, and needs entries up to \(segment.last)")
    }
    do {
      return try journal.refusal(ofSealing: segment)
    } catch {
      return Refusal("the journal could not be looked at: \(error)")
    }
  }

  private func entriesToCarry(through last: Int64) throws(Refusal) -> [CarriedEntry] {
    do {
      let used = Set(runs.values.map(\.run.start.definition)).filter { $0 > 0 }
      return try journal.entriesToCarry(through: last, besides: used)
    } catch {
      throw Refusal("what is still needed of them could not be read: \(error)")
    }
  }

  private func mustBreakGlass(
    _ segment: SealedSegment, _ author: Authorship, _ now: Timestamp
  ) throws(Refusal) -> Bool {
    guard let newest = (try? journal.entry(segment.last)) ?? nil else {
      throw Refusal("entry \(segment.last) cannot be read")
    }
    return try archiving.admits(
      .init(
        by: author.actor, roles: roles(author.actor), hasReason: author.hasReason, breaksGlass: segment.breaksGlass),
      through: segment.last, of: newest.time, now: now)
  }

  /// Pipelines that are used again are defined again.
  private func forget(through last: Int64) {
    sealedThrough = max(sealedThrough, last)
    definitions = definitions.filter { $0.value > last }
    plans = plans.filter { $0.key > last }
  }
}
