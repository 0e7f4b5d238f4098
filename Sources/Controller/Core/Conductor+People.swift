import Engine
import PipelineModel

extension Conductor {
  /// Why somebody may not act at all; `nil`: he may.
  func refusal(of principal: Principal) -> Refusal? {
    guard !people.admits(principal), let account = principal.saidBy else { return nil }
    return Refusal(
      "\(account) may not act as \(principal.name): leave out --as, or have the account named under `actingFor:` of "
        + "headgate.yaml")
  }

  /// Writes down that somebody asked who may not.
  func refuse(
    _ request: Request, _ refusal: Refusal, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft
  ) {
    var entry: Int64?
    switch request.ask {
    case .flag(let act): entry = refuse(act, refusal, author, now, &draft)
    case .incident(let act): entry = record(.refused(act, because: refusal.description), author, now, &draft)
    case .freeze(let act): entry = record(.refused(act, because: refusal.description), author, now, &draft)
    case .act(let run, let act): fold(.refused(act, because: refusal.description), into: run, author, now, &draft)
    case .start, .audit, .unreadable: record(request.refused(refusal), author, now, &draft)
    }
    draft.answers.append(.init(request: request.id, run: nil, refusal: refusal.description, entry: entry))
  }
}
