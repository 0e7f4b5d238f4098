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
  /// The roles that may claim a kind of change; one that is not there may be claimed by anybody.
  let claims: [ChangeKind: [String]]
  /// The roles that may promote a run past its gates; `nil`: anybody may, with a reason.
  package var overrides: [String]?
  /// Runs whose journal this engine cannot follow; left alone for a person to look at.
  package var setAside: [RunID: String] { strays.mapValues(\.reason) }
  var strays: [RunID: Stray] = [:]
  /// `nil`: nobody is told anything.
  package var announcer: (any Announcer)?
  var fleet: Fleet
  var incidents: IncidentLog
  /// Those that hold changes, or will.
  var freezes: FreezeLog
  let freezePolicy: FreezePolicy
  /// Who may act in another's name.
  let people: PeoplePolicy
  /// What every flag is, and which changes of flags wait.
  package internal(set) var flags: FlagLedger
  let flagPolicy: FlagPolicy
  let archiving: AuditPolicy.Archiving
  /// When applications were last given a flag, as far as somebody counts.
  package var lastUse: (FlagName) -> FlagUse = { _ in FlagUse() }
  /// In a rehearsal flags are part of the simulated world, as routers are, and the ledger knows nothing of them.
  package var simulatesFlags = false
  package internal(set) var head: JournalHead
  var timers = Timers()
  /// Compiled pipelines by the sequence number of their definition, and the definitions by their text.
  var plans: [Int64: Plan] = [:]
  var definitions: [String: Int64] = [:]
  /// Compiled from texts of which no pipeline of this edition was kept; to be kept when there is time.
  var recompiled: [CompiledPipeline] = []
  /// Entries up to here lie in an archive, as far as this controller moved them there: no run may refer to them.
  var sealedThrough: Int64 = 0
  /// What was decided and could not be written yet, and what has come in since.
  private var unwritten: Draft?
  private var backlog: [Inbound] = []
  private var turns = 0
  /// Runs that wait and are no younger than this one are not begun; see `resume`.
  var leftWaiting: RunID?
  /// Runs that wait to be taken up; `nil`: nobody has looked yet.
  var untaken: Set<RunID>?
  /// What the ledger of flags is to answer, next.
  private var flagErrands: [(run: LiveRun, effect: Effect)] = []
  /// Kept for its storage.
  var reaction = Reaction()

  package init(
    journal: any Journal, compiler: any PipelineCompiler, sink: any EffectSink, log: Logger,
    roles: @escaping @Sendable (Principal) -> [String] = { _ in [] }, claims: [ChangeKind: [String]] = [:],
    flags: FlagPolicy = FlagPolicy(), people: PeoplePolicy = PeoplePolicy(), freezes: FreezePolicy = FreezePolicy(),
    archiving: AuditPolicy.Archiving = AuditPolicy.Archiving()
  ) throws {
    self.archiving = archiving
    self.roles = roles
    self.claims = claims
    flagPolicy = flags
    self.people = people
    freezePolicy = freezes
    self.journal = journal
    self.compiler = compiler
    self.sink = sink
    self.log = log
    head = journal.head
    fleet = Fleet(try journal.targets())
    incidents = try journal.incidents()
    self.freezes = try journal.freezes()
    self.flags = FlagLedger(try journal.flags())
  }

  package var activeRuns: Int { runs.count }

  /// Runs that are in flight, or whose turn this controller gives them: where it leaves the queue as it found it, those
  /// that wait are not among them.
  package var drivenRuns: Int { leftWaiting == nil ? runs.count : runs.values.count { !$0.isWaiting } }

  /// When something is to be done though nothing comes in.
  package var nextTimer: Timestamp? { [timers.next, flags.alarm, freezes.alarm].compactMap(\.self).min() }
  /// Whether something was decided that could not be written. Nothing more is decided until it is.
  package var isBlocked: Bool { unwritten != nil }

  package func run(_ id: RunID) -> Run? { runs[id]?.run }

  /// One turn: what has come in and what is due, folded, written down, acted upon.
  ///
  /// - Throws: `JournalFailure`. Nothing was written and nothing was done. After `unavailable` all of it is kept, and the
  ///   next turn begins by writing it.
  package func turn(_ inbound: [Inbound], now wall: Timestamp) throws(JournalFailure) {
    var inbound = inbound
    if let draft = unwritten {
      backlog += inbound
      try settle(draft, max(wall, head.time))
      inbound = backlog
      backlog = []
    }
    let now = max(wall, head.time)
    var draft = nextDraft(for: inbound.count)
    foldFlags(due: now, &draft)
    thaw(now, &draft)
    fold(inbound, now, &draft)
    fold(due: now, &draft)
    try settle(draft, now)
    try answerFlags(now)
  }

  /// Answers what runs have asked of flags, until nothing more follows.
  func answerFlags(_ now: Timestamp) throws(JournalFailure) {
    while !flagErrands.isEmpty {
      var draft = nextDraft(for: flagErrands.count)
      let errands = flagErrands
      flagErrands = []
      for (run, effect) in errands { answer(effect, of: run, now, &draft) }
      try settle(draft, now)
    }
  }

  /// - Parameter count: of what is about to be folded.
  func nextDraft(for count: Int = 0) -> Draft {
    turns += 1
    return Draft(head: head, turn: turns, for: count)
  }

  private func fold(due now: Timestamp, _ draft: inout Draft) {
    while let timer = timers.popDue(now) {
      switch timer.kind {
      case .alarm: fold(.timePassed, into: timer.run, Authorship(), now, &draft)
      case .effect(let id, let attempt):
        guard let run = runs[timer.run], let effect = run.awaited(id, attempt: attempt) else { continue }
        draft.effects.append((run, effect))
      }
    }
  }

  /// Writes down what was decided, and only then acts on it.
  func settle(_ draft: Draft, _ now: Timestamp) throws(JournalFailure) {
    if !draft.isEmpty {
      unwritten = draft
      try journal.append(draft.batch(fleet: fleet))
      unwritten = nil
      head = draft.head
    }
    act(draft, now)
  }

  /// Begins the effects that are due, and sets timers for the others; forgets those that were given up meanwhile.
  private func act(_ draft: Draft, _ now: Timestamp) {
    var orders: [WorkOrder] = []
    orders.reserveCapacity(draft.effects.count)
    for (run, effect) in draft.effects where run.awaits(effect) && strays[run.id] == nil {
      if effect.notBefore > now {
        timers.set(effect, of: run.id)
      } else if isOfFlags(effect, of: run) {
        flagErrands.append((run, effect))
      } else {
        orders.append(run.order(for: effect, store: head.store))
      }
    }
    if !orders.isEmpty { sink.perform(orders) }
    for run in draft.begun { settle(run, now) }
    for run in draft.touched { settle(run, now) }
  }

  private func settle(_ run: LiveRun, _ now: Timestamp) {
    guard strays[run.id] == nil else { return }
    timers.setAlarm(run.alarm(after: now), of: run.id)
    if run.outcome != nil { runs[run.id] = nil }
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
      for (index, route) in live.run.routes.enumerated()
      where !live.run.plan.routes[index].isFlag {
        sink.readBack(id, plan: live.run.plan, start: live.run.start, route: index, state: route)
      }
    }
  }
}
