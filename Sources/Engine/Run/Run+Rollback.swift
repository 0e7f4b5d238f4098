import PipelineModel

extension Run {
  /// Takes the run back: through a rollback when it changed anything, else it just ends.
  mutating func withdraw(_ cause: Cause, _ now: Timestamp, _ reaction: inout Reaction) {
    switch phase {
    case .waiting:
      withdrawn = cause
      end(.aborted, &reaction)
    case .working: takeBack(cause, now, &reaction)
    case .ended(.promoted) where cause == .asked:
      // What it saw of budgets was handed on when it ended, and others may have seen more since.
      budgets = nil
      takeBack(cause, now, &reaction)
    // A race: it rolled back by itself, or ended, while a newer run came to take its place.
    case .rollingBack, .ended: reaction.decisions.append(.ignored)
    }
  }

  private mutating func takeBack(_ cause: Cause, _ now: Timestamp, _ reaction: inout Reaction) {
    giveUpAll(&reaction)
    paused = false
    withdrawn = cause
    guard hasChangedAnything else { return end(cause.outcome, &reaction) }
    reaction.decisions.append(.rollbackBegan(cause))
    phase = .rollingBack(Rollback(cause: cause, since: now, step: .restoring))
    for route in routes.indices {
      routes[route].confirmed = false
      for extra in Extra.allCases { routes[route].confirm(extra, false) }
    }
    ask(forStep: .restoring, now, &reaction)
    continueRollback(now, &reaction)
  }

  /// Whether there is anything to take back: a version brought up or taken down, or a weight, mirror, header route that was
  /// asked for.
  package var hasChangedAnything: Bool {
    !deployments.isEmpty || routes.contains { $0.wanted != nil || !$0.extras.isEmpty }
  }

  /// Moves each route as soon as there is a version to move it to; when nothing of a step is left, on to the next.
  mutating func continueRollback(_ now: Timestamp, _ reaction: inout Reaction) {
    shiftBack(now, &reaction)
    while case .rollingBack(var rollback) = phase, isDone(rollback.step) {
      switch rollback.step {
      case .restoring: rollback.step = .shifting
      case .shifting: rollback.step = .cleaning
      case .cleaning: return end(routes.contains(where: \.moved) ? .rolledBack : rollback.cause.outcome, &reaction)
      }
      rollback.isEscalated = false
      phase = .rollingBack(rollback)
      ask(forStep: rollback.step, now, &reaction)
    }
  }

  /// Routes that move already do not hold up those that wait for their version to come up.
  private func isDone(_ step: Rollback.Step) -> Bool {
    step == .restoring ? !pending.contains { $0.work.kind == .deploy } : pending.isEmpty
  }

  private mutating func ask(forStep step: Rollback.Step, _ now: Timestamp, _ reaction: inout Reaction) {
    switch step {
    case .restoring:
      guard start.stable != nil else { return }
      for mark in deployments.reversed() where mark.arm == .stable {
        ask(.deploy(stage: mark.stage, .stable), at: now, &reaction)
      }
    case .shifting: shiftBack(now, &reaction)
    case .cleaning:
      for mark in deployments.reversed() where mark.arm == .candidate {
        ask(.retire(stage: mark.stage, .candidate), at: now, &reaction)
      }
    }
  }

  /// All routes at once, the last moved first: one router that hangs must not keep the others waiting, nor one version
  /// that does not come up the routes that do not need it.
  private mutating func shiftBack(_ now: Timestamp, _ reaction: inout Reaction) {
    for route in routes.indices.reversed() where isToShift(route) {
      setWeight(.none, route: route, now, &reaction)
    }
    for route in routes.indices.reversed() { takeExtrasBack(route, now, &reaction) }
  }

  /// As soon as the share is on its way back, and beside it: neither waits for the other.
  private mutating func takeExtrasBack(_ route: Int, _ now: Timestamp, _ reaction: inout Reaction) {
    guard case .rollingBack = phase else { return }
    for extra in routes[route].extras where !routes[route].isConfirmed(extra) {
      guard !pending.contains(where: { $0.work.isExtra(extra, of: route) }) else { continue }
      switch extra {
      case .mirror: setMirror(.none, route: route, now, &reaction)
      case .headerRoute: setHeaderRoute(nil, route: route, now, &reaction)
      }
    }
  }

  private func isToShift(_ route: Int) -> Bool {
    guard case .rollingBack = phase, routes[route].wanted != nil, !routes[route].confirmed else { return false }
    return !pending.contains { effect in
      if case .deploy(let stage, .stable) = effect.work { return isServed(route, bySlotOf: stage) }
      return effect.work.isWeight(of: route)
    }
  }

  /// Whether a route's stable slot is the one a stage emptied: its own route's, or the same deployer's of that colour.
  private func isServed(_ route: Int, bySlotOf stage: Int) -> Bool {
    let emptied = plan.pipeline.stages[stage]
    guard let other = emptied.route.flatMap(plan.routes.firstIndex), other != route else { return true }
    guard start.slots.indices.contains(max(other, route)) else { return true }
    return start.slots[other] == start.slots[route]
      && plan.pipeline.stages.contains { $0.route == plan.routes[route] && $0.deployer == emptied.deployer }
  }

  /// A router has lost its weight while the candidate was to be taken down: the traffic comes first. What was given up
  /// is asked for again once every route is confirmed.
  mutating func keepUpWhatHasTraffic() {
    guard case .rollingBack(var rollback) = phase, rollback.step == .cleaning else { return }
    pending.removeAll { $0.work.kind == .retire }
    rollback.step = .shifting
    phase = .rollingBack(rollback)
  }

  /// A rollback keeps trying. After five tries a person is called, and it goes on trying; only the clean-up gives up.
  mutating func rollbackFailed(
    _ failed: Effect, _ failure: Failure, _ now: Timestamp, _ reaction: inout Reaction
  ) {
    guard case .rollingBack(var rollback) = phase else { return }
    if failed.work.kind == .retire, failed.attempt >= Backoff.tries {
      reaction.decisions.append(.abandoned(failed.id))
      return continueRollback(now, &reaction)
    }
    if failed.attempt % Backoff.tries == 0 {
      rollback.isEscalated = true
      phase = .rollingBack(rollback)
      reaction.decisions.append(.escalated(failed.id, attempt: failed.attempt))
    }
    if case .deploy = failed.work, failure.kind != .transient {
      askAnew(failed, now, &reaction)
    } else {
      retry(failed, now, &reaction)
    }
  }
}

extension Cause {
  /// How a run ends that changed nothing.
  var outcome: Outcome {
    switch self {
    case .aborted, .asked, .superseded, .overruled: .aborted
    case .gate, .stageDeadline, .runDeadline, .effect, .check, .step, .rejected, .expired, .split: .failed
    }
  }
}
