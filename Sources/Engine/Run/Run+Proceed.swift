import Analysis
package import PipelineModel

extension Run {
  /// Goes as far as the instant allows: past deadlines into failure, past times that are over into what comes next.
  mutating func proceed(_ now: Timestamp, _ reaction: inout Reaction) {
    while case .working(let working) = phase {
      if let cause = passedDeadline(working, now) { return failStage(cause, now, &reaction) }
      guard case .watching(let watching) = working.activity, mayEnd(watching, working, now) else { return }
      guard isSatisfied(.move, now, &reaction), isLastWatch(working) ? isSatisfied(.background, now, &reaction) : true
      else { return }
      advance(now, &reaction)
    }
  }

  private func passedDeadline(_ working: Working, _ now: Timestamp) -> Cause? {
    if let begunAt, now >= begunAt + plan.pipeline.deadline { return .runDeadline }
    if case .approve(let approval) = plan.pipeline.stages[working.stage].work,
      now >= working.stageEnteredAt + approval.expires
    { return .expired }
    return now >= working.stageEnteredAt + plan.pipeline.stages[working.stage].deadline ? .stageDeadline : nil
  }

  /// Whether the time is over and nothing but the gates stands in the way.
  ///
  /// A look that was due within the time is waited for: it always comes, as an answer or as a failure.
  private func mayEnd(_ watching: Watching, _ working: Working, _ now: Timestamp) -> Bool {
    guard !paused, working.held == nil else { return false }
    return unguarded || (now >= watching.until && !awaitsLook(due: watching.until))
  }

  func awaitsLook(due: Timestamp) -> Bool {
    pending.contains { effect in
      if case .measure(.move, _) = effect.work { effect.notBefore <= due } else { false }
    }
  }

  /// After the last watch of a stage its background gate must have passed too.
  private func isLastWatch(_ working: Working) -> Bool {
    !plan.moves[working.stage].dropFirst(working.move + 1).contains { if case .watch = $0 { true } else { false } }
  }

  /// Whether a gate lets the run go on; when it does not, what that leads to.
  private mutating func isSatisfied(_ site: GateSite, _ now: Timestamp, _ reaction: inout Reaction) -> Bool {
    guard let verdict = verdict(site) else { return true }
    if unguarded {
      overrule(site, now, &reaction)
      return true
    }
    switch verdict {
    case .pass: conclude(site, .pass, &reaction)
    case .fail:
      conclude(site, .fail, &reaction)
      failStage(.gate(site, .fail), now, &reaction)
    case .inconclusive, .stopped:
      conclude(site, .inconclusive, &reaction)
      inconclusive(site, now, &reaction)
    case .noData, .error: awaitEvidence(site, verdict, &reaction)
    }
    return verdict == .pass
  }

  private mutating func inconclusive(_ site: GateSite, _ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(let working) = phase else { return }
    switch plan.pipeline.stages[working.stage].onInconclusive {
    case .rollback: failStage(.gate(site, .inconclusive), now, &reaction)
    case .hold: hold(.gate(site, .inconclusive), &reaction)
    }
  }

  /// Stays, and says so once; the looks go on, and the deadline stands.
  private mutating func awaitEvidence(_ site: GateSite, _ verdict: Verdict, _ reaction: inout Reaction) {
    var isNews = false
    phase.withWatching(at: site) { watching in
      isNews = !watching.isOverdue
      watching.isOverdue = true
    }
    if isNews { reaction.decisions.append(.awaitsEvidence(site, verdict)) }
  }

  // MARK: Failing and holding

  mutating func hold(_ cause: Cause, _ reaction: inout Reaction) {
    guard case .working(var working) = phase else { return }
    working.held = cause
    phase = .working(working)
    reaction.decisions.append(.held(cause))
  }

  /// The stage has failed: what now is for its policy to say, unless time is up.
  mutating func failStage(_ cause: Cause, _ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(let working) = phase else { return }
    reaction.decisions.append(.stageFailed(stage: working.stage, cause))
    if plan.pipeline.stages[working.stage].onFailure == .hold, cause.mayHold {
      hold(cause, &reaction)
    } else {
      withdraw(cause, now, &reaction)
    }
  }

  // MARK: Time

  /// When the run wants to be woken though nothing comes back: the first of its deadlines and ends after `now`.
  ///
  /// Derived from the state, so that nothing has to be cancelled, and a restart has nothing to arm but this.
  package func alarm(after now: Timestamp) -> Timestamp? {
    guard case .working(let working) = phase else { return nil }
    let stage = plan.pipeline.stages[working.stage]
    var first = working.stageEnteredAt + stage.deadline
    if let begunAt { first = min(first, begunAt + plan.pipeline.deadline) }
    if case .approve(let approval) = stage.work { first = min(first, working.stageEnteredAt + approval.expires) }
    if case .watching(let watching) = working.activity, watching.until > now, !awaitsLook(due: watching.until) {
      first = min(first, watching.until)
    }
    return max(first, now + .milliseconds(1))
  }
}

extension Cause {
  /// Whether a stage's `onFailure: hold` applies: not when time is up, and not against a person's will.
  fileprivate var mayHold: Bool {
    switch self {
    case .gate, .effect, .check: true
    case .stageDeadline, .runDeadline, .rejected, .expired, .aborted, .asked, .superseded: false
    }
  }
}
