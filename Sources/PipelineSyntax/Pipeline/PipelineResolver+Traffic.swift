import PipelineModel

extension PipelineResolver {
  mutating func canary(_ draft: CanaryDraft) -> Canary? {
    check(draft.route)
    if let deploy = draft.deploy { checkDeployer(deploy) }
    checkWeights(draft.steps)
    checkPartialWeights(draft)
    for preview in draft.previews { checkRouter(can: preview, on: draft.route.value) }
    let previews = draft.previews.compactMap { self.preview($0, draft) }
    let steps = draft.steps.indices.compactMap { step(draft, $0) }
    let length = draft.holdsAreRead ? (previews.map(\.hold) + steps.map(\.hold)).reduce(.zero, +) : nil
    guard let background = background(draft.background, lasting: length, at: draft.place) else { return nil }
    checkDecide(steps, draft.steps, held: draft.hold)
    checkTwice(steps.map(\.gate), background, at: draft.place)
    guard !steps.isEmpty, steps.count == draft.steps.count, previews.count == draft.previews.count else { return nil }
    return Canary(
      route: draft.route.value, deploy: draft.deploy?.value, previews: previews, steps: steps, background: background)
  }

  private mutating func preview(_ draft: PreviewDraft, _ canary: CanaryDraft) -> Canary.Preview? {
    let hold = draft.hold ?? canary.hold ?? Located(CanaryDraft.defaultHold, at: draft.place)
    var preview = Canary.Preview(
      header: draft.header?.value, mirror: draft.mirror?.value, hold: hold.value ?? .zero)
    guard let use = draft.gate else { return preview }
    let span = Span(hold.value, at: hold.place, noun: "the hold")
    guard let gate = gate(use, within: span) else { return nil }
    preview.gate = gate
    return preview
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

  private mutating func step(_ draft: CanaryDraft, _ index: Int) -> Canary.Step? {
    let step = draft.steps[index]
    let isLast = index == draft.steps.count - 1
    let usual = isLast ? CanaryDraft.defaultLastHold : CanaryDraft.defaultHold
    let hold = step.hold ?? draft.hold ?? Located(usual, at: step.place)
    return self.step(step, held: hold, judgedBy: step.gate ?? draft.gate)
  }

  /// A step of any ramp. A hold that could not be read counts as none: what is summed up of it is the least it can be.
  mutating func step(_ step: StepDraft, held hold: Located<Interval?>, judgedBy use: GateUse?) -> Canary.Step? {
    let plain = Canary.Step(weight: step.weight.value, hold: hold.value ?? .zero)
    guard let use else { return plain }
    return gate(use, within: Span(hold.value, at: hold.place, noun: "the hold")).map { gate in
      var judged = plain
      judged.gate = plain.weight == .all ? alone(gate, at: step.weight.place, "at 100%") : gate
      return judged
    }
  }

  /// - Parameter hold: of those steps that do not say otherwise.
  func checkDecide(_ steps: [Canary.Step], _ written: [StepDraft], held hold: Located<Interval?>?) {
    guard steps.count == written.count else { return }
    for (index, written) in written.enumerated() {
      checkDecides(steps[index], after: Array(steps[..<index]), held: written.hold ?? hold, at: written.place)
    }
  }

  func checkWeights(_ steps: [StepDraft]) {
    var last = Weight.none
    for step in steps {
      let weight = step.weight
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
        let most = canary.steps.map(\.weight.value).max() ?? .none
        if most == .all || !canary.stepsAreWhole { finished.insert(canary.route.value) }
        if !finished.contains(canary.route.value) { reportEnd(of: canary, at: most) }
      case .blueGreen(let change): finished.insert(change.route.value)
      case .check, .step, .approve, .verify, .wait, .flag: break
      }
    }
  }

  private func reportEnd(of canary: CanaryDraft, at weight: Weight) {
    sink.error(
      "the canary ends at \(weight), so the run would end with two versions live",
      at: canary.steps.last?.weight.place ?? canary.place,
      help: "add a last step of 100%, or a later stage that takes \(quote(canary.route.value.description)) to 100%")
  }

  private func checkPartialWeights(_ draft: CanaryDraft) {
    let router = draft.route.value.router
    guard !surroundings.can(router, of: .traffic, .partialWeights) else { return }
    guard let step = draft.steps.first(where: { $0.weight.value < .all && $0.weight.value > .none }) else { return }
    sink.error(
      "the router \(quote(router)) can only give all traffic or none, not \(step.weight.value)", at: step.weight.place,
      help: "use a `blueGreen` stage, or a router that splits traffic")
  }

  mutating func blueGreen(_ draft: BlueGreenDraft) -> BlueGreen? {
    check(draft.route)
    checkDeployer(draft.deploy)
    let before = draft.preSwitch.map { watch($0) }
    let after = draft.postSwitch.map { watch($0) }
    guard let background = background(draft.background, lasting: draft.length, at: draft.place) else { return nil }
    if case .some(.none) = before { return nil }
    if case .some(.none) = after { return nil }
    return BlueGreen(
      route: draft.route.value, deploy: draft.deploy.value, preSwitch: before ?? nil, postSwitch: after ?? nil,
      keepAlive: draft.keepAlive ?? .zero, background: background)
  }

  private func checkDeployer(_ name: Located<String>) {
    surroundings.check(name, .deployment, "deployer", sink)
    guard let service = draft.service, let refusal = surroundings.refusal(of: service, by: name.value, .deployment)
    else { return }
    sink.error(refusal.message, at: name.place, help: refusal.help)
  }
}
