import Engine
import PipelineModel

// What is written down about the journal itself.

extension Conductor {
  /// Takes down what somebody asked to have on record.
  func note(_ fact: AuditFact, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft) throws(Refusal) {
    if case .sealed(let segment) = fact {
      if let refusal = refusal(ofSealing: segment) { throw refusal }
      forget(through: segment.last)
    }
    record(fact, author, now, &draft)
  }

  func record(_ fact: AuditFact, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft) {
    draft.add(
      Entry(
        time: now, run: nil, actor: author.actor, origin: author.origin, reason: author.reason, fact: .audit(fact)))
  }

  /// What the store says, and what this turn has decided that the store does not know yet.
  private func refusal(ofSealing segment: SealedSegment) -> Refusal? {
    if let run = runs.values.filter({ min($0.first, $0.run.start.definition) <= segment.last }).map(\.id).min() {
      return Refusal("run \(run) has not ended, and needs entries up to \(segment.last)")
    }
    do {
      return try journal.refusal(ofSealing: segment)
    } catch {
      return Refusal("the journal could not be looked at: \(error)")
    }
  }

  /// Pipelines that are used again are defined again.
  private func forget(through last: Int64) {
    sealedThrough = max(sealedThrough, last)
    definitions = definitions.filter { $0.value > last }
    plans = plans.filter { $0.key > last }
  }
}
