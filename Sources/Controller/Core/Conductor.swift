package import Engine
package import Logging
package import PipelineModel

/// The controller's one owner of all runs: it folds what has come in, writes it down, and only then acts.
///
/// Synchronous, on one thread: nothing waits between reading state and writing it.
package final class Conductor {
  let journal: any Journal
  let compiler: any PipelineCompiler
  let sink: any EffectSink
  let log: Logger

  var runs: [RunID: LiveRun] = [:]
  /// The roles a person holds in this installation. What an asker says of itself counts for nothing.
  let roles: @Sendable (Principal) -> [String]
  /// Runs whose journal this engine cannot follow; left alone for a person to look at.
  package var setAside: [RunID: String] { strays.mapValues(\.reason) }
  var strays: [RunID: Stray] = [:]
  var fleet: Fleet
  var head: JournalHead
  var timers = Timers()
  /// Compiled pipelines by the sequence number of their definition, and the definitions by their text.
  var plans: [Int64: Plan] = [:]
  var definitions: [String: Int64] = [:]
  /// What came in and could not be written yet.
  var backlog: [Inbound] = []
  private var turns = 0

  package init(
    journal: any Journal, compiler: any PipelineCompiler, sink: any EffectSink, log: Logger,
    roles: @escaping @Sendable (Principal) -> [String] = { _ in [] }
  ) throws {
    self.roles = roles
    self.journal = journal
    self.compiler = compiler
    self.sink = sink
    self.log = log
    head = journal.head
    fleet = Fleet(try journal.targets())
  }

  package var activeRuns: Int { runs.count }
  /// When something is to be done though nothing comes in.
  package var nextTimer: Timestamp? { timers.next }
  package var hasBacklog: Bool { !backlog.isEmpty }

  package func run(_ id: RunID) -> Run? { runs[id]?.run }

  /// One turn: what has come in and what is due, folded, written down, acted upon.
  ///
  /// - Throws: `JournalFailure`. Nothing was written and nothing was done; `unavailable` keeps what came in, so that the
  ///   next turn tries again.
  package func turn(_ inbound: [Inbound], now wall: Timestamp) throws(JournalFailure) {
    let now = max(wall, head.time)
    var draft = nextDraft()
    draft.work = backlog + inbound
    backlog = []
    takeDue(now, &draft)
    fold(draft.work, now, &draft)
    try write(draft)
    act(draft, now)
  }

  func nextDraft() -> Draft {
    turns += 1
    return Draft(head: head, turn: turns)
  }

  private func takeDue(_ now: Timestamp, _ draft: inout Draft) {
    while let timer = timers.popDue(now) {
      switch timer.kind {
      case .alarm: draft.work.append(.fact(timer.run, .timePassed))
      case .effect(let effect): if let run = runs[timer.run] { draft.effects.append((run, effect)) }
      }
    }
  }

  func write(_ draft: Draft) throws(JournalFailure) {
    guard !draft.isEmpty else { return }
    do {
      try journal.append(draft.batch(fleet: fleet))
      head = draft.head
    } catch {
      undo(draft)
      throw error
    }
  }

  private func undo(_ draft: Draft) {
    backlog = draft.work
    for (run, before) in zip(draft.touched, draft.before) {
      if let before { run.state = before }
      runs[run.id] = before == nil || run.run.outcome != nil ? nil : run
      run.forgetCommission()
    }
    // Those that were due before this turn: the others come again when the work is folded again.
    for (run, effect) in draft.effects where runs[run.id] === run && run.run.pending.contains(effect) {
      timers.set(effect, of: run.id)
    }
    if let fleet = draft.fleetBefore { self.fleet = fleet }
    for stray in draft.freed { strays[stray.record.id] = stray }
    for text in draft.newDefinitions {
      if let sequence = definitions.removeValue(forKey: text) { plans[sequence] = nil }
    }
  }

  func act(_ draft: Draft, _ now: Timestamp) {
    for (run, effect) in draft.effects { begin(effect, of: run, now) }
    for run in draft.touched where strays[run.id] == nil {
      timers.setAlarm(run.withRun { $0.alarm(after: now) }, of: run.id)
      if run.withRun({ $0.outcome }) != nil { runs[run.id] = nil }
    }
  }

  /// Begins an effect, or sets a timer for it; forgets one that was given up meanwhile.
  private func begin(_ effect: Effect, of run: LiveRun, _ now: Timestamp) {
    guard run.withRun({ $0.awaits(effect) }), strays[run.id] == nil else { return }
    if effect.notBefore > now {
      timers.set(effect, of: run.id)
    } else {
      sink.perform(run.order(for: effect, store: head.store))
    }
  }

  /// Takes a run out of the controller's hands. Its target stays taken: nobody knows where its traffic is.
  func setAside(_ record: RunRecord, because reason: String) {
    strays[record.id] = Stray(reason: reason, record: record)
    runs[record.id] = nil
    log.error("run set aside", metadata: ["run": "\(record.id)", "reason": "\(reason)"])
  }

  /// Asks every router whether it still has what was set, also while traffic is being taken back.
  package func readBackWeights() {
    for (id, live) in runs.sorted(by: { $0.key < $1.key }) {
      switch live.run.phase {
      case .waiting, .ended: continue
      case .working, .rollingBack: break
      }
      for (index, route) in live.run.routes.enumerated() where route.confirmed {
        guard let wanted = route.wanted else { continue }
        sink.readBack(id, plan: live.run.plan, start: live.run.start, route: index, wanted: wanted)
      }
    }
  }
}

extension Run {
  /// Whether an effect still matters. The end of a command always does: nothing comes back of it.
  fileprivate func awaits(_ effect: Effect) -> Bool {
    if case .cancelCheck = effect.work { true } else { pending.contains(effect) }
  }
}
