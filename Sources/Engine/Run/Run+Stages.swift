import PipelineModel

extension Run {
  mutating func enter(stage: Int, background: Watching?, _ now: Timestamp, _ reaction: inout Reaction) {
    reaction.decisions.append(.entered(stage: stage))
    lastStage = stage
    if plan.terms[stage].beginsAnew { forgetEvidence() }
    let working = Working(
      stage: stage, move: 0, stageEnteredAt: now, activity: .approving([]), background: background)
    enter(working, move: 0, now, &reaction)
  }

  /// Begins a move: asks for its effects, or starts its time.
  private mutating func enter(_ before: Working, move: Int, _ now: Timestamp, _ reaction: inout Reaction) {
    var working = before
    working.move = move
    reaction.decisions.append(.moved(stage: working.stage, move: move))
    if move == plan.terms[working.stage].backgroundStart { startBackground(&working, now, &reaction) }
    switch plan.moves[working.stage][move] {
    case .check: working.activity = .acting(ask(.check(stage: working.stage), at: now, &reaction))
    case .step: working.activity = .acting(ask(.step(stage: working.stage), at: now, &reaction))
    case .approve: working.activity = .approving([])
    case .deploy:
      deployments.append(DeploymentMark(stage: working.stage, arm: .candidate))
      working.activity = .acting(ask(.deploy(stage: working.stage, .candidate), at: now, &reaction))
    case .retire:
      deployments.append(DeploymentMark(stage: working.stage, arm: .stable))
      working.activity = .acting(ask(.retire(stage: working.stage, .stable), at: now, &reaction))
    case .shift(let route, let weight):
      working.activity = .acting(setWeight(weight, route: route, now, &reaction))
    case .mirror(let route, let share):
      working.activity = .acting(setMirror(share, route: route, now, &reaction))
    case .headerRoute(let route, let match):
      working.activity = .acting(setHeaderRoute(match, route: route, now, &reaction))
    case .watch(_, let hold, let gate):
      beginStepOfEvidence()
      if let gate { startGate(gate, at: .move, now, &reaction) }
      working.activity = .watching(Watching(since: now, until: now + hold))
    }
    phase = .working(working)
  }

  private mutating func startBackground(_ working: inout Working, _ now: Timestamp, _ reaction: inout Reaction) {
    guard let gate = plan.terms[working.stage].background else { return }
    startGate(gate, at: .background, now, &reaction)
    working.background = unguarded ? nil : Watching(since: now, until: .distantFuture)
  }

  /// On to the next move, the next stage, or the end.
  mutating func advance(_ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(let working) = phase else { return }
    endGate(at: .move)
    var next = working.move + 1
    if isLeftOut(next, of: working.stage) {
      reaction.decisions.append(.skipped(stage: working.stage, move: next))
      next += 1
    }
    if next < plan.moves[working.stage].count {
      enter(working, move: next, now, &reaction)
    } else {
      pass(working, now, &reaction)
    }
  }

  /// What cannot be named cannot be brought back: on the first run of a target whatever ran before stays up.
  private func isLeftOut(_ move: Int, of stage: Int) -> Bool {
    start.stable == nil && move < plan.moves[stage].count && plan.moves[stage][move] == .retire
  }

  private mutating func pass(_ working: Working, _ now: Timestamp, _ reaction: inout Reaction) {
    reaction.decisions.append(.passed(stage: working.stage))
    let next = working.stage + 1
    guard next < plan.moves.count else { return end(.promoted, &reaction) }
    let background = plan.terms[next].inheritsBackground ? working.background : nil
    if background == nil { endGate(at: .background) }
    enter(stage: next, background: background, now, &reaction)
  }

  mutating func end(_ outcome: Outcome, _ reaction: inout Reaction) {
    for site in GateSite.allCases { endGate(at: site) }
    pending.removeAll()
    paused = false
    phase = .ended(outcome)
    reaction.decisions.append(.ended(outcome))
  }

  // MARK: Outcomes

