import Engine
package import PipelineModel

extension Conductor {
  /// Takes up every run that has not ended where it was: the fold of its journal is the recovery plan.
  ///
  /// Effects whose outcome never came are begun again under their old ids; looks and times that passed meanwhile are
  /// due at once.
  ///
  /// - Parameters:
  ///   - leavingAlone: runs that are set aside when backends they name are missing, and do not keep the others from going
  ///     on.
  ///   - leavingQueued: whoever opens this drives only to take something back, and ships nothing by that: runs that wait
  ///     are left waiting, also when their turn comes, and those that were asked for before join them. What is asked for
  ///     from now on is begun as ever.
  /// - Throws: `Unserved` when backends are missing of any other.
  package func resume(
    now wall: Timestamp, leavingAlone: (RunID) -> Bool = { _ in false }, leavingQueued: Bool = false
  ) throws {
    leftWaiting = leavingQueued ? RunID(.max) : nil
    let now = max(wall, head.time)
    var restored: [Restored?] = []
    var reaction = Reaction()
    try journal.unfinished { place, fact in
      while restored.count <= place { restored.append(nil) }
      if restored[place] == nil { restored[place] = try begin(fact) } else { restored[place]?.follow(fact, &reaction) }
    }
    untaken = []
    let taken = try served(
      takeUp(restored.compactMap(\.self).sorted { $0.id < $1.id }), leavingAlone: leavingAlone)
    var draft = nextDraft()
    draft.add(Entry(time: now, run: nil, fact: .controllerStarted(epoch: head.epoch, in: head.identity)))
    // What people asked for meanwhile comes before anything goes on: a rollback must not find the next step taken.
    fold(try journal.requests().map(Inbound.request), now, &draft)
    if leavingQueued { leftWaiting = RunID(draft.head.run) }
    rearm(taken, &draft)
    readBackFlags(now, &draft)
    beginWaiting(now, &draft)
    forgetStrays()
    try settle(draft, now)
    try answerFlags(now)
    keepRecompiled()
  }

  /// Spares the next controller the compiling. Nothing but time is lost where it fails.
  private func keepRecompiled() {
    defer { recompiled = [] }
    if !recompiled.isEmpty { try? journal.keep(recompiled) }
  }

  /// Ends the commands and steps that nobody awaits: a controller that died between giving one up and ending it left it running.
  /// Those of runs that were set aside are left for a person to look at.
  private func forgetStrays() {
    var awaited: Set<String> = []
    for live in runs.values {
      for effect in live.pending {
        switch effect.work {
        case .check, .step: awaited.insert(WorkOrder.key(of: effect.id, live.id, head.store))
        case .measure, .setWeight, .setMirror, .setHeaderRoute, .deploy, .retire, .switchOff, .cancelCheck, .cancelStep:
          break
        }
      }
    }
    let aside = strays.keys.map { WorkOrder.keyPrefix(of: $0, head.store) }
    sink.forgetStrays { key in
      key.hasPrefix("\(head.store)-") && !awaited.contains(key) && !aside.contains { key.hasPrefix($0) }
    }
  }

  /// Those that could be followed; the others are set aside.
  private func takeUp(_ restored: [Restored]) -> [LiveRun] {
    for case .lost(let stray) in restored {
      setAside(stray.record, because: stray.reason)
      fleet.started(stray.record.id, on: stray.record.target, queued: false)
    }
    runs.reserveCapacity(restored.count)
    fleet.reserveCapacity(restored.count)
    return restored.compactMap { restored in
      guard case .live(let live) = restored else { return nil }
      runs[live.id] = live
      fleet.started(
        live.id, on: live.plan.lane, moving: live.plan.routes, using: live.uses,
        yields: whileRamping(live.environment) != .rebaseline, queued: live.isWaiting)
      return live
    }
  }

  /// Begins whatever waits for a target or a route that is free now. A run that ended just before a crash may have left
  /// one so.
  func beginWaiting(_ now: Timestamp, _ draft: inout Draft) {
    for target in fleet.targetsWithQueue { beginNext(on: target, now, &draft) }
  }

  private func beginNext(on target: Target, _ now: Timestamp, _ draft: inout Draft) {
    guard let next = fleet.next(on: target), !isLeftWaiting(next), let run = runs[next]?.run, !isFrozen(run, at: now)
    else { return }
    fleet.begun(next, on: target, moving: run.plan.routes, using: run.uses)
    fold(fleet.turn(of: run), into: next, Authorship(), now, &draft)
    rebaseline(around: run, now, &draft)
  }

  /// Whether a run is not begun by this controller; see `resume`.
  func isLeftWaiting(_ run: RunID) -> Bool { leftWaiting.map { run <= $0 } ?? false }

  /// Has everything done that runs wait for, but for what has just been asked for.
  private func rearm(_ taken: [LiveRun], _ draft: inout Draft) {
    let asked = Dictionary(grouping: draft.effects) { $0.run.id }.mapValues { Set($0.map(\.effect.id)) }
    for live in taken {
      let asked = asked[live.id] ?? []
      for effect in live.pending where !asked.contains(effect.id) { draft.effects.append((live, effect)) }
      // What the run wanted to be woken at when it last looked at the time, also if that has passed meanwhile.
      timers.setAlarm(live.alarm(after: live.time), of: live.id)
    }
  }

  private func begin(_ fact: RunFact) throws -> Restored {
    guard case .started(let start) = fact.fact else { throw Refusal("its first entry does not start it") }
    do {
      return .live(LiveRun(try plan(of: start), start, fact))
    } catch {
      return .lost(Stray(reason: "\(error)", record: RunRecord(unfolded: start, fact)))
    }
  }

  /// Folds all of a run's entries.
  func restore(_ id: RunID, _ entries: [Entry]) throws {
    let facts = entries.compactMap { RunFact($0) }
    guard let first = facts.first, case .started(let start) = first.fact else {
      throw Refusal("its first entry does not start it")
    }
    if entries.contains(where: { $0.decisions.contains(.released) }) {
      throw Refusal("it could not be followed, and its target was freed")
    }
    let live = LiveRun(try plan(of: start), start, first)
    var reaction = Reaction()
    for fact in facts.dropFirst() { try live.follow(fact, &reaction) }
    runs[id] = live
    keepRecompiled()
  }

  private func plan(of start: Start) throws -> Plan {
    if let known = plans[start.definition] { return known }
    let plan = Plan(try pipeline(of: start))
    plans[start.definition] = plan
    return plan
  }

  /// As it was kept by this very compiler, else compiled from its text.
  private func pipeline(of start: Start) throws -> Pipeline {
    let edition = compiler.edition
    if let edition, let kept = try journal.pipeline(definedBy: start.definition, edition: edition) { return kept }
    guard let entry = try journal.entry(start.definition), case .defined(_, let path, let text) = entry.fact else {
      throw Refusal("entry \(start.definition) does not define its pipeline")
    }
    let pipeline = try compiler.compile(text: text, path: path)
    definitions[text] = start.definition
    if let edition {
      recompiled.append(CompiledPipeline(definition: start.definition, edition: edition, pipeline: pipeline))
    }
    return pipeline
  }
}
