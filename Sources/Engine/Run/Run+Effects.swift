package import PipelineModel

extension Run {
  /// Whether an effect's outcome is still awaited. One that is not was given up, and need not be begun.
  package func awaits(_ id: EffectID) -> Bool { pending.contains { $0.id == id } }

  /// Asks for an effect, now or later, and keeps it until its outcome comes.
  @discardableResult
  mutating func ask(
    _ work: Effect.Work, at instant: Timestamp, attempt: Int = 1, _ reaction: inout Reaction
  ) -> EffectID {
    lastEffect += 1
    let effect = Effect(id: EffectID(lastEffect), work: work, notBefore: instant, attempt: attempt)
    pending.append(effect)
    reaction.effects.append(effect)
    return effect.id
  }

  /// Tells a router the candidate's share. One at a time for each route: a run goes on only when the last is confirmed.
  @discardableResult
  mutating func setWeight(_ weight: Weight, route: Int, _ now: Timestamp, _ reaction: inout Reaction) -> EffectID {
    routes[route].wanted = weight
    routes[route].confirmed = false
    routes[route].moved = routes[route].moved || weight > .none
    return ask(.setWeight(route: route, weight), at: now, &reaction)
  }

  /// Tells a router what share to copy to the candidate, too.
  @discardableResult
  mutating func setMirror(_ share: Weight, route: Int, _ now: Timestamp, _ reaction: inout Reaction) -> EffectID {
    routes[route].mirror = share
    routes[route].mirrorIsConfirmed = false
    routes[route].moved = routes[route].moved || share > .none
    return ask(.setMirror(route: route, share), at: now, &reaction)
  }

  /// Tells a router which requests the candidate gets whatever its share; `nil`: none.
  @discardableResult
  mutating func setHeaderRoute(
    _ match: HeaderMatch?, route: Int, _ now: Timestamp, _ reaction: inout Reaction
  ) -> EffectID {
    routes[route].header = match
    routes[route].hasHeader = true
    routes[route].headerIsConfirmed = false
    routes[route].moved = routes[route].moved || match != nil
    return ask(.setHeaderRoute(route: route, header: match.flatMap(plan.headers.firstIndex)), at: now, &reaction)
  }

  /// Asks again for what was last asked of an extra.
  @discardableResult
  mutating func setAgain(
    _ extra: Extra, route: Int, _ now: Timestamp, _ reaction: inout Reaction
  ) -> EffectID {
    switch extra {
    case .mirror: setMirror(routes[route].mirror ?? .none, route: route, now, &reaction)
    case .headerRoute: setHeaderRoute(routes[route].header, route: route, now, &reaction)
    }
  }

  /// Takes an effect off the list of those awaited. `nil`: its outcome came late or twice, or was given up.
  ///
  /// - Parameter reply: as what it came back; `nil`: it failed, as anything may but a look.
  /// - Throws: `IllegalTransition` when the run never asked for it, or asked for something else under that number.
  mutating func settle(
    _ id: EffectID, as reply: Effect.Reply?, _ reaction: inout Reaction
  ) throws(IllegalTransition) -> Effect? {
    guard 1...max(1, lastEffect) ~= id.number, lastEffect > 0 else {
      throw IllegalTransition("run \(self.id) never asked for effect \(id)")
    }
    for index in pending.indices where pending[index].id == id {
      let asked = pending[index].work.reply
      guard reply.map({ $0 == asked }) ?? (asked != .measured) else {
        throw IllegalTransition("run \(self.id): effect \(id) is of another kind than its outcome")
      }
      return pending.remove(at: index)
    }
    // A race, not a mistake: the run moved on while the backend was answering, or the backend answered twice.
    reaction.decisions.append(.ignored)
    return nil
  }

  /// Ends what an effect that is not asked for again may have begun: a command, a step.
  func giveUp(_ effect: Effect, _ reaction: inout Reaction) {
    guard let end = effect.end else { return }
    reaction.effects.append(Effect(id: effect.id, work: end, notBefore: startedAt))
  }