  /// A router, a deployer did what was asked.
  mutating func done(
    _ id: EffectID, _ reply: Effect.Reply, _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    guard let effect = try settle(id, as: reply, &reaction) else { return }
    switch effect.work {
    case .setWeight(let route, let weight):
      routes[route].confirmed = true
      routes[route].given = weight
      routes[route].confirmedAt = now
    case .setMirror(let route, _): routes[route].confirm(.mirror)
    case .setHeaderRoute(let route, _): routes[route].confirm(.headerRoute)
    case .measure, .deploy, .retire, .check, .switchOff, .cancelCheck, .step, .cancelStep: break
    }
    switch phase {
    case .working: proceed(now, &reaction)
    case .rollingBack:
      continueRollback(now, &reaction)
    case .waiting, .ended: break
    }
  }

  mutating func checked(
    _ id: EffectID, _ status: Int, _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    guard let effect = try settle(id, as: .checked, &reaction), case .working(var working) = phase,
      case .check(let check) = plan.pipeline.stages[working.stage].work
    else { return }
    if status == 0 || isTimeUp(working, now) {
      proceed(now, &reaction)
    } else if effect.attempt <= check.retries {
      working.activity = .acting(askAnew(effect, now, &reaction))
      phase = .working(working)
    } else {
      failStage(.check(id, status: status), now, &reaction)
    }
  }

  mutating func performed(
    _ id: EffectID, _ end: StepEnd, _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    guard let effect = try settle(id, as: .performed, &reaction), case .working(var working) = phase,
      case .step(let call) = plan.pipeline.stages[working.stage].work
    else { return }
    if end == .passed || isTimeUp(working, now) { return proceed(now, &reaction) }
    if end == .inconclusive { return undecided(.step(id, end), now, &reaction) }
    guard effect.attempt <= call.retries else { return failStage(.step(id, end), now, &reaction) }
    working.activity = .acting(askAnew(effect, now, &reaction))
    phase = .working(working)
  }

  /// An effect did not come about: again if that may help, else the stage has failed.
  mutating func failed(
    _ id: EffectID, _ failure: Failure, _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    guard let effect = try settle(id, as: nil, &reaction) else { return }
    if case .rollingBack = phase { return rollbackFailed(effect, failure, now, &reaction) }
    guard case .working(let working) = phase else { return }
    let isTimeUp = isTimeUp(working, now)
    if !isTimeUp, failure.kind == .transient, effect.attempt < Backoff.tries {
      return retry(effect, now, notBefore: now + (failure.retryAfter ?? .zero), &reaction)
    }
    giveUp(effect, &reaction)
    if isTimeUp {
      proceed(now, &reaction)
    } else if case .retire = effect.work {
      // The old version is still up. The traffic is where it belongs, so this is untidy and no more.
      reaction.decisions.append(.abandoned(id))
      proceed(now, &reaction)
    } else {
      failStage(.effect(id, failure), now, &reaction)
    }
  }

  /// The router forgot its weight, after a reload perhaps: levels, not edges, so it is told again.
  mutating func drifted(
    _ route: Int, _ found: Weight, _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    guard routes.indices.contains(route) else { throw IllegalTransition("run \(id) has no route \(route)") }
    // A race: the run ended, or the weight was being changed while the router was read back.
    if plan.routes[route].isFlag { return try overruled(route, found, "it was found so", now, &reaction) }
    guard !hasEnded, let wanted = routes[route].wanted, wanted != found,
      !pending.contains(where: { $0.work.isWeight(of: route) })
    else { return reaction.decisions.append(.ignored) }
    routes[route].given = found
    keepUpWhatHasTraffic()
    setWeight(wanted, route: route, now, &reaction)
    reaction.decisions.append(.reasserted(route: route, wanted))
  }

  /// The router lost its mirror or header route, or has another: it is told again.
  mutating func displaced(
    _ route: Int, _ extra: Extra, _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    guard routes.indices.contains(route) else { throw IllegalTransition("run \(id) has no route \(route)") }
    // A race, as with a weight that drifted.
    guard !hasEnded, routes[route].extras.contains(extra),
      !pending.contains(where: { $0.work.isExtra(extra, of: route) })
    else { return reaction.decisions.append(.ignored) }
    keepUpWhatHasTraffic()
    setAgain(extra, route: route, now, &reaction)
    reaction.decisions.append(.restored(route: route, extra))
  }

  private var hasEnded: Bool { if case .ended = phase { true } else { false } }
}
