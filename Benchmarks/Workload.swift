import Controller
import Engine
import PipelineModel

/// What a controller writes for many runs at once: measurements with their judgements, now and then a step; each entry
/// with its run's record as it is afterwards.
struct Workload {
  private var sequence: Int64
  private var time = Timestamp(milliseconds: 1_795_266_300_000)
  private var records: [RunRecord] = []
  private var turn = 0

  /// Begins with `runs` new runs.
  init(after head: JournalHead, runs: Int) {
    sequence = head.sequence
    records = (1...Int64(runs)).map { number in
      RunRecord(
        id: RunID(head.run + number), pipeline: "checkout",
        target: Target(service: "service-\(number)", environment: "production"), version: "4f2a9c1", stable: "77b01de",
        startedBy: .person("alice"), startedAt: time, status: .running, stage: "production", weight: .percent(5),
        endedAt: nil, first: 0, last: 0)
    }
  }

  /// A run starts where it has no entry yet, and goes on where it has.
  mutating func batch(of count: Int) -> Batch {
    var batch = Batch()
    for _ in 0..<count { batch.entries.append(entry()) }
    let touched = Set(batch.entries.compactMap(\.run)).sorted().map { records[Int($0.number - records[0].id.number)] }
    let first = batch.entries.first?.sequence ?? 0
    batch.begun = touched.filter { $0.first >= first }
    batch.progress = touched.filter { $0.first < first }.map(\.progress)
    return batch
  }

  private mutating func entry() -> Entry {
    defer { turn += 1 }
    let index = turn % records.count
    sequence += 1
    time = time + .milliseconds(1)
    let previous = records[index].last
    records[index].last = sequence
    if previous == 0 {
      records[index].first = sequence
      records[index].startedAt = time
    }
    return Entry(
      sequence: sequence, time: time, run: records[index].id, previous: previous,
      actor: previous == 0 ? records[index].startedBy : .controller, fact: fact(index, previous),
      decisions: previous == 0 ? [.entered(stage: 0), .moved(stage: 0, move: 0)] : [.judged(.move, metric: 0, .pass)])
  }

  private func fact(_ index: Int, _ previous: Int64) -> Fact {
    guard previous == 0 else {
      // Every other answer is a quotient of counts, with all the digits of one.
      let divisor = turn.isMultiple(of: 2) ? 100_000.0 : 14_873.0
      return .measured(EffectID(turn / records.count), .answer(.number(Double(turn % 9973) / divisor)))
    }
    let run = records[index]
    return .started(
      Start(
        definition: 1, pipeline: run.pipeline, target: run.target, version: run.version, stable: run.stable,
        parameters: [.init(name: "version", value: run.version)], slots: [.green], seed: UInt64(index)))
  }
}
