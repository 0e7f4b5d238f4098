import Engine
import PipelineModel

/// Tells one entry: first what happened, then what was concluded from it.
struct Teller {
  let plan: Plan
  let before: Run
  let run: Run
  let entry: Entry
  /// Of the metric that the entry measures, as it was before the entry.
  var outage: Outage?
  /// Where another answers for that metric than before.
  var handover: Handover?

  var sentences: [Sentence] {
    var told: [Sentence] = []
    if let sentence = happening { told.append(sentence) }
    if let sentence = handedOver { told.append(sentence) }
    told += printed
    for decision in entry.decisions { if let sentence = tell(decision) { told.append(sentence) } }
    return told
  }

  func say(_ tone: Sentence.Tone, _ text: String) -> Sentence { Sentence(time: entry.time, tone: tone, text: text) }

  /// ` (reason: …)` when the person gave one.
  private var because: String { entry.reason.map { " (reason: \($0))" } ?? "" }

  // MARK: Facts

  var happening: Sentence? {
    switch entry.fact {
    case .started(let start): say(.plain, started(start))
    case .begun: say(.plain, "the target is free: the run begins")
    case .acted(let act): say(act.isAlarming ? .warning : .plain, "\(act.past) by \(entry.actor.phrase)\(because)")
    case .refused(let act, let reason):
      say(.warning, "\(entry.actor.phrase) asked to \(act.verb), which cannot be done: \(reason)")
    case .superseded(let newer): say(.warning, "run \(newer) takes its place")
    case .failed(let id, let failure): say(.warning, attempt(id, failure))
    case .checked(let id, let status, let output) where status != 0:
      say(.bad, "\(describe(id)) ended with status \(status)\(lastLine(output))")
    case .shifted(let id): shifted(id)
    case .switchedOff(let id): say(.warning, switchedOff(id))
    case .overruled(let route, let found, let because):
      say(.warning, "\(plan.routes[route]) was changed\(found.map { " to \($0)" } ?? ""): \(because)")
    case .rebaselined(let other): say(.warning, "run \(other) changes what is measured here")
    case .performed(let id, let end, let output) where end != .passed:
      say(end == .failed ? .bad : .warning, "\(step(id)) \(end.phrase)\(lastLine(output))")
    case .measured(let id, let reading): answersAgain(id, reading)
    case .performed, .displaced, .deployed, .retired, .checked, .drifted, .timePassed, .controllerStarted,
      .defined, .incident, .freeze, .flag, .audit:
      nil
    }
  }

  private func started(_ start: Start) -> String {
    let stable = start.stable.map { ", stable is \($0)" } ?? ", nothing is stable yet"
    let queued = start.queued ? "; it waits for its turn" : ""
    let change = start.change.map { ", as \($0.phrase)" } ?? ""
    return "started by \(entry.actor.phrase)\(change)\(because): \(start.version) to \(start.target)\(stable)\(queued)"
  }

  private func shifted(_ id: EffectID) -> Sentence? {
    switch effect(id)?.work {
    case .setWeight(let route, let weight):
      say(.plain, "\(plan.routes[route]) gives \(weight) to \(receiver(route))")
    case .setMirror(let route, .none):
      say(.plain, "\(plan.routes[route]) copies nothing to \(run.start.version) any more")
    case .setMirror(let route, let share):
      say(.plain, "\(plan.routes[route]) copies \(share) of the requests to \(run.start.version)")
    case .setHeaderRoute(let route, nil): say(.plain, "\(plan.routes[route]) routes by no header any more")
    case .setHeaderRoute(let route, let header?):
      say(.plain, "\(plan.routes[route]) gives requests with \(plan.headers[header]) to \(run.start.version)")
    case .measure, .deploy, .retire, .check, .switchOff, .cancelCheck, .step, .cancelStep, nil: nil
    }
  }

  private func lastLine(_ output: String) -> String {
    output.split(whereSeparator: \.isNewline).last.map { ": \($0)" } ?? ""
  }

  /// The end of what a command or a step printed: for everybody where it went wrong, small print where it went well.
  private var printed: [Sentence] {
    if case .checked(_, let status, let output) = entry.fact { return lines(output, isWanted: status != 0) }
    if case .performed(_, let end, let output) = entry.fact { return lines(output, isWanted: end != .passed) }
    return []
  }

  private func lines(_ output: String, isWanted: Bool) -> [Sentence] {
    let lines = output.split(whereSeparator: \.isNewline)
    // One line alone stands in the sentence already.
    guard lines.count > 1 || !isWanted else { return [] }
    return lines.suffix(20).map { say(isWanted ? .output : .detail, "  | \($0)") }
  }

  // MARK: Effects

  func effect(_ id: EffectID) -> Effect? {
    before.pending.first { $0.id == id } ?? run.pending.first { $0.id == id }
  }

  private func step(_ id: EffectID) -> String {
    guard case .step(let stage)? = effect(id)?.work else { return "step \(id)" }
    return "step \"\(plan.pipeline.stages[stage].name)\""
  }

  /// What an effect was to do, after "could not".
  func describe(_ id: EffectID) -> String { effect(id).map { run.phrase(of: $0.work) } ?? "do effect \(id)" }

  /// What could not be done, and why.
  func attempt(_ id: EffectID, _ failure: Failure) -> String {
    guard let work = effect(id)?.work else { return "could not \(describe(id)): \(failure.message)" }
    return "could not \(run.phrase(of: work)): \(run.core(of: failure, in: work))"
  }

  func version(_ arm: Arm) -> String { run.version(arm) }
}

extension StepEnd {
  /// After the name of the step.
  var phrase: String {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .inconclusive: "cannot say"
    }
  }
}

extension Act {
  var past: String {
    switch self {
    case .approve: "approved"
    case .reject: "rejected"
    case .pause: "paused"
    case .resume: "resumed"
    case .promote(.step): "promoted by one step"
    case .promote(.all): "promoted past all gates"
    case .abort: "aborted"
    case .rollback: "rollback asked for"
    }
  }

  fileprivate var isAlarming: Bool {
    switch self {
    case .approve, .pause, .resume: false
    case .reject, .promote, .abort, .rollback: true
    }
  }
}
