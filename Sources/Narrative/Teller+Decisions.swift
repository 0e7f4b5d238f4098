import Analysis
import Engine
package import PipelineModel

extension Teller {
  func tell(_ decision: Decision) -> Sentence? {
    switch decision {
    case .entered(let stage): say(.plain, entered(stage))
    case .moved(let stage, let move): say(.plain, moved(stage, plan.moves[stage][move]))
    case .skipped(let stage, let move): say(.plain, skipped(plan.moves[stage][move]))
    case .judged(let site, let metric, let judgement):
      judged(site, metric, judgement).map { repeatsItself ? Sentence(time: $0.time, tone: .detail, text: $0.text) : $0 }
    // Told with the judgement.
    case .weighed, .sampled, .budgeted: nil
    case .scored(_, let report): say(report.judgement == .fail ? .bad : .detail, scored(report))
    case .concluded(let site, let verdict, let reports): concluded(site, verdict, reports)
    case .awaitsEvidence(let site, let verdict): say(.warning, awaits(site, verdict))
    case .held(let cause): say(.warning, held(cause))
    case .overrode(let site, let verdict): say(.warning, "went past \(name(site)), which said: \(verdict.phrase)")
    case .approved(let have, let needed): say(.plain, "\(have) of \(needed) approvals")
    case .passed(let stage): say(.good, "stage \"\(plan.pipeline.stages[stage].name)\" passed")
    case .retrying(let id, let attempt, let instant):
      say(.plain, "trying again to \(describe(id)) in \((instant - entry.time).rounded) (\(attempts(id, attempt)))")
    case .reasserted(let route, let weight):
      say(.warning, "\(plan.routes[route]) had lost its weight\(foundInstead): set to \(weight) again")
    case .restored(let route, let extra):
      say(.warning, "\(plan.routes[route]) had lost its \(extra.phrase): set again")
    case .stageFailed(let stage, let cause):
      say(.bad, "stage \"\(plan.pipeline.stages[stage].name)\" failed: \(describe(cause))")
    case .switchesOff(let stage, let cause):
      say(.bad, "switching off \(remedy(stage)) before anything is rolled back: \(describe(cause))")
    case .beganAnew: say(.warning, "judged anew from here; what was measured before does not count")
    case .rollbackBegan(let cause): say(.bad, "rolling back: \(describe(cause))")
    case .escalated(let id, let attempt): say(.bad, escalated(id, attempt))
    case .abandoned(let id): say(.warning, "gave up trying to \(describe(id)); no traffic depends on it")
    case .released:
      say(.warning, "\(run.start.target) is free again; the run's traffic was left as it was, somebody must look at it")
    case .ended(let outcome): ended(outcome)
    case .recorded: nil
    case .ignored: say(.detail, "came too late to matter: \(entry.fact.kind.rawValue)")
    }
  }

  private func entered(_ stage: Int) -> String {
    "stage \(stage + 1) of \(plan.pipeline.stages.count): \(plan.pipeline.stages[stage].name)"
  }

  private func moved(_ stage: Int, _ move: Move) -> String {
    switch move {
    case .check: "running the check \"\(plan.pipeline.stages[stage].name)\""
    case .step: "step \"\(plan.pipeline.stages[stage].name)\"\(runner(of: stage))"
    case .approve: approval(stage)
    case .deploy: "bringing up \(run.start.version)"
    case .shift(let route, let weight): asking(route, weight)
    case .mirror(let route, .none): "asking \(plan.routes[route]) to copy nothing any more"
    case .mirror(let route, let share):
      "asking \(plan.routes[route]) to copy \(share) of the requests to \(run.start.version)"
    case .headerRoute(let route, nil): "asking \(plan.routes[route]) to route by no header any more"
    case .headerRoute(let route, let match?):
      "asking \(plan.routes[route]) to give requests with \(match) to \(run.start.version)"
    case .watch(let period, let hold, let gate): watching(period, hold, gate)
    case .retire: "taking down \(version(.stable))"
    }
  }

  private func runner(of stage: Int) -> String {
    if case .step(let call) = plan.pipeline.stages[stage].work { ", by \(call.step)" } else { "" }
  }

  private func skipped(_ move: Move) -> String {
    guard case .retire = move else { return "left out a step" }
    return "what ran before \(run.start.version) is left up: its version is not known, so it could not be brought back"
  }

  private func approval(_ stage: Int) -> String {
    guard case .approve(let approval) = plan.pipeline.stages[stage].work else { return "waiting for an approval" }
    let who = approval.from.isEmpty ? "anybody" : approval.from.joined(separator: " or ")
    let count = approval.approvals == 1 ? "an approval" : "\(approval.approvals) approvals"
    return "waiting for \(count) by \(who), for at most \(approval.expires): headgate approve \(run.id)"
  }

