import PipelineModel

extension Run {
  /// Takes the run back: through a rollback when it changed anything, else it just ends.
  mutating func withdraw(_ cause: Cause, _ now: Timestamp, _ reaction: inout Reaction) {
    switch phase {
    case .waiting:
      withdrawn = cause
      end(.aborted, &reaction)
    case .working: takeBack(cause, now, &reaction)
    case .ended(.promoted) where cause == .asked: takeBack(cause, now, &reaction)
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
    ask(forStep: .restoring, now, &reaction)
    continueRollback(now, &reaction)
  }

  /// Whether there is anything to take back: a version brought up or taken down, or a weight that was asked for.
  package var hasChangedAnything: Bool { !deployments.isEmpty || routes.contains { $0.wanted != nil } }

  /// When nothing of a step is left, on to the next: bring up what was taken down, move the traffic, clean up.
  mutating func continueRollback(_ now: Timestamp, _ reaction: inout Reaction) {
    while case .rollingBack(var rollback) = phase, pending.isEmpty {
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

  /// All routes at once, the last moved first: one router that hangs must not keep the others waiting.
  private mutating func ask(forStep step: Rollback.Step, _ now: Timestamp, _ reaction: inout Reaction) {
    switch step {
    case .restoring:
      guard start.stable != nil else { return }
      for mark in deployments.reversed() where mark.arm == .stable {
        ask(.deploy(stage: mark.stage, .stable), at: now, &reaction)
      }
    case .shifting:
      for route in routes.indices.reversed() where routes[route].wanted != nil {
        setWeight(.none, route: route, now, &reaction)
      }
    case .cleaning:
      for mark in deployments.reversed() where mark.arm == .candidate {
        ask(.retire(stage: mark.stage, .candidate), at: now, &reaction)
      }
    }
  }

  /// A rollback keeps trying. After five tries a person is called, and it goes on trying; only the clean-up gives up.
  mutating func rollbackFailed(_ failed: Effect, _ now: Timestamp, _ reaction: inout Reaction) {
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
    retry(failed, now, &reaction)
  }
}

extension Cause {
  /// How a run ends that changed nothing.
  var outcome: Outcome {
    switch self {
    case .aborted, .asked, .superseded: .aborted
    case .gate, .stageDeadline, .runDeadline, .effect, .check, .rejected, .expired: .failed
    }
  }
}
