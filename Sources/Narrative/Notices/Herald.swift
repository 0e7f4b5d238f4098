package import Engine
package import PipelineModel

/// Makes notices of what is written down: what an entry is worth telling, in the same sentences as its time line.
package struct Herald: Sendable {
  /// First part of every key.
  private let store: String

  package init(store: String) { self.store = store }

  /// At most one notice for each event, whatever the entry holds of it.
  ///
  /// - Parameter before: the run before the entry; the same as `run` for its first.
  package func notices(of entry: Entry, before: Run, run: Run, wanting events: Set<NoticeEvent>) -> [Notice] {
    let happened = Self.events(of: entry, before: before, run: run).filter(events.contains)
    guard !happened.isEmpty else { return [] }
    let told = Teller(plan: run.plan, before: before, run: run, entry: entry).sentences
      .filter { $0.tone != .detail && $0.tone != .output }
    let text = told.map(\.text).joined(separator: "\n")
    return happened.map { event in
      notice(
        event, alarm: event.alarm, key: "\(entry.sequence)-\(event.rawValue)",
        at: entry.time, of: run, text: text)
    }
  }

  /// What is told again and again of a run that is still degraded; `number` counts these from 1.
  package func reminder(_ number: Int64, of run: Run, since: Timestamp, at now: Timestamp) -> Notice {
    let state =
      switch run.phase {
      case .rollingBack: "taking its traffic back"
      case .working(let working) where working.held == nil: "without answers to its gate, and asking on"
      case .waiting, .working, .ended: "held, and a person decides"
      }
    return notice(
      .stillDegraded, alarm: .firing, key: "since-\(since.milliseconds)-\(number)", at: now, of: run,
      text: "still \(state), \(Interval.minutes((now - since).milliseconds / 60_000)) after it began")
  }

  // MARK: What happened

  /// In the order of `NoticeEvent`.
  private static func events(of entry: Entry, before: Run, run: Run) -> [NoticeEvent] {
    var events = Set(entry.decisions.compactMap { event(of: $0, run.plan) })
    switch entry.fact {
    case .started: events.insert(.started)
    case .acted(.pause): events.insert(.paused)
    case .acted(.resume): events.insert(.resumed)
    default: break
    }
    // A person went on past what held it.
    if before.degradedSince != nil, run.degradedSince == nil, run.outcome == nil { events.insert(.recovered) }
    return NoticeEvent.allCases.filter(events.contains)
  }

  private static func event(of decision: Decision, _ plan: Plan) -> NoticeEvent? {
    switch decision {
    case .entered: .step
    case .moved(let stage, let move): event(of: plan.moves[stage][move])
    case .concluded(_, .fail, _): .gateFailed
    case .awaitsEvidence(_, .error), .awaitsEvidence(_, .noData): .noAnswers
    case .held: .held
    case .rollbackBegan: .rollback
    case .escalated: .rollbackStuck
    case .ended(.promoted): .promoted
    case .ended(.rolledBack): .recovered
    case .ended(.failed): .failed
    case .ended(.aborted): .aborted
    case .skipped, .judged, .weighed, .sampled, .budgeted, .scored, .concluded, .awaitsEvidence, .overrode, .approved,
      .passed, .retrying, .reasserted, .restored, .switchesOff, .beganAnew,
      .stageFailed, .abandoned, .released, .recorded, .ignored:
      nil
    }
  }

  private static func event(of move: Move) -> NoticeEvent? {
    switch move {
    case .approve: .approvalWanted
    case .shift, .headerRoute(_, .some), .mirror: .step
    case .headerRoute(_, nil), .check, .step, .deploy, .watch, .retire: nil
    }
  }

  // MARK: The notice

  private func notice(
    _ event: NoticeEvent, alarm: Notice.Alarm?, key: String, at time: Timestamp, of run: Run, text: String
  ) -> Notice {
    let start = run.start
    let what = "\(start.pipeline) \(start.version) in \(start.target.environment)"
    return Notice(
      key: "\(store)-\(run.id)-\(key)", thread: "\(store)-\(run.id)", event: event, severity: event.severity,
      alarm: alarm, run: run.id, pipeline: start.pipeline, service: start.target.service,
      environment: start.target.environment, version: start.version, time: time, title: "\(what): \(event.phrase)",
      text: text, runbook: run.plan.pipeline.runbook, fields: fields(of: run))
  }

  private func fields(of run: Run) -> [Notice.Field] {
    var fields = [Notice.Field(name: "run", value: "\(run.id)")]
    if let stage = run.lastStage { fields.append(.init(name: "stage", value: run.plan.pipeline.stages[stage].name)) }
    if let weight = run.routes.last(where: { $0.wanted != nil })?.wanted {
      fields.append(.init(name: "weight", value: "\(weight)"))
    }
    if let owner = run.plan.pipeline.owner { fields.append(.init(name: "owner", value: owner)) }
    fields.append(.init(name: "started by", value: run.startedBy.name))
    return fields
  }
}

extension Run {
  /// Since when it is held for a reason, without answers, or taking its traffic back; `nil`: it is not.
  package var degradedSince: Timestamp? {
    switch phase {
    case .rollingBack(let rollback): rollback.since
    case .working(let working): working.held == nil ? blindSince : working.heldSince
    case .waiting, .ended: nil
    }
  }
}

extension NoticeEvent {
  var severity: Notice.Severity {
    switch self {
    case .started, .step, .approvalWanted, .paused, .resumed, .recovered, .promoted, .checkpoint, .test: .info
    case .gateFailed, .noAnswers, .held, .rollback, .stillDegraded, .failed, .aborted: .warning
    case .rollbackStuck: .critical
    }
  }

  /// Every end ends an alarm too, whether there was one or not: that costs nothing, and none is left behind.
  var alarm: Notice.Alarm? {
    switch self {
    case .gateFailed, .noAnswers, .held, .rollback, .rollbackStuck, .stillDegraded: .firing
    case .recovered, .promoted, .failed, .aborted: .resolved
    case .started, .step, .approvalWanted, .paused, .resumed, .checkpoint, .test: nil
    }
  }

  var phrase: String {
    switch self {
    case .started: "started"
    case .step: "next step"
    case .approvalWanted: "approval wanted"
    case .paused: "paused"
    case .resumed: "resumed"
    case .gateFailed: "a gate failed"
    case .held: "held, a person decides"
    case .rollback: "rolling back"
    case .rollbackStuck: "the rollback does not get through"
    case .noAnswers: "no answers"
    case .stillDegraded: "still degraded"
    case .recovered: "recovered"
    case .promoted: "promoted"
    case .failed: "failed"
    case .aborted: "aborted"
    case .checkpoint: "signed"
    case .test: "test"
    }
  }
}
