import Analysis
import Engine
import PipelineModel

// States, decisions and effects in a few words each, for tables that people read. Times are counted from noon.

extension Run {
  var shorthand: String {
    let words =
      switch phase {
      case .waiting: "waiting"
      case .working(let working): working.shorthand
      case .rollingBack(let rollback):
        "rolling back: \(rollback.step)\(rollback.isEscalated ? ", a person called" : "")"
      case .ended(let outcome): "ended: \(outcome.rawValue)"
      }
    return words + (paused ? ", paused" : "") + (unguarded ? ", unguarded" : "")
  }
}

extension Working {
  var shorthand: String {
    let doing =
      switch activity {
      case .acting(let id): "acting #\(id)"
      case .approving(let given): "approving \(given.count)"
      case .watching(let watching): "watching until \(watching.until.shorthand)"
      }
    return "\(stage).\(move) \(doing)" + (background == nil ? "" : ", background")
      + (held.map { ", held by \($0.shorthand)" } ?? "") + (remedied == nil ? "" : ", switching off")
  }
}

extension Timestamp {
  var shorthand: String { "+" + (self - Rig.noon).description }
}

extension Effect {
  var shorthand: String {
    let what =
      switch work {
      case .measure(let site, _): "measure \(site)"
      case .setWeight(_, let weight): "set \(weight)"
      case .deploy(_, let arm): "deploy \(arm)"
      case .retire(_, let arm): "retire \(arm)"
      case .check: "check"
      case .switchOff: "switch off"
      case .cancelCheck: "cancel check"
      case .setMirror(_, let share): "mirror \(share)"
      case .setHeaderRoute(_, let header): "header route \(header.map { "\($0)" } ?? "none")"
      case .step: "step"
      case .cancelStep: "cancel step"
      }
    return "\(what) #\(id) at \(notBefore.shorthand)" + (attempt > 1 ? " try \(attempt)" : "")
  }
}

extension Cause {
  var shorthand: String {
    switch self {
    case .gate(let site, let verdict): "\(site) gate \(verdict)"
    case .stageDeadline: "the stage's deadline"
    case .runDeadline: "the run's deadline"
    case .effect(let id, let failure): "#\(id) \(failure.kind.rawValue)"
    case .check(let id, let status): "#\(id) exit \(status)"
    case .step(let id, let end): "#\(id) \(end.rawValue)"
    case .rejected: "rejection"
    case .expired: "expiry"
    case .aborted: "abort"
    case .asked: "request"
    case .superseded(let run): "run \(run)"
    case .overruled(let found, _): "somebody, who left \(found?.description ?? "no telling")"
    case .split(let wanted, let found): "a split of \(found) instead of \(wanted)"
    }
  }
}

extension Decision {
  var shorthand: String {
    switch self {
    case .entered(let stage): "entered \(stage)"
    case .moved(let stage, let move): "moved \(stage).\(move)"
    case .skipped(let stage, let move): "skipped \(stage).\(move)"
    case .judged(let site, _, let judgement): "judged \(site) \(judgement)"
    case .sampled(let site, _, let weighing): "sampled \(site) look \(weighing.look)"
    case .budgeted(let site, _, let look): "budgeted \(site) \(look.ruling)"
    case .scored(let site, let report): "scored \(site) \(report.judgement)"
    case .weighed(let site, _, let weighing): "weighed \(site) look \(weighing.look)"
    case .concluded(let site, let verdict, let reports):
      "concluded \(site) \(verdict) [\(reports.map(\.verdict.description).joined(separator: " "))]"
    case .awaitsEvidence(let site, let verdict): "awaits evidence \(site) \(verdict)"
    case .held(let cause): "held by \(cause.shorthand)"
    case .overrode(let site, let verdict): "overrode \(site) \(verdict)"
    case .approved(let have, let needed): "approved \(have) of \(needed)"
    case .passed(let stage): "passed \(stage)"
    case .retrying(let id, let attempt, let instant): "retrying #\(id) try \(attempt) at \(instant.shorthand)"
    case .reasserted(_, let weight): "reasserted \(weight)"
    case .restored(_, let extra): "restored \(extra.rawValue)"
    case .stageFailed(let stage, let cause): "stage \(stage) failed by \(cause.shorthand)"
    case .switchesOff(let stage, let cause): "stage \(stage) switches off by \(cause.shorthand)"
    case .beganAnew: "began anew"
    case .rollbackBegan(let cause): "rollback began by \(cause.shorthand)"
    case .escalated(let id, let attempt): "escalated #\(id) after try \(attempt)"
    case .abandoned(let id): "abandoned #\(id)"
    case .released: "released"
    case .recorded(let record): "recorded \(record.stable.map(\.version))"
    case .ended(let outcome): "ended \(outcome.rawValue)"
    case .ignored: "ignored"
    }
  }
}
