import Engine
import PipelineModel

/// One turn's worth of journal, before it is written: all of it becomes durable, or none.
struct Draft {
  var head: JournalHead
  /// What is being folded.
  var work: [Inbound] = []
  var entries: [Entry] = []
  /// To be begun once all is durable: those that were due already, and those the entries ask for.
  var effects: [(run: LiveRun, effect: Effect)] = []
  var answers: [Batch.Answered] = []
  /// Runs that changed, in the order they first did.
  private(set) var touched: [LiveRun] = []
  /// Each of them as it was before; `nil`: it was not there.
  private(set) var before: [LiveRun.State?] = []
  /// The number of the turn.
  let turn: Int
  var fleetBefore: Fleet?
  var targets: Set<Target> = []
  var newDefinitions: [String] = []
  /// Runs that could not be followed and whose targets were freed: as they are now, and as they were before.
  var strays: [RunRecord] = []
  var freed: [Stray] = []

  init(head: JournalHead, turn: Int) {
    self.head = head
    self.turn = turn
  }

  var isEmpty: Bool { entries.isEmpty && answers.isEmpty }

  /// Remembers a run as it is, before its first change in this turn.
  mutating func touch(_ run: LiveRun, isNew: Bool = false) {
    if run.turn == turn { return }
    run.turn = turn
    touched.append(run)
    before.append(isNew ? nil : run.state)
  }

  /// Gives an entry its place in the sequence.
  @discardableResult
  mutating func add(_ entry: Entry) -> Int64 {
    var entry = entry
    head.sequence += 1
    head.time = entry.time
    entry.sequence = head.sequence
    entries.append(entry)
    return head.sequence
  }

  /// Adds to the last entry, which ended a run, what the run's target runs now: so the chain of the journal proves the
  /// table of targets too.
  mutating func record(_ target: TargetRecord) { entries[entries.count - 1].decisions.append(.recorded(target)) }

  func batch(fleet: Fleet) -> Batch {
    Batch(
      entries: entries, runs: touched.map(\.record) + strays,
      targets: targets.sorted { ($0.service, $0.environment) < ($1.service, $1.environment) }.map(fleet.record),
      answers: answers)
  }
}
