import Engine
import PipelineModel

/// Who brought a fact about, and how.
struct Authorship {
  var actor = Principal.controller
  var origin = "controller"
  var reason: String?

  var hasReason: Bool { reason?.contains { !$0.isWhitespace } ?? false }
}

extension Conductor {
  func fold(_ work: [Inbound], _ now: Timestamp, _ draft: inout Draft) {
    for inbound in work {
      switch inbound {
      case .fact(let run, let fact): fold(fact, into: run, Authorship(), now, &draft)
      case .request(let request): answer(request, now, &draft)
      case .audit(let fact): record(fact, Authorship(), now, &draft)
      }
    }
  }

  /// Applies a fact to a run and drafts its entry. A run that ended, or that is not ours, is left alone.
  func fold(_ fact: Fact, into id: RunID, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft) {
    guard let live = runs[id] else { return }
    let before = live.outcome
    if before != nil, !fact.isOfPeople { return }
    draft.touch(live)
    // A copy of the run, so made only when somebody listens.
    let former = listener(to: live)
    reaction.clear()
    do {
      try live.apply(fact, by: author.actor, at: now, into: &reaction)
    } catch {
      return setAside(live.record, because: error.description)
    }
    record(fact, author, now, live, &draft)
    if let former { announce(former.run, live, by: former.announcer, &draft) }
    if let outcome = live.outcome, before != outcome { ended(live.run, outcome, now, &draft) }
  }

  /// Drafts the entry for what a fact led to, and takes note of what is to be done.
  private func record(_ fact: Fact, _ author: Authorship, _ now: Timestamp, _ live: LiveRun, _ draft: inout Draft) {
    let sequence = draft.add(
      Entry(
        time: now, run: live.id, previous: live.last, actor: author.actor, origin: author.origin,
        reason: author.reason, fact: fact, decisions: reaction.decisions))
    live.written(at: sequence, now)
    for effect in reaction.effects { draft.effects.append((live, effect)) }
  }

  /// Who is to be told of what happens to a run, with the run as it is now; `nil`: nobody listens.
  private func listener(to live: LiveRun) -> (announcer: any Announcer, run: Run)? {
    guard let announcer, announcer.hasListeners(live.run.plan.pipeline) else { return nil }
    return (announcer, live.run)
  }

  /// Drafts the notices that the newest entry causes.
  private func announce(_ before: Run, _ live: LiveRun, by announcer: any Announcer, _ draft: inout Draft) {
    guard let entry = draft.entries.last else { return }
    draft.notices += announcer.notices(of: entry, before: before, run: live.run)
  }

  private func ended(_ run: Run, _ outcome: Outcome, _ now: Timestamp, _ draft: inout Draft) {
    let target = run.plan.lane
    draft.targets.insert(target)
    fleet.ended(run, outcome)
    draft.record(fleet.record(of: target))
    // After the record, which belongs to the entry that ended the run.
    rebaseline(around: run, now, &draft)
    beginWaiting(now, &draft)
  }

  // MARK: Requests

  private func answer(_ request: Request, _ now: Timestamp, _ draft: inout Draft) {
    let author = Authorship(actor: request.actor, origin: request.origin, reason: request.reason)
    if let refusal = refusal(of: author.actor) { return refuse(request, refusal, author, now, &draft) }
    let before = draft.entries.count
    do throws(Refusal) {
      let run: RunID?
      switch request.ask {
      case .freeze(let act): return draft.answers.append(declare(act, author, request.id, now, &draft))
      case .incident(let act): return draft.answers.append(report(act, author, request.id, now, &draft))
      case .flag(let act): return answer(request.id, act, author, now, &draft)
      case .act(let id, let act):
        run = id
        try perform(act, on: id, author, now, &draft)
      case .start(let start): run = try admit(start, author, now, &draft)
      case .audit(let fact):
        run = nil
        try note(fact, author, now, &draft)
      case .unreadable(let kind): throw Refusal(unreadable: request.id, kind)
      }
      draft.answers.append(.init(request: request.id, run: run, refusal: nil))
    } catch {
      // What is not on record by a fact of its own is so by one of the journal.
      if draft.entries.count == before { record(request.refused(error), author, now, &draft) }
      draft.answers.append(.init(request: request.id, run: request.run, refusal: error.description))
    }
  }

