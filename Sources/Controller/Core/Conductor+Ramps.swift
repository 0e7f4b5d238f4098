import Engine
import Flags
import PipelineModel
import Proofs

/// Ramps: routes that are flags. What a run asks of them no backend is asked: the ledger of flags answers, in a turn of
/// its own right behind the one that wrote the asking down.
extension Conductor {
  /// Whether the ledger answers an effect of a run.
  func isOfFlags(_ effect: Effect, of live: LiveRun) -> Bool {
    switch effect.work {
    case .setWeight(let route, _): !simulatesFlags && live.run.plan.routes[route].isFlag
    case .switchOff: true
    case .measure, .setMirror, .setHeaderRoute, .deploy, .retire, .check, .cancelCheck, .step, .cancelStep: false
    }
  }

  /// Makes the revision that an effect asks for, and tells the run, in one batch: both are durable, or neither is.
  func answer(_ effect: Effect, of live: LiveRun, _ now: Timestamp, _ draft: inout Draft) {
    guard live.awaits(effect) else { return }
    do throws(Refusal) {
      fold(try done(effect, live.run, now, &draft), into: live.id, Authorship(), now, &draft)
    } catch {
      fold(.failed(effect.id, Failure(.rejected, error.description)), into: live.id, Authorship(), now, &draft)
    }
  }

  private func done(
    _ effect: Effect, _ run: Run, _ now: Timestamp, _ draft: inout Draft
  ) throws(Refusal) -> Fact {
    switch effect.work {
    case .setWeight(let route, let weight):
      try set(weight, on: route, effect.id, run, now, &draft)
      return .shifted(effect.id)
    case .switchOff(let stage):
      if simulatesFlags { return .switchedOff(effect.id) }
      guard let name = run.plan.pipeline.stages[stage].switchesOff?.flag else {
        throw Refusal("the stage names no flag")
      }
      try switchOff(name, run: run.id, effect: effect.id, now, &draft)
      return .switchedOff(effect.id)
    case .measure, .setMirror, .setHeaderRoute, .deploy, .retire, .check, .cancelCheck, .step, .cancelStep:
      throw Refusal("no flag is asked for that")
    }
  }

  private func set(
    _ weight: Weight, on route: Int, _ effect: EffectID, _ run: Run, _ now: Timestamp, _ draft: inout Draft
  ) throws(Refusal) {
    guard let ramp = run.plan.ramp(on: route) else { throw Refusal("no stage ramps \(run.plan.routes[route])") }
    if weight == .none, isOff(ramp, latching: run.latches) { return }
    let pinned = run.start.ramps.first { $0.key == ramp.key }
    let base = try pinned?.revision.flatMap { number throws(Refusal) in
      try revision(number, of: ramp.name, draft)?.revision
    }
    try step(
      FlagStep(
        run: run.id, effect: effect, variant: ramp.variant, against: ramp.from,
        weight: weight.basisPoints * (RampSplit.sum / Weight.all.basisPoints),
        latches: weight == .none && run.latches),
      of: ramp.name, since: base, pinnedTo: pinned.flatMap { Generation(rawValue: $0.generation) },
      approvals: approvals(of: run, ramp.name, base), now, &draft)
  }

  /// Whether nobody has a ramp's variant: the flag is not there any more, or off already.
  private func isOff(_ ramp: FlagRamp, latching: Bool) -> Bool {
    guard let head = flags.head(ramp.name), !head.isArchived else { return true }
    return head.share(of: ramp.variant) == Weight.none && (head.isLatched || !latching)
  }

  /// Approvals given in the run by people who may approve changes of the flag, for the pipeline's text as it is and the
  /// flag as it was when the run was asked for.
  private func approvals(of run: Run, _ name: FlagName, _ base: FlagRevision?) -> [FlagContract.Approval] {
    guard !run.approvals.isEmpty, let text = text(of: run.start.definition) else { return [] }
    let wanted = flagPolicy.environment(name.environment)?.approve ?? []
    let hash = Digest.text(of: (base.map { "\($0.canonicalText)\n" } ?? "") + text)
    return run.approvals.filter { approval in
      !approval.by.mayBe(run.startedBy) && (wanted.isEmpty || roles(approval.by).contains(where: wanted.contains))
    }.map { FlagContract.Approval(by: $0.by, at: $0.at, proposal: hash) }
  }

