package import PipelineModel

/// What a pipeline would do, before it does anything: times, looks, what rolls back when, and the worst exposure.
package struct PlanReport: Hashable, Sendable {
  package var pipeline: String
  package var target: Target
  package var stages: [Stage]
  /// Holds and waits alone; commands, deployments and people counted as nothing.
  package var shortest: Interval
  /// The deadline of the run.
  package var longest: Interval
  package var whenBusy: BusyPolicy
  /// Parameters that take only plain letters, since they become part of commands or queries and have no pattern.
  package var plainParameters: [String]

  package struct Stage: Hashable, Sendable {
    package var name: String
    /// As pipelines write it: `canary`, `check` …
    package var kind: String
    /// What is done, one sentence each.
    package var does: [String]
    package var steps: [Step]
    package var background: GateReport?
    package var shortest: Interval
    package var longest: Interval
    /// What a failure does.
    package var onFailure: String
    package var exposure: Exposure
  }

  /// Share × time below full traffic, as time of full traffic.
  package struct Exposure: Hashable, Sendable {
    /// When every hold ends in its time.
    package var inTime: Interval
    /// When a step is held at the worst moment, by a gate that cannot tell or by a person, until the deadline.
    package var held: Interval
  }

  /// A time during which the candidate has one share of the traffic.
  package struct Step: Hashable, Sendable {
    /// "step 1", "before the switch" …
    package var title: String
    package var weight: Weight
    package var hold: Interval
    package var gate: GateReport?
    /// What the gate does not decide at the end of the hold.
    package var onInconclusive: FailurePolicy
    /// Share × time, as time of full traffic, until the gate can first fail; `nil` without a gate.
    package var leastExposure: Interval?
    /// Share × time, as time of full traffic, until the hold is over.
    package var mostExposure: Interval
    /// What the comparisons of the gate need at this weight.
    package var decisions: [StepDecision]
  }

  /// - Parameter traffic: the usual one, instead of what the pipeline expects.
  package init(_ pipeline: Pipeline, traffic: UsualTraffic? = nil) {
    self.pipeline = pipeline.name
    target = pipeline.target
    shortest = pipeline.stages.reduce(.zero) { $0 + $1.work.shortest }
    longest = pipeline.deadline
    whenBusy = pipeline.whenBusy
    plainParameters = pipeline.plainParameters
    var moved: [RouteName] = []
    var weight = Weight.all
    stages = pipeline.stages.map { stage in
      if let route = stage.route, !moved.contains(route) { moved.append(route) }
      weight = stage.endWeight ?? weight
      return Stage(stage, in: pipeline, moved: moved, at: weight, traffic)
    }
  }

}

extension PlanReport.Step {
  init(
    _ title: String, _ weight: Weight, _ hold: Interval, _ gate: Gate?, _ stage: Stage, _ pipeline: Pipeline,
    _ traffic: UsualTraffic?, after before: [Canary.Step] = []
  ) {
    decisions = gate.map { pipeline.decisions(of: $0, over: hold, at: weight, after: before, traffic) } ?? []
    self.title = title
    self.weight = weight
    self.hold = hold
    self.gate = gate.map { GateReport($0, over: hold, pipeline.metrics, isOfFlag: stage.isOfFlag(in: pipeline)) }
    onInconclusive = stage.onInconclusive
    mostExposure = weight.exposure(for: hold)
    leastExposure = self.gate?.earliestFailure.map(weight.exposure)
  }
}

extension PlanReport.Stage {
  init(
    _ stage: Stage, in pipeline: Pipeline, moved: [RouteName], at weight: Weight, _ traffic: UsualTraffic?
  ) {
    name = stage.name
    kind = stage.work.kind
    does = stage.work.sentences
    steps = stage.steps(in: pipeline, at: weight, traffic)
    background = stage.background.map {
      GateReport($0, over: stage.work.shortest, pipeline.metrics, isOfFlag: stage.isOfFlag(in: pipeline))
    }
    shortest = stage.work.shortest
    longest = stage.deadline
    onFailure = Self.failure(stage, moved)
    exposure = .init(of: steps, at: weight, shortest, until: longest)
  }

  private static func failure(_ stage: Stage, _ moved: [RouteName]) -> String {
    let first = stage.switchesOff.map { "a failed gate switches off \($0), and begins anew; after that, " } ?? ""
    return first + failure(stage.onFailure, moved)
  }

  private static func failure(_ policy: FailurePolicy, _ moved: [RouteName]) -> String {
    switch policy {
    case .hold: "the run stays as it is and waits for a person"
    case .rollback where moved.isEmpty: "the run ends; no traffic has moved yet"
    case .rollback where moved.allSatisfy(\.isFlag):
      "rolls back: \(moved.map(\.description).joined(separator: ", ")) to the variant before, and stays there until a "
        + "person turns it on"
    case .rollback: "rolls back: \(moved.map(\.description).joined(separator: ", ")) to the stable version"
    }
  }
}