  private func perform(
    _ act: Act, on id: RunID, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft
  ) throws(Refusal) {
    if let stray = strays[id] { return try free(stray, by: act, author, now, &draft) }
    let act = known(act, of: author.actor)
    if runs[id] == nil { try reopen(id) }
    guard let live = runs[id] else { throw Refusal("there is no run \(id)") }
    if let refusal = refusal(of: act, by: author, live.run) {
      fold(.refused(act, because: refusal.description), into: id, author, now, &draft)
      throw Refusal("run \(id) of \(live.run.start.pipeline): \(refusal.description)")
    }
    if case .ended = live.run.phase {
      fleet.begun(id, on: live.run.plan.lane, moving: live.run.plan.routes, using: live.run.uses)
    }
    fold(.acted(act), into: id, author, now, &draft)
  }

  /// The act with the roles that this installation gives the actor, whatever the asker says of itself.
  private func known(_ act: Act, of actor: Principal) -> Act {
    if case .approve = act { .approve(roles: roles(actor)) } else { act }
  }

  private func refusal(of act: Act, by author: Authorship, _ run: Run) -> Refusal? {
    if let refusal = run.refusal(of: act, by: author.actor) ?? refusalByFlags(of: act, on: run) { return refusal }
    if case .promote = act, let refusal = refusalOfOverride(by: author) { return refusal }
    if case .ended = run.phase {
      return fleet.refusalOfRollback(of: run.id, on: run.plan.lane, moving: run.plan.routes)
    }
    return nil
  }

  private func refusalOfOverride(by author: Authorship) -> Refusal? {
    guard author.hasReason else {
      return Refusal("to promote is to go past what was to decide, so it needs a reason: say why with --reason")
    }
    guard let overrides, !roles(author.actor).contains(where: overrides.contains) else { return nil }
    return Refusal(
      "\(author.actor.name) may not promote it: only \(overrides.joined(separator: ", ")) may, says `overrides:` in "
        + "headgate.yaml")
  }

  /// Brings a run that has ended back into memory, for an act on it.
  private func reopen(_ id: RunID) throws(Refusal) {
    do {
      let entries = try journal.entries(of: id)
      if !entries.isEmpty { try restore(id, entries) }
    } catch {
      throw Refusal("run \(id) could not be read: \(error)")
    }
  }

  private func admit(
    _ request: StartRequest, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft
  ) throws(Refusal) -> RunID {
    let pipeline = try compile(request)
    let parameters = try compiler.bind(request.parameters, to: pipeline)
    let ramp = pipeline.isRamp ? pipeline.ramp(at: 0) : nil
    let given = parameters.first { $0.name == "version" && !$0.value.isEmpty }?.value
    guard let version = given ?? ramp?.version else {
      throw Refusal("no version given; say which with --set version=…")
    }
    try checkClaim(request.change, by: author)
    let ramps = try ramps(of: pipeline, by: author, now)
    if let active = fleet.active(on: pipeline.lane), let stray = strays[active] {
      throw Refusal(
        "run \(active) of \(pipeline.target) was set aside, and nobody knows where its traffic is: \(stray.reason); "
          + "once that is settled, `headgate abort \(active) --reason …` frees the target")
    }
    let plan = definitions[request.text].flatMap { plans[$0] } ?? Plan(pipeline)
    let uses = ServiceUse.uses(of: plan, ramping: ramps)
    let collides = try mustWait(uses, in: pipeline.target.environment)
    let admission = try fleet.admission(
      of: version, to: pipeline.lane, moving: pipeline.routes, policy: pipeline.whenBusy, again: request.again)
    let isHeld = try mustThaw(request, pipeline, version, uses, author, now, &draft)
    let definition = define(request, pipeline, author, now, &draft)
    plans[definition] = plan
    draft.head.run += 1
    let id = RunID(draft.head.run)
    let start = Start(
      definition: definition, pipeline: pipeline.name, target: pipeline.target, version: version,
      stable: ramp?.stable ?? fleet.record(of: pipeline.lane).stable.last?.version, parameters: parameters,
      slots: fleet.slots(for: plan.routes, of: pipeline.lane),
      seed: UInt64(bitPattern: definition &* 31 &+ id.number),
      queued: admission != .now || collides || isHeld || isLeftWaiting(id), change: request.change,
      spent: fleet.record(of: pipeline.lane).spent, ramps: ramps)
    open(id, plan, start, author, now, &draft)
    if case .instead(let older) = admission {
      for run in older.reversed() { fold(.superseded(by: id), into: run, Authorship(), now, &draft) }
    }
    if !start.queued, let run = runs[id]?.run { rebaseline(around: run, now, &draft) }
    return id
  }