  private func text(of definition: Int64) -> String? {
    guard case .defined(_, _, let text)? = (try? journal.entry(definition))??.fact else { return nil }
    return text
  }

  // MARK: What others do to flags

  /// Tells runs that move a flag that somebody else has changed it.
  func noteRevision(_ revision: FlagRevision, by author: Authorship, _ now: Timestamp, _ draft: inout Draft) {
    guard let live = fleet.holder(of: .flag(revision.name)).flatMap({ runs[$0] }), revision.change.run != live.id else {
      return
    }
    let reason = author.reason.map { ": \($0)" } ?? ""
    overrule(live, revision, because: "\(revision.change.phrase) by \(author.actor.phrase)\(reason)", now, &draft)
  }

  /// Looks whether flags still are what the runs that move them left: a flag may have been changed while nobody drove the
  /// runs.
  func readBackFlags(_ now: Timestamp, _ draft: inout Draft) {
    for live in runs.values.sorted(by: { $0.id < $1.id }) {
      for name in live.run.plan.routes.compactMap(\.flag) {
        guard let head = flags.head(name), head.change.run != live.id else { continue }
        overrule(live, head, because: "\(head.change.phrase) in revision \(head.number)", now, &draft)
      }
    }
  }

  private func overrule(
    _ live: LiveRun, _ revision: FlagRevision, because reason: String, _ now: Timestamp, _ draft: inout Draft
  ) {
    guard case .working = live.run.phase, let route = live.run.plan.routes.firstIndex(of: .flag(revision.name)),
      let wanted = live.run.routes[route].wanted, live.run.routes[route].confirmed,
      let ramp = live.run.plan.ramp(on: route)
    else { return }
    let found = revision.share(of: ramp.variant)
    guard found != wanted || revision.isLatched else { return }
    fold(.overruled(route: route, found: found, because: reason), into: live.id, Authorship(), now, &draft)
  }

  // MARK: Admission

