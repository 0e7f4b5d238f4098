import PipelineModel

extension Run {
  /// Whether what it takes back stays off until a person turns it on: what was measured, or not to be had in time, said
  /// no. What a person asked for, or another run, says nothing about the flag.
  package var latches: Bool {
    guard case .rollingBack(let rollback) = phase else { return false }
    switch rollback.cause {
    case .gate, .check, .step, .stageDeadline, .runDeadline, .split: return true
    case .effect, .rejected, .expired, .aborted, .asked, .superseded, .overruled: return false
    }
  }

  /// Whether a failure is met by switching off the flag that the stage names for it, instead of by its policy. Once for
  /// each flag: what fails with the flag off does not come from it.
  mutating func remedies(
    _ cause: Cause, _ working: Working, _ now: Timestamp, _ reaction: inout Reaction
  ) -> Bool {
    guard case .gate(_, .fail) = cause, let flag = plan.pipeline.stages[working.stage].switchesOff else { return false }
    // The other gate fails too, while the flag is being switched off for the first.
    if working.remedied != nil { return true }
    guard !switchedOff.contains(flag) else { return false }
    var working = working
    working.remedied = cause
    phase = .working(working)
    ask(.switchOff(stage: working.stage), at: now, &reaction)
    reaction.decisions.append(.switchesOff(stage: working.stage, cause))
    return true
  }

  mutating func switchedOff(
    _ id: EffectID, _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    guard let effect = try settle(id, as: .switchedOff, &reaction), case .switchOff(let stage) = effect.work,
      case .working(var working) = phase
    else { return }
    if let flag = plan.pipeline.stages[stage].switchesOff { switchedOff.append(flag) }
    working.remedied = nil
    phase = .working(working)
    beginAnew(now, &reaction)
    proceed(now, &reaction)
  }

  /// What another run changes may show in what this one measures.
  mutating func rebaselined(_ now: Timestamp, _ reaction: inout Reaction) {
    // A race: it ended, or is taking its traffic back, and judges nothing any more.
    // Or nothing is judged at the time, so there is nothing to forget.
    guard case .working(let working) = phase, working.remedied == nil,
      moveGate != nil || backgroundGate != nil || !evidence.isEmpty
    else {
      return reaction.decisions.append(.ignored)
    }
    beginAnew(now, &reaction)
    proceed(now, &reaction)
  }

  /// Somebody changed a flag that the run moves. The run never sets it on again: off is off, and the run ends; for
  /// anything else a person decides.
  mutating func overruled(
    _ route: Int, _ found: Weight?, _ because: String, _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    guard routes.indices.contains(route), plan.routes[route].isFlag else {
      throw IllegalTransition("run \(id) has no flag as route \(route)")
    }
    // A race: the run ended, or is switching the flag off itself, or has not touched it yet.
    guard case .working(let working) = phase, routes[route].wanted != nil else {
      return reaction.decisions.append(.ignored)
    }
    pending.removeAll { $0.work.isWeight(of: route) }
    if let found { routes[route].given = found }
    let cause = Cause.overruled(found: found, because: because)
    if found == Weight.none {
      withdraw(failing: working.stage, cause, now, &reaction)
    } else {
      hold(cause, now, &reaction)
    }
  }

  /// Judges on as if the move in progress had begun now. What was measured before does not count any more.
  private mutating func beginAnew(_ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(var working) = phase else { return }
    reaction.decisions.append(.beganAnew)
    forgetEvidence()
    let (move, background) = (moveGate?.gate, backgroundGate?.gate)
    for site in GateSite.allCases { endGate(at: site) }
    if let background {
      startGate(background, at: .background, now, &reaction)
      working.background = Watching(since: now, until: .distantFuture)
    }
    if let move, case .watch(_, let hold, _) = plan.moves[working.stage][working.move] {
      startGate(move, at: .move, now, &reaction)
      working.activity = .watching(Watching(since: now, until: now + hold))
    }
    phase = .working(working)
  }
}
