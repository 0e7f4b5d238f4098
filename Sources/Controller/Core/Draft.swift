import Engine
import PipelineModel

/// One turn's worth of journal, before it is written: all of it becomes durable, or none.
struct Draft {
  var head: JournalHead
  /// What is being folded.
  var work: [Inbound] = []
  var entries: [Entry] = []
  /// To be begun once all is durable: those that were due already, and those the entries ask for.
  var effects: [(RunID, Effect)] = []
  var answers: [Batch.Answered] = []
  /// Runs that changed, in the order they first did.
  private(set) var touched: [RunID] = []
  /// Each of them as it was before.
  private(set) var before: [RunID: LiveRun?] = [:]
  var fleetBefore: Fleet?
  var targets: Set<Target> = []
  var newDefinitions: [String] = []
  /// Of runs that were set aside after some of the entries.
  var partingRecords: [RunRecord] = []

  init(head: JournalHead) { self.head = head }

  var isEmpty: Bool { entries.isEmpty && answers.isEmpty }

  /// Remembers a run as it is, before its first change in this turn.
  mutating func touch(_ run: RunID, _ live: LiveRun?) {
    guard before[run] == nil else { return }
    before.updateValue(live, forKey: run)
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

  func batch(runs: [RunID: LiveRun], fleet: Fleet) -> Batch {
    Batch(
      entries: entries, runs: touched.compactMap { runs[$0]?.record } + partingRecords,
      targets: targets.sorted { ($0.service, $0.environment) < ($1.service, $1.environment) }.map(fleet.record),
      answers: answers)
  }
}
