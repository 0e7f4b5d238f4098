import Engine
import PipelineModel

/// A run as far as it was folded from its journal.
enum Restored {
  case live(LiveRun)
  /// It cannot be followed; the others go on.
  case lost(Stray)

  var id: RunID {
    switch self {
    case .live(let live): live.id
    case .lost(let stray): stray.record.id
    }
  }

  /// Folds the next fact. What it led to is in `reaction` until the next one.
  mutating func follow(_ fact: RunFact, _ reaction: inout Reaction) {
    switch self {
    case .live(let live):
      do {
        try live.follow(fact, &reaction)
      } catch {
        self = .lost(Stray(reason: error.description, record: RunRecord(unfolded: live, upTo: fact.sequence)))
      }
    case .lost(var stray):
      stray.record.last = fact.sequence
      self = .lost(stray)
    }
  }
}

extension LiveRun {
  /// A run as the first of its facts opens it.
  convenience init(_ plan: Plan, _ start: Start, _ first: RunFact) {
    var reaction = Reaction()
    let run = Run(id: first.run, plan: plan, start: start, by: first.actor, at: first.time, into: &reaction)
    self.init(run, first: first.sequence, last: first.sequence, time: first.time)
  }

  /// Folds a fact that the journal has after those folded before. What it led to is in `reaction` until the next one.
  func follow(_ fact: RunFact, _ reaction: inout Reaction) throws(IllegalTransition) {
    reaction.clear()
    try apply(fact.fact, by: fact.actor, at: fact.time, into: &reaction)
    written(at: fact.sequence, fact.time)
  }
}