extension Stage {
  /// Whether the traffic that its gates look at is shared out by a flag: its own, or that of the stages before.
  fileprivate func isOfFlag(in pipeline: Pipeline) -> Bool {
    if let route { return route.isFlag }
    let before = pipeline.stages.prefix { $0.name != name }
    return before.last { $0.route != nil }?.route?.isFlag ?? false
  }

  /// The candidate's share after the stage; `nil`: as before.
  fileprivate var endWeight: Weight? {
    switch work {
    case .canary(let canary): canary.steps.last?.weight
    case .blueGreen: .all
    case .flag(let ramp): ramp.steps.last?.weight
    case .check, .step, .approve, .verify, .wait: nil
    }
  }

  fileprivate func steps(
    in pipeline: Pipeline, at weight: Weight, _ traffic: UsualTraffic?
  ) -> [PlanReport.Step] {
    switch work {
    case .check, .step, .approve, .wait: return []
    case .verify(let watch): return [.init("observation", weight, watch.hold, watch.gate, self, pipeline, traffic)]
    case .canary(let canary):
      let previews = canary.previews.map {
        PlanReport.Step($0.title, .none, $0.hold, $0.gate, self, pipeline, traffic)
      }
      return previews + steps(canary.steps, in: pipeline, traffic)
    case .flag(let ramp): return steps(ramp.steps, in: pipeline, traffic)
    case .blueGreen(let change):
      let before = change.preSwitch.map {
        PlanReport.Step("before the switch", .none, $0.hold, $0.gate, self, pipeline, traffic)
      }
      let after = change.postSwitch.map {
        PlanReport.Step("after the switch", .all, $0.hold, $0.gate, self, pipeline, traffic)
      }
      let kept = PlanReport.Step("old version kept", .all, change.keepAlive, nil, self, pipeline, traffic)
      return [before, after, kept].compactMap { $0 }
    }
  }
}

extension Stage {
  private func steps(
    _ steps: [Canary.Step], in pipeline: Pipeline, _ traffic: UsualTraffic?
  ) -> [PlanReport.Step] {
    steps.enumerated().map { index, step in
      .init(
        "step \(index + 1)", step.weight, step.hold, step.gate, self, pipeline, traffic,
        after: Array(steps[..<index]))
    }
  }
}

extension Canary.Preview {
  /// "header x-canary: always, mirror 10%"
  fileprivate var title: String {
    [header.map { "header \($0)" }, mirror.map { $0 == .none ? "no mirror" : "mirror \($0)" }].compactMap { $0 }
      .joined(separator: ", ")
  }
}

extension Template {
  /// Lines of a script, one behind the other.
  fileprivate var onOneLine: String {
    source.split(separator: "\n").map { oneLine(String($0)) }.joined(separator: "; ")
  }
}

extension Stage.Work {
  /// The key a stage of this kind is recognised by.
  package var kind: String {
    switch self {
    case .check: StageForm.check.kind
    case .step: StageForm.step.kind
    case .approve: StageForm.approve.kind
    case .canary: StageForm.canary.kind
    case .blueGreen: StageForm.blueGreen.kind
    case .verify: StageForm.verify.kind
    case .wait: StageForm.wait.kind
    case .flag: StageForm.flag.kind
    }
  }

  fileprivate var sentences: [String] {
    switch self {
    case .check(let check):
      let tries = check.retries == 0 ? "one try" : "up to \(check.retries + 1) tries"
      return ["runs \(quote(check.command.onOneLine)): \(tries), at most \(check.timeout) each"]
    case .step(let call):
      let tries = call.retries == 0 ? "one try" : "up to \(call.retries + 1) tries"
      return ["has \(call.step) do its work: \(tries), at most \(call.timeout) each"]
    case .approve(let approval):
      let people = approval.from.isEmpty ? "anybody" : approval.from.joined(separator: " or ")
      let count = approval.approvals == 1 ? "one approval" : "\(approval.approvals) approvals"
      let requester = approval.excludeRequester ? ", not from whoever started the run" : ""
      return ["waits for \(count) from \(people)\(requester), at most \(approval.expires)"]
    case .canary(let canary):
      return [canary.deploy.map { "brings the new version up with \($0)" }, "moves \(canary.route)"].compactMap { $0 }
    case .blueGreen(let change):
      return ["brings the new version up beside the old with \(change.deploy)", "switches \(change.route) at once"]
    case .verify: return ["judges the new version at the traffic it has"]
    case .wait(let interval): return ["waits \(interval)"]
    case .flag(let ramp):
      return ["gives \(quote(ramp.variant)) of the flag \(quote(ramp.key)) to those who have \(quote(ramp.from))"]
    }
  }
}
