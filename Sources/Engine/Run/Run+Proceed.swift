import Analysis
package import PipelineModel

extension Run {
  /// Goes as far as the instant allows: past deadlines into failure, past moves that are over into what comes next.
  mutating func proceed(_ now: Timestamp, _ reaction: inout Reaction) {
    while let course = course(now) {
      switch course {
      case .on: break
      case .past(let sites): for site in sites where horizon[site] != nil { conclude(site, .pass, &reaction) }
      case .against(let site, let verdict): return disagree(site, verdict, now, &reaction)
      case .late(let cause): return failStage(cause, now, &reaction)
      }
      advance(now, &reaction)
    }
  }

  private enum Course {
    /// The move in progress is over.
    case on
    /// So it is, and of these sites every gate says pass.
    case past([GateSite])
    /// So it is, and a gate has something against going on.
    case against(GateSite, Verdict)
    /// A deadline has passed.
    case late(Cause)
  }

  /// What the instant leads to; `nil`: the run stays where it is.
  private func course(_ now: Timestamp) -> Course? {
    guard case .working(let working) = phase else { return nil }
    if let cause = passedDeadline(working, now) { return .late(cause) }
    guard isOver(working, now), mayAdvance(working) else { return nil }
    guard case .watching = working.activity else { return .on }
    let sites = sites(deciding: working)
    guard let (site, verdict) = worst(of: sites), verdict != .pass else { return .past(sites) }
    return .against(site, verdict)
  }

  func isTimeUp(_ working: Working, _ now: Timestamp) -> Bool { now >= deadline(working) }

  /// The first of the deadlines of stage and run.
  func deadline(_ working: Working) -> Timestamp {
    min(working.stageEnteredAt + plan.terms[working.stage].patience, (begunAt ?? startedAt) + plan.pipeline.deadline)
  }

  /// The deadline that passed first; `nil` when none has.
  private func passedDeadline(_ working: Working, _ now: Timestamp) -> Cause? {
    guard isTimeUp(working, now) else { return nil }
    let terms = plan.terms[working.stage]
    let ofStage = working.stageEnteredAt + terms.patience
    if (begunAt ?? startedAt) + plan.pipeline.deadline < ofStage { return .runDeadline }
    return terms.expires == terms.patience ? .expired : .stageDeadline
  }

  /// Whether the move in progress has come to its end: the effect settled, everybody asked has approved, the time over.
  ///
  /// A look that was due within the time is waited for: it always comes, as an answer or as a failure.
  func isOver(_ working: Working, _ now: Timestamp) -> Bool {
    switch working.activity {
    case .acting(let id): !awaits(id)
    case .approving(let given): hasEnough(given, working)
    case .watching(let watching):
      isWaived(working) || (now >= watching.until && !horizon.isLookDue(by: watching.until, pending))
    }
  }

  /// Whether a person went past this watch with all others. Keeping the old version up is no gate: it is the way back.
  private func isWaived(_ working: Working) -> Bool {
    if case .watch(.keepAlive, _, _) = plan.moves[working.stage][working.move] { return false }
    return unguarded
  }

  func hasEnough(_ given: [Principal], _ working: Working) -> Bool {
    guard case .approve(let approval) = plan.pipeline.stages[working.stage].work else { return false }
    return given.count >= approval.approvals
  }

  /// Whether nothing but the gates stands in the way.
  ///
  /// Held, a run stays where it is. Paused, it begins nothing that changes anything; but when a change that was under
  /// way is done, the gates that judge it begin. It never goes on while a router has not confirmed its weight.
  private func mayAdvance(_ working: Working) -> Bool {
    if working.held != nil || working.remedied != nil || pending.contains(where: { $0.work.isOfRouter }) {
      return false
    }
    guard paused else { return true }
    guard case .acting = working.activity, working.move + 1 < plan.moves[working.stage].count,
      case .watch = plan.moves[working.stage][working.move + 1]
    else { return false }
    return true
  }

