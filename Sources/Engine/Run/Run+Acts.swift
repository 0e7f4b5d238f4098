import Analysis
package import PipelineModel

extension Run {
  /// Why an act cannot be done now; `nil` when it can.
  package func refusal(of act: Act, by principal: Principal) -> Refusal? {
    switch phase {
    case .waiting: act == .abort ? nil : Refusal("it waits for its turn; only abort is possible")
    case .working(let working): refusal(of: act, by: principal, working)
    case .rollingBack: Refusal("it is rolling back, and a rollback waits for nobody")
    case .ended(.promoted) where act == .rollback:
      hasChangedAnything ? nil : Refusal("it changed nothing that could be taken back")
    case .ended(let outcome): Refusal("it has ended: \(outcome.phrase)")
    }
  }

  private func refusal(of act: Act, by principal: Principal, _ working: Working) -> Refusal? {
    switch act {
    case .approve(let roles): refusalOfApproval(by: principal, roles, working)
    case .reject: isApproving(working) ? nil : Refusal("nothing waits for an approval")
    case .pause: paused ? Refusal("it is paused already") : nil
    case .resume: paused ? nil : Refusal("it is not paused")
    case .promote(.all):
      unguarded && !paused && working.held == nil ? Refusal("it goes past every gate already") : nil
    case .promote(.step): refusalOfPromotion(working)
    case .abort, .rollback: nil
    }
  }

  private func isApproving(_ working: Working) -> Bool {
    if case .approving = working.activity { true } else { false }
  }

  private func refusalOfApproval(by principal: Principal, _ roles: [String], _ working: Working) -> Refusal? {
    guard case .approving(let given) = working.activity,
      case .approve(let approval) = plan.pipeline.stages[working.stage].work
    else { return Refusal("nothing waits for an approval") }
    if !approval.from.isEmpty, !roles.contains(where: approval.from.contains) {
      return Refusal("\(principal.name) holds none of the roles asked for: \(approval.from.joined(separator: ", "))")
    }
    if hasEnough(given, working) { return Refusal("it has the approvals it needs, and is paused; use resume") }
    if given.contains(where: principal.mayBe) { return Refusal("\(principal.name) has approved already") }
    if approval.excludeRequester, principal.mayBe(startedBy) {
      return Refusal("\(principal.name) started the run and may not approve it")
    }
    return nil
  }

  private func refusalOfPromotion(_ working: Working) -> Refusal? {
    if pending.contains(where: { $0.work.kind != .measure }) {
      return Refusal("a change is under way and must come to its end first")
    }
    if case .approving(let given) = working.activity, !hasEnough(given, working) {
      return Refusal("it waits for an approval; use approve")
    }
    return nil
  }

  /// Does what `refusal(of:by:)` has nothing against.
  mutating func perform(_ act: Act, _ principal: Principal, _ now: Timestamp, _ reaction: inout Reaction) {
    switch act {
    case .approve: approve(principal, now, &reaction)
    case .reject: failStage(.rejected, now, &reaction)
    case .pause: paused = true
    case .resume:
      paused = false
      proceed(now, &reaction)
    case .promote(.step): promoteStep(now, &reaction)
    case .promote(.all): promoteAll(now, &reaction)
    case .abort: withdraw(.aborted, now, &reaction)
    case .rollback: withdraw(.asked, now, &reaction)
    }
  }

  private mutating func approve(_ principal: Principal, _ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(var working) = phase, case .approving(var given) = working.activity,
      case .approve(let approval) = plan.pipeline.stages[working.stage].work
    else { return }
    given.append(principal)
    approvals.append(RunApproval(by: principal, at: now))
    working.activity = .approving(given)
    phase = .working(working)
    reaction.decisions.append(.approved(have: given.count, of: approval.approvals))
    proceed(now, &reaction)
  }

}

extension Outcome {
  /// As people say it.
  package var phrase: String {
    switch self {
    case .promoted: "promoted"
    case .rolledBack: "rolled back"
    case .failed: "failed"
    case .aborted: "aborted"
    }
  }
}