  /// What a run of a pipeline would ramp, as the flags are now.
  ///
  /// - Throws: when the ledger would refuse a step to come: the ramp is refused before it begins.
  func ramps(of pipeline: Pipeline, by author: Authorship, _ now: Timestamp) throws(Refusal) -> [Start.Ramp] {
    if simulatesFlags { return [] }
    var ramps: [Start.Ramp] = []
    for (index, stage) in pipeline.stages.enumerated() {
      guard let ramp = stage.ramp, !ramps.contains(where: { $0.key == ramp.key }) else { continue }
      let head = try admissible(ramp, by: author)
      try checkApprovals(of: pipeline, before: index, ramp, head, now)
      let services = head.contract.services + [pipeline.target.service]
      ramps.append(
        Start.Ramp(
          key: ramp.key, generation: head.generation.rawValue,
          services: services.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }, revision: head.number))
    }
    return ramps
  }

  private func admissible(_ ramp: FlagRamp, by author: Authorship) throws(Refusal) -> FlagRevision {
    guard let head = flags.head(ramp.name), !head.isArchived else {
      throw Refusal("there is no flag \(ramp.name); `headgate flag create \(ramp.key)` makes one")
    }
    if head.isLatched {
      throw Refusal(
        "\(ramp.name) was switched off for a reason, and stays off until a person turns it on: "
          + "`headgate flag on \(ramp.key) --environment \(ramp.environment) --reason …`")
    }
    let allowed = flagPolicy.environment(ramp.environment)?.change ?? []
    guard allowed.isEmpty || roles(author.actor).contains(where: allowed.contains) else {
      throw Refusal(
        "\(author.actor.name) may not change flags in \(ramp.environment): none of the roles asked for is held, "
          + allowed.joined(separator: ", "))
    }
    _ = try head.ramped(by: ramp)
    return head
  }

  /// More people may have a variant only after the approvals that the environment wants.
  private func checkApprovals(
    of pipeline: Pipeline, before stage: Int, _ ramp: FlagRamp, _ head: FlagRevision, _ now: Timestamp
  ) throws(Refusal) {
    guard let environment = flagPolicy.environment(ramp.environment) else { return }
    let (needed, movers) = environment.approvals(from: head, to: try head.ramped(by: ramp), at: now)
    let planned = pipeline.stages.prefix(stage).reduce(0) { count, stage in
      if case .approve(let approval) = stage.work { max(count, approval.approvals) } else { count }
    }
    guard planned < needed else { return }
    let share = movers.map { ", since \($0.phrase)" } ?? ""
    throw Refusal(
      "a change of \(ramp.name) wants \(needed) \(needed == 1 ? "approval" : "approvals") by others\(share), and no stage "
        + "before the ramp asks for so many: put `- approve: …` before it, with `approvals: \(needed)`")
  }

  /// Why an approval would not be for what is there: a flag has changed since the run was asked for.
  func refusalByFlags(of act: Act, on run: Run) -> Refusal? {
    guard case .approve = act else { return nil }
    for ramp in run.start.ramps {
      let name = FlagName(environment: run.start.target.environment, key: ramp.key)
      guard let revision = ramp.revision, let head = flags.head(name), head.number != revision,
        head.change.run != run.id,
        head.contract.rollout != run.id
      else { continue }
      return Refusal(
        "\(name) went on to revision \(head.number) after the run was asked for on revision \(revision), so that an approval "
          + "would be for what nobody has looked at; end it with `headgate abort \(run.id)`, and start the ramp anew")
    }
    return nil
  }

  // MARK: Collisions

  /// Whether a new run has to wait for those that do the other thing to its services.
  ///
  /// - Throws: where the policy refuses it.
  func mustWait(_ uses: [ServiceUse], in environment: String) throws(Refusal) -> Bool {
    guard let collision = fleet.collisions(of: uses).first else { return false }
    switch whileRamping(environment) {
    case .rebaseline: return false
    case .queue: return true
    case .block:
      throw Refusal(
        "\(collision), and the numbers of one would not be told from those of the other; wait for it, end it with "
          + "`headgate abort \(collision.run)`, or set `whileRamping` to queue or rebaseline in headgate.yaml")
    }
  }

  func whileRamping(_ environment: String) -> FlagPolicy.Collision {
    flagPolicy.environment(environment)?.whileRamping ?? .block
  }

  /// Ramps whose services a run begins to deploy, or has ended deploying, begin their evidence anew: where the policy lets it,
  /// and where a rollback goes ahead whatever the policy is.
  func rebaseline(around run: Run, _ now: Timestamp, _ draft: inout Draft) {
    for collision in fleet.collisions(of: run.uses, besides: run.id) where collision.isRamp {
      fold(.rebaselined(by: run.id), into: collision.run, Authorship(), now, &draft)
    }
  }
}

extension Plan {
  /// The ramp that moves a flag's route.
  func ramp(on route: Int) -> FlagRamp? {
    pipeline.stages.lazy.compactMap(\.ramp).first { $0.route == self.routes[route] }
  }
}

extension FlagChange {
  /// The run that made the change, if one did.
  var run: RunID? {
    switch self {
    case .stepped(let step): step.run
    case .switchedOff(let run, _): run
    case .created, .changed, .turnedOn, .turnedOff, .archived, .imported, .killed, .reverted: nil
    }
  }

  /// "killed", before "by ann".
  var phrase: String {
    switch self {
    case .created: "created"
    case .changed: "changed"
    case .turnedOn: "turned on"
    case .turnedOff: "turned off"
    case .archived: "archived"
    case .imported: "imported"
    case .killed: "killed"
    case .reverted(let number): "taken back to revision \(number)"
    case .stepped(let step): "ramped by run \(step.run)"
    case .switchedOff(let run, _): "switched off for run \(run)"
    }
  }
}

extension FlagRevision {
  /// How many have a variant; `nil`: the rule is none that tells.
  func share(of variant: String) -> Weight? {
    guard !isArchived, let definition = try? parsed(), definition.state == .enabled else { return Weight.none }
    if let weight = definition.weight(of: variant) { return Weight(basisPoints: weight / 10) }
    if definition.targeting == nil { return definition.defaultVariant == variant ? .all : Weight.none }
    return nil
  }
}
