import Engine
import PipelineModel

/// Freezes hold what has not begun: a run under way goes on, and whatever takes traffic or a flag away from people never
/// waits for one.
extension Conductor {
  /// Writes down what is asked of freezes, a refusal too.
  func declare(
    _ act: FreezeAct, _ author: Authorship, _ request: Int64, _ now: Timestamp, _ draft: inout Draft
  ) -> Batch.Answered {
    let fact: FreezeFact
    var refusal: String?
    do {
      fact = try freezes.decide(
        act, by: author.actor, holding: roles(author.actor), because: author.reason, policy: freezePolicy, now: now)
    } catch {
      refusal = error.description
      fact = .refused(act, because: error.description)
    }
    let entry = record(fact, author, now, &draft)
    if case .ended = fact {
      foldFlags(due: now, &draft)
      beginWaiting(now, &draft)
    }
    return Batch.Answered(request: request, run: nil, refusal: refusal, entry: entry)
  }

  /// Begins what waited for freezes that are over.
  func thaw(_ now: Timestamp, _ draft: inout Draft) {
    guard let end = freezes.alarm, end <= now else { return }
    freezes.forget(before: now)
    beginWaiting(now, &draft)
  }

  /// The freeze that holds the start of a run.
  func freeze(on uses: [ServiceUse], of target: Target, at now: Timestamp) -> Freeze? {
    freezes.freeze(of: Self.services(uses, target), in: target.environment, at: now)
  }

  /// Whether a run has to wait for the end of a freeze; what it meets is written down.
  ///
  /// - Throws: where the freeze refuses it.
  func mustThaw(
    _ request: StartRequest, _ pipeline: Pipeline, _ version: String, _ uses: [ServiceUse], _ author: Authorship,
    _ now: Timestamp, _ draft: inout Draft
  ) throws(Refusal) -> Bool {
    guard let freeze = freeze(on: uses, of: pipeline.target, at: now) else { return false }
    let outcome = freeze.outcome(of: request.change)
    meet(
      freeze, "a run of \(pipeline.name), version \(version)", Self.services(uses, pipeline.target),
      pipeline.target.environment, outcome, author, now, &draft)
    if outcome == .refused { throw freeze.refusalOfRun }
    return outcome == .held
  }

  /// Whether a run that waits for its turn has to wait for the end of a freeze.
  func isFrozen(_ run: Run, at now: Timestamp) -> Bool {
    freeze(on: run.uses, of: run.start.target, at: now).map { !$0.excepts(run.start.change) } ?? false
  }

  /// Writes down what became of a change that met a freeze.
  func meet(
    _ freeze: Freeze, _ what: String, _ services: [String], _ environment: String, _ outcome: FreezeMeeting.Outcome,
    _ author: Authorship, _ now: Timestamp, _ draft: inout Draft
  ) {
    let meeting = FreezeMeeting(what, services: services, environment: environment, outcome)
    record(.met(freeze, meeting), author, now, &draft)
  }

  static func services(_ uses: [ServiceUse], _ target: Target) -> [String] {
    Set(uses.map(\.service.service) + [target.service]).sorted()
  }

  @discardableResult
  func record(_ fact: FreezeFact, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft) -> Int64 {
    freezes.apply(fact)
    return draft.add(
      Entry(time: now, run: nil, actor: author.actor, origin: author.origin, reason: author.reason, fact: .freeze(fact))
    )
  }
}

extension Freeze {
  func excepts(_ change: ChangeKind?) -> Bool { change.map(exceptions.contains) ?? false }

  func outcome(of change: ChangeKind?) -> FreezeMeeting.Outcome {
    if excepts(change) { return .passed }
    return switch starts {
    case .refuse: .refused
    case .hold: .held
    }
  }

  var refusalOfRun: Refusal {
    let kinds = exceptions.map(\.rawValue).joined(separator: ", ")
    let way = kinds.isEmpty ? "" : "say with --change and --reason that it is one of what goes ahead, \(kinds), or "
    return Refusal(
      "\(sentence), and no run starts meanwhile: wait for its end, \(way)end it with "
        + "`headgate freeze end \(number) --reason …`")
  }
}
