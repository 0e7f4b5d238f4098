import Controller
import Engine
import PipelineModel

@testable import SQLiteStore

/// Writes what a controller would write: runs that start, are measured, move and end, interleaved, with their records
/// and links as they must be. The same calls give the same bytes.
struct Deployments {
  private(set) var sequence: Int64
  private(set) var time = Timestamp(milliseconds: 1_795_266_300_000)
  private(set) var records: [RunID: RunRecord] = [:]
  private var batch = Batch()

  init(after head: JournalHead) {
    sequence = head.sequence
    time = max(time, head.time)
  }

  /// All that was written since the last call.
  mutating func take() -> Batch {
    defer { batch = Batch() }
    let touched = Set(batch.entries.compactMap(\.run)).sorted().compactMap { records[$0] }
    let first = batch.entries.first?.sequence ?? 0
    batch.begun = touched.filter { $0.first >= first }
    batch.progress = touched.filter { $0.first < first }.map(\.progress)
    return batch
  }

  mutating func answer(_ request: Int64, _ run: RunID?, refusal: String? = nil, entry: Int64? = nil) {
    batch.answers.append(Batch.Answered(request: request, run: run, refusal: refusal, entry: entry))
  }

  mutating func put(_ target: TargetRecord) { batch.targets.append(target) }

  /// Ends a run as the controller writes it: the entry that ends it says what the target runs now.
  mutating func end(_ run: RunID, leaving target: TargetRecord) {
    end(run)
    batch.entries[batch.entries.count - 1].decisions.append(.recorded(target))
    put(target)
  }

  @discardableResult
  mutating func define(_ text: String) -> Int64 {
    add(Entry(time: time, run: nil, fact: .defined(pipeline: "checkout", path: "checkout.yaml", text: text)))
    return sequence
  }

  @discardableResult
  mutating func start(_ number: Int64, service: String = "checkout-api", by actor: Principal = .person("alice"))
    -> RunID
  {
    let run = RunID(number)
    let target = Target(service: service, environment: "production")
    add(
      Entry(
        time: time, run: run, actor: actor, origin: "cli laptop", reason: "ticket \"42\"",
        fact: .started(
          Start(
            definition: 1, pipeline: "checkout", target: target, version: "v\(number)", stable: number > 1 ? "v0" : nil,
            slots: [.green], seed: UInt64(number)))))
    records[run] = RunRecord(
      id: run, pipeline: "checkout", target: target, version: "v\(number)", stable: number > 1 ? "v0" : nil,
      startedBy: actor, startedAt: time, status: .running, stage: nil, weight: .none, endedAt: nil, first: sequence,
      last: sequence)
    return run
  }

  mutating func measure(_ run: RunID, _ effect: Int, _ value: Double = 0.0025) {
    add(
      Entry(
        time: time, run: run, fact: .measured(EffectID(effect), .answer(.number(value))),
        decisions: [.judged(.move, metric: 0, .pass)]))
  }

  mutating func end(_ run: RunID, _ outcome: Outcome = .promoted) {
    add(Entry(time: time, run: run, fact: .timePassed, decisions: [.passed(stage: 0), .ended(outcome)]))
    records[run]?.status = RunRecord.Status(rawValue: outcome.rawValue) ?? .failed
    records[run]?.endedAt = time
  }

  mutating func rollBack(_ run: RunID) {
    add(
      Entry(
        time: time, run: run, actor: .person("bob"), reason: "too many complaints", fact: .acted(.rollback),
        decisions: [.rollbackBegan(.asked)]))
    records[run]?.status = .rollingBack
    records[run]?.endedAt = nil
  }

  private mutating func add(_ entry: Entry) {
    sequence += 1
    time = time + .seconds(1)
    var entry = entry
    entry.sequence = sequence
    entry.time = time
    if let run = entry.run {
      entry.previous = records[run]?.last ?? 0
      records[run]?.last = sequence
    }
    batch.entries.append(entry)
  }
}

extension Deployments {
  /// A store of some runs at `path`, closed again; the entries it has.
  @discardableResult
  static func fill(
    _ path: String, runs: Int64 = 5, steps: Int = 4, ending: Bool = true, for purpose: Store.Purpose = .real
  ) throws -> [Entry] {
    let store = try Store.openForDriving(path, for: purpose)
    defer { store.close() }
    var deployments = Deployments(after: store.head)
    deployments.define("pipeline: checkout")
    let ids = (1...runs).map { deployments.start($0, service: $0.isMultiple(of: 2) ? "search" : "checkout-api") }
    var entries: [Entry] = []
    func write() throws {
      let batch = deployments.take()
      try store.append(batch)
      entries += batch.entries
    }
    try write()
    for step in 1...steps {
      for id in ids { deployments.measure(id, step) }
      try write()
    }
    if !ending { return entries }
    for id in ids.dropLast() { deployments.end(id, id.number.isMultiple(of: 3) ? .rolledBack : .promoted) }
    try write()
    return entries
  }
}
