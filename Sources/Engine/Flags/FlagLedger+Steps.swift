package import Flags
package import PipelineModel

extension FlagLedger {
  /// What a run's step makes of a flag: no fact when it has been done already, or changes nothing.
  ///
  /// A step that lets more people have the variant is a turning on: it needs the approvals that the environment wants,
  /// given for this run. One that lets fewer have it waits for nobody, and is also done to a flag that was killed.
  ///
  /// - Parameters:
  ///   - base: the flag as it was when the run was asked for, which its approvals are for, and which says how many move in
  ///     all; `nil`: an earlier version admitted the run, and it is not known.
  ///   - generation: the one the ramp began with; `nil`: whatever the flag has.
  ///   - approvals: those given for the run. What the flag's last revision has of the same run counts too.
  package func decide(
    _ step: FlagStep, of name: FlagName, since base: FlagRevision? = nil, pinnedTo generation: Generation? = nil,
    approvals: [FlagContract.Approval] = [], in circumstances: FlagCircumstances
  ) throws(Refusal) -> [FlagFact] {
    let environment = try circumstances.environment(of: name)
    let head = try rampable(name)
    if case .stepped(let last) = head.change, last == step { return [] }
    if let generation, generation != head.generation {
      throw Refusal(
        "\(name) is split by generation \(head.generation.rawValue), and the ramp began under \(generation.rawValue): "
          + "people would be in other buckets")
    }
    let next = try stepped(head, step, approvals)
    if next.saysTheSame(as: head), next.contract.rollout == head.contract.rollout { return [] }
    if try grows(head, step) { try mayGrow(head, next, since: base ?? head, environment, circumstances.now) }
    return applied(next)
  }

  /// Turns a flag off instead of rolling back what it belongs to, and latches it. Nothing when it is off so already.
  package func switchOff(_ name: FlagName, run: RunID, effect: EffectID) throws(Refusal) -> [FlagFact] {
    let head = try rampable(name)
    let next = try head.next(.switchedOff(run: run, effect: effect)) { $0.isLatched = true }.disabled()
    return next.saysTheSame(as: head) ? [] : applied(next)
  }

  private func rampable(_ name: FlagName) throws(Refusal) -> FlagRevision {
    guard let head = head(name) else { throw Refusal("there is no flag \(name)") }
    guard !head.isArchived else { throw Refusal("\(name) was archived") }
    return head
  }

  /// Nobody has a variant of a flag that is off.
  private func grows(_ head: FlagRevision, _ step: FlagStep) throws(Refusal) -> Bool {
    let definition = try head.parsed()
    let now = definition.state == .enabled ? definition.weight(of: step.variant) ?? 0 : 0
    return step.weight > now
  }

  private func stepped(
    _ head: FlagRevision, _ step: FlagStep, _ approvals: [FlagContract.Approval]
  ) throws(Refusal) -> FlagRevision {
    var definition = try head.parsed()
    if definition.state == .disabled, step.weight > 0, !head.isLatched {
      guard definition.targeting == nil || definition.isOnlySplit else {
        throw Refusal(
          "\(head.name) is off and has a rule: turning it on for a ramp would move whoever the rule matches. "
            + "Turn it on first with `headgate flag on`")
      }
      definition.state = .enabled
    }
    do {
      try definition.step(step.variant, to: step.weight, against: step.against)
    } catch {
      throw Refusal("\(head.name) cannot ramp: \(error.description)")
    }
    let known = head.contract.rollout == step.run ? head.contract.approvals : []
    return head.next(.stepped(step)) {
      $0.definition = definition.canonical
      $0.contract.rollout = step.run
      $0.contract.approvals = known + approvals.filter { !known.contains($0) }
      $0.isLatched = head.isLatched || step.latches
    }
  }

  private func mayGrow(
    _ head: FlagRevision, _ next: FlagRevision, since base: FlagRevision, _ environment: FlagPolicy.Environment,
    _ now: Timestamp
  ) throws(Refusal) {
    if head.isLatched {
      throw Refusal("\(head.name) was switched off for a reason, and stays off until a person turns it on")
    }
    if head.contract.rollout != next.contract.rollout, head.number != base.number {
      throw Refusal(
        "\(head.name) went on to revision \(head.number) after the run was asked for on revision \(base.number); "
          + "start the ramp anew")
    }
    let given = Set(next.contract.approvals.map(\.by)).count
    let needed = environment.approvals(from: base, to: next, at: now).needed
    guard given < needed else { return }
    throw Refusal(
      "more people in \(environment.name) may have it after \(needed) \(needed == 1 ? "approval" : "approvals") only, "
        + "and the run has \(given): "
        + "put an `approve` stage before the ramp")
  }
}
