import PipelineModel

extension PipelineResolver {
  mutating func canary(_ draft: CanaryDraft) -> Canary {
    if let deploy = draft.deploy { checkDeployer(deploy) }
    let written = self.written(draft.steps, or: [])
    let route = self.route(draft.route)
    checkWeights(written)
    if draft.route != nil {
      checkPartialWeights(written, on: route)
      for preview in draft.previews { checkRouter(can: preview, on: route) }
    }
    let previews = draft.previews.map { self.preview($0, draft) }
    let steps = written.enumerated().map { self.step($1, of: draft, isLast: $0 == written.count - 1) }
    checkUnused(draft.gate, beside: written, held: draft.hold)
    let length = draft.holdsAreRead ? (previews.map(\.hold) + steps.map(\.hold)).reduce(.zero, +) : nil
    let background = self.background(draft.background, lasting: length, at: draft.place)
    checkDecide(steps, written, held: draft.hold)
    checkTwice(steps.map(\.gate), background, at: draft.place)
    return Canary(
      route: route, deploy: draft.deploy?.value, previews: previews, steps: steps, background: background)
  }

  private mutating func preview(_ draft: PreviewDraft, _ canary: CanaryDraft) -> Canary.Preview {
    let hold = draft.hold ?? canary.hold ?? Located(CanaryDraft.defaultHold, at: draft.place)
    let span = Span(hold.value, at: hold.place, noun: "the hold")
    return Canary.Preview(
      header: draft.header?.value, mirror: draft.mirror?.value, hold: hold.value ?? .zero,
      gate: draft.gate.map { gate($0, within: span) })
  }

  private func checkRouter(can preview: PreviewDraft, on route: RouteName) {
    let wanted: [(Capability, Place?, String)] = [
      (.headerRoute, preview.header?.place, "send requests with a header to one version"),
      (.mirror, preview.mirror?.place, "send copies of requests to the new version"),
    ]
    for (capability, place, deed) in wanted {
      guard let place, !surroundings.can(route, capability) else { continue }
      let condition = surroundings.condition(of: capability, on: route)
      sink.error(
        "the router \(quote(route.router)) cannot \(deed)\(condition == nil ? "" : " as it is configured")", at: place,
        help: condition.map { "give the setting \(quote($0)) in headgate.yaml" }
          ?? "leave the step out, or use a router that can")
    }
    if let header = preview.header { checkHeader(header, on: route) }
  }

  private func checkHeader(_ match: Located<HeaderMatch>, on route: RouteName) {
    if let refusal = surroundings.refusal(of: match.value, on: route) {
      sink.error(
        "the router \(quote(route.router)) cannot route by this header: \(refusal)", at: match.place,
        help: "use another name or value")
    }
    guard let (name, setting) = surroundings.header(on: route), match.value.header != name else { return }
    sink.error(
      "the router \(quote(route.router)) looks at the header \(quote(name)) on this route, not at "
        + "\(quote(match.value.header))", at: match.place,
      help: "write `header: { \(name): … }`, or change the route's `\(setting)` in headgate.yaml")
  }

  private mutating func step(_ step: StepDraft, of canary: CanaryDraft, isLast: Bool) -> Canary.Step {
    let usual = isLast ? CanaryDraft.defaultLastHold : CanaryDraft.defaultHold
    let hold = step.hold ?? canary.hold ?? Located(usual, at: step.place)
    return self.step(step, held: hold, judgedBy: step.gate ?? canary.gate)
  }

  /// A step of any ramp. A hold that could not be read counts as none: what is summed up of it is the least it can be.
  mutating func step(_ step: StepDraft, held hold: Located<Interval?>, judgedBy use: GateUse?) -> Canary.Step {
    let weight = written(step.weight?.value, or: .none)
    var judged = Canary.Step(weight: weight, hold: hold.value ?? .zero)
    guard let use else { return judged }
    let gate = gate(use, within: Span(hold.value, at: hold.place, noun: "the hold"))
    judged.gate = weight == .all && isResolved(use) ? alone(gate, at: step.place, "at 100%") : gate
    return judged
  }

