import Engine
import PipelineModel

extension Conductor {
  /// Writes down what is reported of an incident, a refusal too.
  func report(
    _ act: IncidentAct, _ author: Authorship, _ request: Int64, _ now: Timestamp, _ draft: inout Draft
  ) -> Batch.Answered {
    let fact: IncidentFact
    var refusal: String?
    do {
      fact = try incidents.decide(act, now: now)
    } catch {
      refusal = error.description
      fact = .refused(act, because: error.description)
    }
    let entry = record(fact, author, now, &draft)
    return Batch.Answered(request: request, run: nil, refusal: refusal, entry: entry)
  }

  func record(_ fact: IncidentFact, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft) -> Int64 {
    incidents.apply(fact)
    return draft.add(
      Entry(
        time: now, run: nil, actor: author.actor, origin: author.origin, reason: author.reason, fact: .incident(fact)))
  }
}
