import Controller
import Engine
import GRDB
import PipelineModel

/// Says which run the table of runs is wrong about. Holds a few words for every run in memory, and is used only when
/// something is wrong.
struct RunsAgainstJournal {
  private var rows: [RunID: (start: RunStart, last: Int64)] = [:]
  private var journal: [RunID: (start: RunStart?, last: Int64)] = [:]

  private var brokenLink: AuditFinding?
  private let base: Int64

  /// - Parameter start: entries up to here are not looked at, nor runs that are among them.
  init(_ db: Database, after start: Int64) throws {
    base = start
    let runs = try Prepared(
      db, "\(RunStart.select), progress.last FROM runs LEFT JOIN progress ON progress.run = runs.id")
    while try runs.step() {
      let row = RunStart(runs)
      if runs.integer(9) > start || runs.integer(9) == 0 { rows[RunID(row.run)] = (row, runs.integer(9)) }
    }
    let entries = try Prepared(db, "SELECT seq, entry FROM journal ORDER BY seq")
    while try entries.step() {
      let entry = try Entry(stored: entries.bytes(1), at: entries.integer(0))
      guard let run = entry.run else { continue }
      let before = journal[run]?.last ?? 0
      if entry.previous != before, before > 0 || entry.previous > start, brokenLink == nil {
        brokenLink = disagreement(run, entry.sequence, "the entry before it is \(before), it says \(entry.previous)")
      }
      journal[run, default: (nil, 0)].last = entry.sequence
      if case .started(let start) = entry.fact { journal[run]?.start = RunStart(entry, run, start) }
    }
  }

  /// Of the run with the lowest number.
  func finding() -> AuditFinding? {
    if let brokenLink { return brokenLink }
    for run in Set(rows.keys).union(journal.keys).sorted() {
      switch (rows[run], journal[run]) {
      case (nil, let known?): return disagreement(run, known.last, "it is missing there")
      case (let row?, nil): return disagreement(run, row.last, "the journal has no such run")
      case (let row?, let known?):
        if row.last != known.last {
          return disagreement(run, known.last, "its last entry is \(known.last), the table says \(row.last)")
        }
        if row.start.first > base, row.start != known.start {
          return disagreement(
            run, row.start.first, "what it says of the run's start is not what entry \(row.start.first) says")
        }
      case (nil, nil): continue
      }
    }
    return nil
  }

  private func disagreement(_ run: RunID, _ sequence: Int64, _ what: String) -> AuditFinding {
    AuditFinding(sequence, .readModel(run, what: what))
  }
}
