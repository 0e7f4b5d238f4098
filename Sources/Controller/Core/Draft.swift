import Engine
import PipelineModel

/// One turn's worth of journal, before it is written: all of it becomes durable, or none.
struct Draft {
  var head: JournalHead
  var entries: [Entry] = []
  /// To be begun once all is durable: those that were due already, and those the entries ask for.
  var effects: [(run: LiveRun, effect: Effect)] = []
  var answers: [Batch.Answered] = []
  /// What the entries are worth telling.
  var notices: [AddressedNotice] = []
  /// What the definitions among the entries were compiled to.
  var compiled: [CompiledPipeline] = []
  /// Runs that begin in this turn.
  private(set) var begun: [LiveRun] = []
  /// Older runs that changed, in the order they first did.
  private(set) var touched: [LiveRun] = []
  /// The number of the turn.
  let turn: Int
  var targets: Set<Target> = []
  /// Runs that could not be followed and whose targets were freed.
  var strays: [RunProgress] = []

  /// - Parameter count: of the facts that are likely to come.
  init(head: JournalHead, turn: Int, for count: Int) {
    self.head = head
    self.turn = turn
    entries.reserveCapacity(count)
    effects.reserveCapacity(count)
    touched.reserveCapacity(count)
  }

  var isEmpty: Bool { entries.isEmpty && answers.isEmpty }

  /// Takes note of a run that begins in this turn.
  mutating func begin(_ run: LiveRun) {
    run.turn = turn
    begun.append(run)
  }

  /// Takes note that a run changes in this turn.
  mutating func touch(_ run: LiveRun) {
    if run.turn == turn { return }
    run.turn = turn
    touched.append(run)
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
      entries: entries, begun: begun.map(\.record), progress: touched.map(\.progress) + strays,
      targets: targets.sorted { ($0.service, $0.environment) < ($1.service, $1.environment) }.map(fleet.record),
      answers: answers, notices: notices, compiled: compiled)
  }
}