  private func watching(_ period: Move.Period, _ hold: Interval, _ gate: Gate?) -> String {
    let judged = gate.map { gate in
      let names = gate.metrics.map { plan.pipeline.metrics[$0].name }.joined(separator: ", ")
      return ", judged on \(names) every \(gate.every)"
    }
    return "\(period.phrase) for \(hold)\(judged ?? "")"
  }

  private func awaits(_ site: GateSite, _ verdict: Verdict) -> String {
    "the time is over, but \(name(site)) says \(verdict.phrase): staying, and asking on"
  }

  private func held(_ cause: Cause) -> String {
    "held, a person decides (\(describe(cause))): headgate promote \(run.id), or headgate rollback \(run.id)"
  }

  private var foundInstead: String {
    if case .drifted(_, let found) = entry.fact { " (found at \(found))" } else { "" }
  }

  /// Which try comes, and how many there are. What has ended has the tries of its stage, what did not come about those of
  /// every effect; and a rollback goes on trying, save for its clean-up.
  private func attempts(_ id: EffectID, _ attempt: Int) -> String {
    switch (entry.fact, run.phase, effect(id)?.work) {
    case (.checked, _, .check(let stage)), (.performed, _, .step(let stage)):
      return "attempt \(attempt) of \(tries(of: stage))"
    case (_, .rollingBack, .retire), (_, .working, _), (_, .waiting, _), (_, .ended, _):
      return "attempt \(attempt) of \(Backoff.tries)"
    case (_, .rollingBack, _): return "attempt \(attempt), and on until it succeeds"
    }
  }

  private func tries(of stage: Int) -> Int {
    switch plan.pipeline.stages[stage].work {
    case .check(let check): check.retries + 1
    case .step(let call): call.retries + 1
    case .approve, .canary, .blueGreen, .verify, .wait, .flag: Backoff.tries
    }
  }

  private func escalated(_ id: EffectID, _ attempt: Int) -> String {
    let runbook = plan.pipeline.runbook.map { " Runbook: \($0)" } ?? ""
    return "THE ROLLBACK DOES NOT GET THROUGH after \(attempt) tries to \(describe(id)). "
      + "It goes on trying, and somebody must look now.\(runbook)"
  }

  private func ended(_ outcome: Outcome) -> Sentence {
    let took = "after \((entry.time - run.startedAt).rounded)"
    switch outcome {
    case .promoted: return say(.good, "promoted: \(run.start.version) is stable, \(took)")
    case .rolledBack: return say(.bad, "rolled back: all traffic is on \(version(.stable)), \(took)")
    case .failed: return say(.bad, "failed \(took); no traffic was moved")
    case .aborted: return say(.warning, "aborted \(took); no traffic was moved")
    }
  }

  // MARK: Causes

  func describe(_ cause: Cause) -> String {
    switch cause {
    case .gate(let site, let verdict): "\(name(site)) said \(verdict.phrase)"
    case .stageDeadline: "the stage's deadline has passed"
    case .runDeadline: "the run's deadline of \(plan.pipeline.deadline) has passed"
    case .effect(let id, let failure): attempt(id, failure)
    case .check(_, let status): "the command ended with status \(status)"
    case .step(_, .inconclusive): "the step could not say"
    case .step(_, .failed), .step(_, .passed): "the step failed"
    case .rejected: "rejected by \(entry.actor.phrase)"
    case .expired: "the approval was not given in time"
    case .aborted: "aborted by \(entry.actor.phrase)"
    case .asked: "asked for by \(entry.actor.phrase)"
    case .superseded(let newer): "run \(newer) takes its place"
    case .overruled(_, let because): "the flag was changed by somebody else: \(because)"
    case .split(let wanted, let found):
      "the traffic is not split as it was set: \(run.start.version) gets \(found) of the requests instead of \(wanted)"
    }
  }

  func name(_ site: GateSite) -> String {
    switch site {
    case .move: "the gate"
    case .background: "the background gate"
    }
  }
}

extension Extra {
  fileprivate var phrase: String {
    switch self {
    case .mirror: "mirror"
    case .headerRoute: "header route"
    }
  }
}

extension Move.Period {
  fileprivate var phrase: String {
    switch self {
    case .step: "staying at this weight"
    case .preview: "staying before the first share"
    case .preSwitch: "trying it out before the switch"
    case .postSwitch: "watching after the switch"
    case .keepAlive: "keeping the old version up"
    case .soak: "observing"
    case .wait: "waiting"
    }
  }
}

extension Verdict {
  package var phrase: String {
    switch self {
    case .pass: "pass"
    case .fail: "fail"
    case .inconclusive: "inconclusive"
    case .noData: "no data"
    case .error: "error"
    case .stopped: "stopped before it could say anything"
    }
  }
}

extension Interval {
  /// To the second from ten seconds up: what people read in a time line.
  package var rounded: Interval {
    milliseconds < 10_000 ? self : Interval(milliseconds: (milliseconds + 500) / 1000 * 1000)
  }
}
