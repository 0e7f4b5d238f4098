import PipelineModel

extension PipelineResolver {
  mutating func stage(_ draft: StageDraft) -> Stage? {
    checkRemedy(draft)
    guard let written = draft.work else { return nil }
    let work = work(written)
    checkDeadline(draft, work)
    if draft.isWhole { checkJudged(written) }
    return Stage(
      name: self.written(draft.name?.value, or: ""), work: work, deadline: draft.deadline?.value,
      onFailure: draft.onFailure ?? .rollback,
      onInconclusive: draft.onInconclusive ?? .hold,
      switchesOff: draft.switchesOff.map { .flag($0.value, in: self.draft.environment ?? "") })
  }

  private mutating func work(_ work: StageDraft.Work) -> Stage.Work {
    switch work {
    case .check(let check): .check(self.check(check))
    case .step(let call): .step(self.step(call))
    case .approve(let approval): .approve(self.approval(approval))
    case .canary(let canary): .canary(self.canary(canary))
    case .blueGreen(let change): .blueGreen(blueGreen(change))
    case .verify(let watch): .verify(self.watch(watch))
    case .wait(let interval): .wait(written(interval, or: .zero))
    case .flag(let ramp): .flag(self.ramp(ramp))
    }
  }

  /// Warns of traffic that moves whatever happens.
  private func checkJudged(_ work: StageDraft.Work) {
    switch work {
    case .canary(let canary):
      guard canary.gate == nil, canary.background == nil, canary.steps?.allSatisfy({ $0.gate == nil }) == true else {
        return
      }
      sink.warning(
        "nothing judges this canary: it would promote any version", at: canary.place,
        help: "add `gate: { metrics: […] }`")
    case .flag(let ramp):
      guard !ramp.isSet, ramp.gate == nil, ramp.background == nil,
        ramp.steps?.allSatisfy({ $0.gate == nil }) == true
      else { return }
      sink.warning(
        "nothing judges this ramp: everybody would get \(quote(ramp.variant.value)), whatever it does",
        at: ramp.place, help: "add `gate: { metrics: […] }`")
    case .blueGreen(let change):
      guard change.preSwitch == nil, change.postSwitch == nil, change.background == nil else { return }
      sink.warning(
        "nothing judges this switch: it would promote any version", at: change.place,
        help: "add `preSwitch: { gate: … }` or `postSwitch: { gate: … }`")
    case .check, .step, .approve, .verify, .wait: break
    }
  }

  private func checkDeadline(_ stage: StageDraft, _ work: Stage.Work) {
    guard let deadline = stage.deadline else { return }
    if deadline.value < work.shortest {
      return sink.error(
        "the deadline of \(deadline.value) is shorter than the \(work.shortest) the stage takes at least",
        at: deadline.place, help: "raise it beyond \(work.shortest), or shorten the holds")
    }
    switch work {
    case .check(let check) where deadline.value < check.timeout:
      sink.warning(
        "the deadline comes before the timeout of \(check.timeout)", at: deadline.place,
        help: "raise it, or lower `timeout`")
    case .step(let call) where deadline.value < call.timeout:
      sink.warning(
        "the deadline comes before the timeout of \(call.timeout)", at: deadline.place,
        help: "raise it, or lower `timeout`")
    case .approve(let approval) where deadline.value < approval.expires:
      sink.warning(
        "the deadline comes before the approval expires, after \(approval.expires)", at: deadline.place,
        help: "raise it, or lower `expires`")
    case .check, .step, .approve, .canary, .blueGreen, .verify, .wait, .flag: break
    }
  }

  private mutating func check(_ draft: CheckDraft) -> Check {
    Check(
      command: template(draft.command), timeout: draft.timeout, retries: draft.retries,
      environment: draft.environment.map { .init(name: $0.name.value, value: template($0.value.value)) },
      directory: draft.directory.map { template($0) })
  }

  private func approval(_ draft: ApprovalDraft) -> Approval {
    if let installation = surroundings.installation {
      let held = draft.from.compactMap { role in installation.roles.first { $0.name == role.value } }
      for role in draft.from { check(role, installation) }
      let people = Set(held.flatMap(\.members))
      if let first = draft.from.first, held.count == draft.from.count, people.count < draft.approvals, !people.isEmpty {
        sink.error(
          "\(draft.approvals) approvals are wanted, and only \(people.count) people may give one", at: first.place,
          help: "lower `approvals`, or give the role to more people in headgate.yaml")
      }
    }
    return Approval(
      from: draft.from.map(\.value), approvals: draft.approvals, expires: draft.expires,
      excludeRequester: draft.excludeRequester)
  }

  private func check(_ role: Located<String>, _ installation: Installation) {
    guard let known = installation.roles.first(where: { $0.name == role.value }) else {
      if installation.unread.contains(role.value) { return }
      return sink.unknown(
        "role", role.value, among: installation.roles.map(\.name), at: role.place,
        help: "roles are named in headgate.yaml")
    }
    if known.members.isEmpty {
      sink.error(
        "nobody holds the role \(quote(role.value))", at: role.place, help: "give it to somebody in headgate.yaml")
    }
  }

  mutating func watch(_ draft: WatchDraft) -> Watch {
    let span = Span(draft.hold.value, at: draft.hold.place, noun: "the hold")
    let gate = draft.gate.map { self.gate($0, within: span) }
    return Watch(
      gate: written(gate, or: Gate(metrics: [], every: GateDraft.defaultEvery)),
      hold: written(draft.hold.value, or: .zero))
  }

  /// - Parameter length: `nil`: nobody knows how long.
  mutating func background(_ use: GateUse?, lasting length: Interval?, at place: Place) -> Gate? {
    use.map { gate($0, within: Span(length, at: place, noun: "the stage")) }
  }

  /// The route, its names checked.
  mutating func route(_ route: Located<RouteName>?) -> RouteName {
    if let route { check(route) }
    return written(route?.value, or: RouteName(router: "", route: ""))
  }

  private func check(_ route: Located<RouteName>) {
    let router = Located(route.value.router, at: route.place)
    surroundings.check(router, .traffic, "router", sink)
    guard let routes = surroundings.routes(of: route.value.router), !routes.contains(route.value.route) else { return }
    let place = Place(line: route.place.line, column: route.place.column)
    sink.unknown(
      "route", route.value.route, among: routes, at: place,
      help: routes.isEmpty ? "the router names no routes in headgate.yaml" : nil)
  }
}
