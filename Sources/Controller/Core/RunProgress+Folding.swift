package import Engine

extension RunProgress {
  /// How far a run has come, from a fold of all its entries in order.
  ///
  /// `nil` when the engine does not conclude from them what they say was concluded: they were written by an engine with
  /// other rules, or the run was set aside.
  package init?(folding entries: [Entry], of start: Start, under plan: Plan) {
    guard let opening = entries.first, let first = RunFact(opening) else { return nil }
    var reaction = Reaction()
    let run = Run(id: first.run, plan: plan, start: start, by: first.actor, at: first.time, into: &reaction)
    guard reaction.decisions == opening.concluded else { return nil }
    let live = LiveRun(run, first: first.sequence, last: first.sequence, time: first.time)
    for entry in entries.dropFirst() {
      guard let fact = RunFact(entry), (try? live.follow(fact, &reaction)) != nil,
        reaction.decisions == entry.concluded
      else { return nil }
    }
    self = live.progress
  }
}

extension Entry {
  /// What the run by itself gave rise to.
  fileprivate var concluded: [Decision] { decisions.filter(\.isOfTheRun) }
}
