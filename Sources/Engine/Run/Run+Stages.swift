import PipelineModel

extension Run {
  mutating func enter(stage: Int, _ now: Timestamp, _ reaction: inout Reaction) {
    reaction.decisions.append(.entered(stage: stage))
    lastStage = stage
    let working = Working(stage: stage, move: 0, stageEnteredAt: now, activity: .approving([]))
    enter(working, move: 0, now, &reaction)
  }

  /// Begins a move: asks for its effects, or starts its time.
  private mutating func enter(_ before: Working, move: Int, _ now: Timestamp, _ reaction: inout Reaction) {
    var working = before
    working.move = move
    reaction.decisions.append(.moved(stage: working.stage, move: move))
    switch plan.moves[working.stage][move] {
    case .check: working.activity = .acting(ask(.check(stage: working.stage), at: now, &reaction))
    case .approve: working.activity = .approving([])
    case .deploy:
      deployments.append(DeploymentMark(stage: working.stage, arm: .candidate))
      working.activity = .acting(ask(.deploy(stage: working.stage, .candidate), at: now, &reaction))
    case .retire:
      deployments.append(DeploymentMark(stage: working.stage, arm: .stable))
      working.activity = .acting(ask(.retire(stage: working.stage, .stable), at: now, &reaction))
    case .shift(let route, let weight):
      routes[route] = RouteState(wanted: weight, moved: routes[route].moved || weight > .none)
      working.activity = .acting(ask(.setWeight(route: route, weight), at: now, &reaction))
    case .watch(_, let hold, let gate):
      working.activity = .watching(watch(.move, gate, since: now, until: now + hold, &reaction))
    }
    phase = .working(working)
  }

  /// On to the next move, the next stage, or the end.
  mutating func advance(_ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(var working) = phase else { return }
    giveUp(&reaction) { if case .measure(.move, _) = $0 { true } else { false } }
    working.held = nil
    if working.move + 1 < plan.moves[working.stage].count {
      enter(working, move: working.move + 1, now, &reaction)
    } else {
      pass(working.stage, now, &reaction)
    }
  }

  private mutating func pass(_ stage: Int, _ now: Timestamp, _ reaction: inout Reaction) {
    giveUp(&reaction)
    reaction.decisions.append(.passed(stage: stage))
    if stage + 1 < plan.moves.count {
      enter(stage: stage + 1, now, &reaction)
    } else {
      end(.promoted, &reaction)
    }
  }

  mutating func end(_ outcome: Outcome, _ reaction: inout Reaction) {
    pending.removeAll()
    paused = false
    phase = .ended(outcome)
    reaction.decisions.append(.ended(outcome))
  }

  // MARK: Outcomes

  /// A router, a deployer did what was asked.
  mutating func done(_ id: EffectID, _ now: Timestamp, _ reaction: inout Reaction) {
    guard let effect = settle(id, &reaction) else { return }
    if case .setWeight(let route, let weight) = effect.work, routes[route].wanted == weight {
      routes[route].confirmed = true
    }
    switch phase {
    case .working(let working) where working.activity == .acting(id):
      startBackground(working, now, &reaction)
      advance(now, &reaction)
      proceed(now, &reaction)
    case .working: proceed(now, &reaction)
    case .rollingBack: continueRollback(now, &reaction)
    case .waiting, .ended: break
    }
  }

  /// The background gate begins with the stage's first traffic; before that there is nothing to judge.
  private mutating func startBackground(_ before: Working, _ now: Timestamp, _ reaction: inout Reaction) {
    guard case .shift = plan.moves[before.stage][before.move], before.background == nil,
      let gate = plan.backgrounds[before.stage]
    else { return }
    var working = before
    working.background = watch(.background, gate, since: now, until: .distantFuture, &reaction)
    phase = .working(working)
  }

  mutating func checked(_ id: EffectID, _ status: Int, _ now: Timestamp, _ reaction: inout Reaction) {
    guard let effect = settle(id, &reaction), case .working(var working) = phase,
      case .check(let stage) = effect.work, case .check(let check) = plan.pipeline.stages[stage].work
    else { return }
    if status == 0 {
      advance(now, &reaction)
      proceed(now, &reaction)
    } else if effect.attempt <= check.retries {
      // A new try is a new command, with a key of its own.
      let at = now + Backoff.delay(after: effect.attempt, seed: start.seed, effect: id)
      let next = ask(.check(stage: stage), at: at, &reaction)
      repeatLast(&reaction, attempt: effect.attempt + 1)
      working.activity = .acting(next)
      phase = .working(working)
      reaction.decisions.append(.retrying(next, attempt: effect.attempt + 1, at: at))
    } else {
      failStage(.check(id, status: status), now, &reaction)
    }
  }

  private mutating func repeatLast(_ reaction: inout Reaction, attempt: Int) {
    pending[pending.count - 1].attempt = attempt
    reaction.effects[reaction.effects.count - 1].attempt = attempt
  }

  /// An effect did not come about: again if that may help, else the stage has failed.
  mutating func failed(_ id: EffectID, _ failure: Failure, _ now: Timestamp, _ reaction: inout Reaction) {
    guard var effect = settle(id, &reaction) else { return }
    if case .rollingBack = phase { return rollbackFailed(effect, now, &reaction) }
    guard case .working(let working) = phase else { return }
    if failure.kind == .transient, effect.attempt < Backoff.tries {
      effect.notBefore = now + Backoff.delay(after: effect.attempt, seed: start.seed, effect: id)
      effect.attempt += 1
      retry(effect, &reaction)
    } else if case .retire = effect.work {
      // The old version is still up. The traffic is where it belongs, so this is untidy and no more.
      reaction.decisions.append(.abandoned(id))
      if working.activity == .acting(id) { advance(now, &reaction) }
      proceed(now, &reaction)
    } else {
      failStage(.effect(id, failure), now, &reaction)
    }
  }

  /// Asks again under the same id, which is the receiver's idempotency key.
  mutating func retry(_ effect: Effect, _ reaction: inout Reaction) {
    pending.append(effect)
    reaction.effects.append(effect)
    reaction.decisions.append(.retrying(effect.id, attempt: effect.attempt, at: effect.notBefore))
  }

  /// The router forgot its weight, after a reload perhaps: levels, not edges, so it is told again.
  mutating func drifted(
    _ route: Int, _ found: Weight, _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    guard routes.indices.contains(route) else { throw IllegalTransition("run \(id) has no route \(route)") }
    guard let wanted = routes[route].wanted, routes[route].confirmed, wanted != found else {
      return reaction.decisions.append(.ignored)
    }
    routes[route].confirmed = false
    ask(.setWeight(route: route, wanted), at: now, &reaction)
    reaction.decisions.append(.reasserted(route: route, wanted))
  }
}