  /// A stage's gate that none of its steps is known to be judged by is looked at all the same, so that its mistakes are seen.
  mutating func checkUnused(_ use: GateUse?, beside steps: [StepDraft], held hold: Located<Interval?>?) {
    guard let use, steps.allSatisfy({ $0.gate != nil }) else { return }
    _ = gate(use, within: hold.flatMap { Span($0.value, at: $0.place, noun: "the hold") })
  }

  /// - Parameter hold: of those steps that do not say otherwise.
  func checkDecide(_ steps: [Canary.Step], _ written: [StepDraft], held hold: Located<Interval?>?) {
    guard written.allSatisfy({ $0.weight != nil }) else { return }
    for (index, written) in written.enumerated() {
      checkDecides(steps[index], after: Array(steps[..<index]), held: written.hold ?? hold, at: written.place)
    }
  }

  func checkWeights(_ steps: [StepDraft]) {
    var last = Weight.none
    for weight in steps.compactMap(\.weight) {
      if weight.value == .none {
        sink.error("a step of 0% moves nothing", at: weight.place, help: "begin above 0%")
      } else if weight.value <= last {
        sink.error(
          "the weights must rise: \(weight.value) follows \(last)", at: weight.place,
          help: "put the steps in order, each once")
      }
      last = max(last, weight.value)
    }
  }

  /// Reports canaries after which nothing takes their route to all of the traffic.
  func checkEnds() {
    var finished: Set<RouteName> = []
    for stage in draft.stages.reversed() {
      switch stage.work {
      case .canary(let canary):
        // A stage of which nobody knows what it does to which route may be the one that finishes.
        guard let route = canary.route, let weights = canary.steps?.map(\.weight?.value) else { return }
        let most = weights.compactMap(\.self).max() ?? .none
        if most == .all || weights.contains(nil) { finished.insert(route.value) }
        if !finished.contains(route.value) { reportEnd(of: canary, on: route.value, at: most) }
      case .blueGreen(let change):
        guard let route = change.route else { return }
        finished.insert(route.value)
      case .check, .step, .approve, .verify, .wait, .flag: break
      case nil: return
      }
    }
  }

  private func reportEnd(of canary: CanaryDraft, on route: RouteName, at weight: Weight) {
    sink.error(
      "the canary ends at \(weight), so the run would end with two versions live",
      at: canary.steps?.last?.place ?? canary.place,
      help: "add a last step of 100%, or a later stage that takes \(quote(route.description)) to 100%")
  }

  private func checkPartialWeights(_ steps: [StepDraft], on route: RouteName) {
    guard !surroundings.can(route.router, of: .traffic, .partialWeights) else { return }
    guard let weight = steps.lazy.compactMap(\.weight).first(where: { $0.value < .all && $0.value > .none })
    else { return }
    sink.error(
      "the router \(quote(route.router)) can only give all traffic or none, not \(weight.value)", at: weight.place,
      help: "use a `blueGreen` stage, or a router that splits traffic")
  }

  mutating func blueGreen(_ draft: BlueGreenDraft) -> BlueGreen {
    if let deploy = draft.deploy { checkDeployer(deploy) }
    return BlueGreen(
      route: route(draft.route), deploy: written(draft.deploy?.value, or: ""),
      preSwitch: draft.preSwitch.map { watch($0) }, postSwitch: draft.postSwitch.map { watch($0) },
      keepAlive: draft.keepAlive ?? .zero,
      background: background(draft.background, lasting: draft.length, at: draft.place))
  }

  private func checkDeployer(_ name: Located<String>) {
    surroundings.check(name, .deployment, "deployer", sink)
    guard let service = draft.service, let refusal = surroundings.refusal(of: service, by: name.value, .deployment)
    else { return }
    sink.error(refusal.message, at: name.place, help: refusal.help)
  }
}