  /// Gives up every effect that is awaited.
  mutating func giveUpAll(_ reaction: inout Reaction) {
    for effect in pending { giveUp(effect, &reaction) }
    pending.removeAll()
    for site in GateSite.allCases { setJudging(nil, at: site) }
  }

  /// Ends a gate, and drops its looks.
  mutating func endGate(at site: GateSite) {
    setJudging(nil, at: site)
    pending.removeAll { $0.work.isLook(at: site) }
  }

  /// Asks again under the same id, which is the receiver's idempotency key.
  ///
  /// - Parameter instant: not before then, for a backend that asks to be left alone.
  mutating func retry(
    _ failed: Effect, _ now: Timestamp, notBefore instant: Timestamp? = nil, _ reaction: inout Reaction
  ) {
    var effect = failed
    let pause = Backoff.delay(after: failed.attempt, seed: start.seed, effect: failed.id)
    effect.notBefore = max(now + pause, instant ?? now)
    effect.attempt += 1
    pending.append(effect)
    reaction.effects.append(effect)
    reaction.decisions.append(.retrying(effect.id, attempt: effect.attempt, at: effect.notBefore))
  }
}

extension Run {
  /// Asks again under a new id: a command that has ended has ended for its key, and would only be read again.
  @discardableResult
  mutating func askAnew(_ failed: Effect, _ now: Timestamp, _ reaction: inout Reaction) -> EffectID {
    let at = now + Backoff.delay(after: failed.attempt, seed: start.seed, effect: failed.id)
    let id = ask(failed.work, at: at, attempt: failed.attempt + 1, &reaction)
    reaction.decisions.append(.retrying(id, attempt: failed.attempt + 1, at: at))
    return id
  }
}

extension Effect {
  /// What an effect is, without the particulars.
  enum Kind: Hashable {
    case measure, setWeight, setMirror, setHeaderRoute, deploy, retire, check, switchOff, cancelCheck, step, cancelStep
  }

  /// What an effect comes back as, when it does not fail.
  enum Reply: Hashable {
    case measured, shifted, deployed, retired, checked, performed, switchedOff
  }

  /// What ends it when it is given up; `nil` for what ends by itself.
  fileprivate var end: Work? {
    switch work {
    case .check: .cancelCheck(id)
    case .step(let stage): .cancelStep(id, stage: stage)
    case .measure, .setWeight, .setMirror, .setHeaderRoute, .deploy, .retire, .switchOff, .cancelCheck, .cancelStep: nil
    }
  }
}

extension Effect.Work {
  var kind: Effect.Kind {
    switch self {
    case .measure: .measure
    case .setWeight: .setWeight
    case .setMirror: .setMirror
    case .setHeaderRoute: .setHeaderRoute
    case .deploy: .deploy
    case .retire: .retire
    case .check: .check
    case .switchOff: .switchOff
    case .cancelCheck: .cancelCheck
    case .step: .step
    case .cancelStep: .cancelStep
    }
  }

  /// `nil`: nothing comes back.
  var reply: Effect.Reply? {
    switch self {
    case .measure: .measured
    case .setWeight, .setMirror, .setHeaderRoute: .shifted
    case .deploy: .deployed
    case .retire: .retired
    case .check: .checked
    case .step: .performed
    case .switchOff: .switchedOff
    case .cancelCheck, .cancelStep: nil
    }
  }

  func isLook(at site: GateSite) -> Bool { if case .measure(site, _) = self { true } else { false } }

  func isExtra(_ extra: Extra, of route: Int) -> Bool {
    switch (self, extra) {
    case (.setMirror(route, _), .mirror), (.setHeaderRoute(route, _), .headerRoute): true
    default: false
    }
  }

  /// Whether it tells a router something that is read back.
  var isOfRouter: Bool {
    switch self {
    case .setWeight, .setMirror, .setHeaderRoute: true
    case .measure, .deploy, .retire, .check, .switchOff, .cancelCheck, .step, .cancelStep: false
    }
  }

  package func isWeight(of route: Int) -> Bool { if case .setWeight(route, _) = self { true } else { false } }
}