  /// The first site with the worst of the gates' verdicts; `nil`: there is no gate. One that would pass, and does not see
  /// what is going on now, waits for the next answer.
  private func worst(of sites: [GateSite]) -> (GateSite, Verdict)? {
    var worst: (site: GateSite, verdict: Verdict)?
    for site in sites {
      guard let said = verdict(site) else { continue }
      let verdict = said == .pass && isBlind(site) ? .error : said
      if let before = worst, before.verdict.worse(of: verdict) == before.verdict { continue }
      worst = (site, verdict)
    }
    return worst
  }

  /// Since when the time of a watch is over, and the run stays for want of answers; `nil`: it does not.
  package var blindSince: Timestamp? {
    guard case .working(let working) = phase, case .watching(let watching) = working.activity else { return nil }
    let waits = sites(deciding: working).contains { site in
      guard working.watching(at: site)?.isOverdue == true, let said = verdict(site) else { return false }
      return said == .error || said == .noData || isBlind(site)
    }
    return waits ? watching.until : nil
  }

  private func isBlind(_ site: GateSite) -> Bool {
    judging(at: site).map { $0.gate.isBlind($0.tallies, of: plan.stakes) } ?? false
  }

  /// The gates that must pass before the run leaves a watch.
  func sites(deciding working: Working) -> [GateSite] {
    plan.isLastWatch(stage: working.stage, move: working.move) ? GateSite.both : GateSite.ofMove
  }

  private mutating func disagree(
    _ site: GateSite, _ verdict: Verdict, _ now: Timestamp, _ reaction: inout Reaction
  ) {
    switch verdict {
    case .pass: break
    case .fail:
      conclude(site, .fail, &reaction)
      failStage(.gate(site, .fail), now, &reaction)
    case .inconclusive, .stopped:
      if mayStillDecide(site, now) { return awaitEvidence(site, .inconclusive, &reaction) }
      conclude(site, .inconclusive, &reaction)
      inconclusive(site, now, &reaction)
    case .noData, .error: awaitEvidence(site, verdict, &reaction)
    }
  }

  /// Whether an undecided gate has more time than the hold.
  private func mayStillDecide(_ site: GateSite, _ now: Timestamp) -> Bool {
    horizon.patience(of: site).map { now < $0 } ?? false
  }

  private mutating func inconclusive(_ site: GateSite, _ now: Timestamp, _ reaction: inout Reaction) {
    undecided(.gate(site, .inconclusive), now, &reaction)
  }

  /// Something that was to decide could not: what now is for the stage's policy to say.
  mutating func undecided(_ cause: Cause, _ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(let working) = phase else { return }
    switch plan.pipeline.stages[working.stage].onInconclusive {
    case .rollback: withdraw(failing: working.stage, cause, now, &reaction)
    case .hold: hold(cause, now, &reaction)
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

  mutating func hold(_ cause: Cause, _ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(var working) = phase else { return }
    working.held = cause
    working.heldSince = now
    phase = .working(working)
    reaction.decisions.append(.held(cause))
  }

  /// The stage has failed: what now is for its policy to say, unless time is up.
  mutating func failStage(_ cause: Cause, _ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(let working) = phase else { return }
    if remedies(cause, working, now, &reaction) { return }
    if plan.pipeline.stages[working.stage].onFailure == .hold, cause.mayHold {
      reaction.decisions.append(.stageFailed(stage: working.stage, cause))
      hold(cause, now, &reaction)
    } else {
      withdraw(failing: working.stage, cause, now, &reaction)
    }
  }

  mutating func withdraw(
    failing stage: Int, _ cause: Cause, _ now: Timestamp, _ reaction: inout Reaction
  ) {
    reaction.decisions.append(.stageFailed(stage: stage, cause))
    withdraw(cause, now, &reaction)
  }
}

extension GateSite {
  fileprivate static let ofMove = [GateSite.move]
  fileprivate static let both = [GateSite.move, .background]
}

extension Cause {
  /// Whether a stage's `onFailure: hold` applies: not when time is up, and not against a person's will.
  fileprivate var mayHold: Bool {
    switch self {
    case .gate, .effect, .check, .step, .split: true
    case .stageDeadline, .runDeadline, .rejected, .expired, .aborted, .asked, .superseded, .overruled: false
    }
  }
}