  /// Whoever claims that a change goes ahead whatever the error budget says needs a reason, and a role where one is
  /// asked for.
  private func checkClaim(_ change: ChangeKind?, by author: Authorship) throws(Refusal) {
    guard let change, change != .feature else { return }
    guard author.hasReason else {
      throw Refusal("a run that is said to be for \(change.rawValue) needs a reason: say why with --reason")
    }
    guard let wanted = claims[change], !roles(author.actor).contains(where: wanted.contains) else { return }
    throw Refusal(
      "\(author.actor.name) holds none of the roles that may start a run for \(change.rawValue): "
        + "\(wanted.joined(separator: ", ")); `changes:` in headgate.yaml names them")
  }

  /// A text is compiled once.
  private func compile(_ request: StartRequest) throws(Refusal) -> Pipeline {
    if let known = definitions[request.text], let plan = plans[known] { return plan.pipeline }
    return try compiler.compile(text: request.text, path: request.path)
  }

  private func open(
    _ id: RunID, _ plan: Plan, _ start: Start, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft
  ) {
    let uses = ServiceUse.uses(of: plan, ramping: start.ramps)
    fleet.started(
      id, on: plan.lane, moving: plan.routes, using: uses,
      yields: whileRamping(start.target.environment) != .rebaseline, queued: start.queued)
    reaction.clear()
    let live = LiveRun(Run(id: id, plan: plan, start: start, by: author.actor, at: now, into: &reaction), time: now)
    runs[id] = live
    draft.begin(live)
    record(.started(start), author, now, live, &draft)
    if let listener = listener(to: live) { announce(live.run, live, by: listener.announcer, &draft) }
  }

  /// The sequence number of the pipeline's text in the journal, written there first if it is new.
  private func define(
    _ request: StartRequest, _ pipeline: Pipeline, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft
  ) -> Int64 {
    if let known = definitions[request.text] { return known }
    if let known = (try? journal.definition(of: request.text)) ?? nil, known > sealedThrough {
      definitions[request.text] = known
      return known
    }
    let sequence = draft.add(
      Entry(
        time: now, run: nil, actor: author.actor, origin: author.origin,
        fact: .defined(pipeline: pipeline.name, path: request.path, text: request.text)))
    definitions[request.text] = sequence
    if let edition = compiler.edition {
      draft.compiled.append(CompiledPipeline(definition: sequence, edition: edition, pipeline: pipeline))
    }
    return sequence
  }
}

extension Refusal {
  fileprivate init(unreadable request: Int64, _ kind: String) {
    self.init(
      "request \(request) (`\(kind)`) is none that the Headgate that drives this store can read: ask with the same "
        + "version, or have a newer one drive")
  }
}

extension Request {
  fileprivate var run: RunID? { if case .act(let run, _) = ask { run } else { nil } }

  func refused(_ refusal: Refusal) -> AuditFact { .refused(asked: ask.words, because: refusal.description) }
}

extension Fact {
  /// Whether it is kept of a run that has ended: what people ask for is, a backend's late answer is not.
  fileprivate var isOfPeople: Bool {
    switch self {
    case .acted, .refused: true
    default: false
    }
  }
}
