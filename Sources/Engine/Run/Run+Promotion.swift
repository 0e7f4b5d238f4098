import Analysis
import PipelineModel

extension Run {
  /// On to the next move, past whatever holds the run and the gates it leaves behind.
  mutating func promoteStep(_ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(let working) = phase else { return }
    for site in sites(leftBehindBy: working) { overrule(site, now, &reaction) }
    release()
    if !asksAgain(working, now, &reaction) { advance(now, &reaction) }
    proceed(now, &reaction)
  }

  /// Past every gate and hold, those in progress and those to come.
  mutating func promoteAll(_ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(let working) = phase else { return }
    for site in GateSite.allCases { overrule(site, now, &reaction) }
    for site in GateSite.allCases { endGate(at: site) }
    unguarded = true
    paused = false
    release()
    dropBackground()
    _ = asksAgain(working, now, &reaction)
    proceed(now, &reaction)
  }

  /// What changes the world is never gone past: a change that did not come about, and held the run, is asked for again.
  /// Otherwise a run could be promoted with its traffic still on the version it replaces.
  private mutating func asksAgain(_ held: Working, _ now: Timestamp, _ reaction: inout Reaction) -> Bool {
    guard case .effect? = held.held else { return false }
    for route in routes.indices {
      guard let wanted = routes[route].wanted, !routes[route].confirmed, !awaitsWeight(of: route) else { continue }
      let id = setWeight(wanted, route: route, now, &reaction)
      reaction.decisions.append(.retrying(id, attempt: 1, at: now))
      if case .shift(route, _) = plan.moves[held.stage][held.move] { act(id) }
    }
    for route in routes.indices {
      for extra in routes[route].extras where !routes[route].isConfirmed(extra) {
        guard !pending.contains(where: { $0.work.isExtra(extra, of: route) }) else { continue }
        let id = setAgain(extra, route: route, now, &reaction)
        reaction.decisions.append(.retrying(id, attempt: 1, at: now))
        if plan.moves[held.stage][held.move].isExtra(extra, of: route) { act(id) }
      }
    }
    if case .deploy = plan.moves[held.stage][held.move], case .acting(let failed) = held.activity, !awaits(failed) {
      let id = ask(.deploy(stage: held.stage, .candidate), at: now, &reaction)
      reaction.decisions.append(.retrying(id, attempt: 1, at: now))
      act(id)
    }
    return pending.contains { $0.work.isOfRouter || $0.work.kind == .deploy }
  }

  private mutating func act(_ id: EffectID) {
    guard case .working(var working) = phase else { return }
    working.activity = .acting(id)
    phase = .working(working)
  }

  private func awaitsWeight(of route: Int) -> Bool { pending.contains { $0.work.isWeight(of: route) } }

  private func sites(leftBehindBy working: Working) -> [GateSite] {
    if case .gate(.background, _) = working.held { return [.move, .background] }
    if case .watching = working.activity { return sites(deciding: working) }
    return []
  }

  private mutating func release() {
    guard case .working(var working) = phase else { return }
    working.held = nil
    phase = .working(working)
  }

  private mutating func dropBackground() {
    guard case .working(var working) = phase else { return }
    working.background = nil
    phase = .working(working)
  }

  /// Keeps what a gate said when a person goes past it: `stopped` when its time was not over. A background gate then
  /// begins anew, so that what was forgiven once does not hold the run again.
  private mutating func overrule(_ site: GateSite, _ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(let working) = phase, let watching = working.watching(at: site), let verdict = verdict(site)
    else { return }
    let said = verdict == .fail || isTimeOver(site, working, now) ? verdict : .stopped
    if watching.concluded != said { conclude(site, said, &reaction) }
    guard said != .pass else { return }
    reaction.decisions.append(.overrode(site, said))
    forgetEvidence(of: site)
    guard site == .background, let gate = judging(at: .background)?.gate else { return }
    setJudging(Judging(gate, plan.stakes, ScoreBoard(gate, of: plan.pipeline.metrics)), at: .background)
    phase.withWatching(at: .background) { $0 = Watching(since: now, until: $0.until) }
  }

  /// Whether a gate has had all its time. A background gate's is over with the last watch of its stage.
  private func isTimeOver(_ site: GateSite, _ working: Working, _ now: Timestamp) -> Bool {
    guard case .watching(let watching) = working.activity, now >= watching.until else { return false }
    return site == .move || plan.isLastWatch(stage: working.stage, move: working.move)
  }
}

extension Move {
  fileprivate func isExtra(_ extra: Extra, of route: Int) -> Bool {
    switch (self, extra) {
    case (.mirror(route, _), .mirror), (.headerRoute(route, _), .headerRoute): true
    default: false
    }
  }
}
