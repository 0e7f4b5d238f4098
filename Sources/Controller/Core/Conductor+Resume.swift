import Engine
package import PipelineModel

extension Conductor {
  /// Takes up every run that has not ended where it was: the fold of its journal is the recovery plan.
  ///
  /// Effects whose outcome never came are begun again under their old ids; looks and times that passed meanwhile are
  /// due at once.
  package func resume(now wall: Timestamp) throws {
    let now = max(wall, head.time)
    try journal.unfinished { id, entries in
      do {
        try restore(id, entries)
      } catch {
        guard let record = RunRecord(unfolded: entries, of: id) else { throw error }
        setAside(record, because: "\(error)")
        fleet.started(id, on: record.target, queued: false)
      }
    }
    for id in runs.keys.sorted() { takeUp(id) }
    var draft = nextDraft()
    for id in runs.keys.sorted() { rearm(id, &draft) }
    draft.add(Entry(time: now, run: nil, fact: .controllerStarted(epoch: head.epoch)))
    beginWaiting(now, &draft)
    try settle(draft, now)
  }

  private func takeUp(_ id: RunID) {
    guard let run = runs[id]?.run else { return }
    fleet.started(id, on: run.start.target, moving: run.plan.routes, queued: run.phase == .waiting)
  }

  /// Begins whatever waits for a target or a route that is free now. A run that ended just before a crash may have left
  /// one so.
  func beginWaiting(_ now: Timestamp, _ draft: inout Draft) {
    for target in fleet.targetsWithQueue { beginNext(on: target, now, &draft) }
  }

  private func beginNext(on target: Target, _ now: Timestamp, _ draft: inout Draft) {
    guard let next = fleet.next(on: target), let run = runs[next]?.run else { return }
    fleet.begun(next, on: target, moving: run.plan.routes)
    fold(fleet.turn(of: run), into: next, Authorship(), now, &draft)
  }

  private func rearm(_ id: RunID, _ draft: inout Draft) {
    guard let live = runs[id] else { return }
    for effect in live.run.pending { draft.effects.append((live, effect)) }
    // What the run wanted to be woken at when it last looked at the time, also if that has passed meanwhile.
    timers.setAlarm(live.run.alarm(after: live.time), of: id)
  }

  /// Folds a run's entries.
  func restore(_ id: RunID, _ entries: [Entry]) throws {
    guard let first = entries.first, case .started(let start) = first.fact else {
      throw Refusal("its first entry does not start it")
    }
    var reaction = Reaction()
    var run = Run(
      id: id, plan: try plan(of: start), start: start, by: first.actor, at: first.time, into: &reaction)
    if entries.contains(where: { $0.decisions.contains(.released) }) {
      throw Refusal("it could not be followed, and its target was freed")
    }
    var endedAt: Timestamp?
    for entry in entries.dropFirst() {
      reaction.clear()
      try run.apply(entry.fact, by: entry.actor, at: entry.time, into: &reaction)
      endedAt = run.outcome == nil ? nil : endedAt ?? entry.time
    }
    let last = entries[entries.count - 1]
    runs[id] = LiveRun(run, first: first.sequence, last: last.sequence, time: last.time, endedAt: endedAt)
  }

  private func plan(of start: Start) throws -> Plan {
    if let known = plans[start.definition] { return known }
    guard let entry = try journal.entry(start.definition), case .defined(_, let path, let text) = entry.fact else {
      throw Refusal("entry \(start.definition) does not define its pipeline")
    }
    let plan = Plan(try compiler.compile(text: text, path: path))
    plans[start.definition] = plan
    definitions[text] = start.definition
    return plan
  }
}
