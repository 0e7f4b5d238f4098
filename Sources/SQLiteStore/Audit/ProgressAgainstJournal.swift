import Controller
import Engine
import GRDB
import PipelineModel
import Synchronization

/// Folds every run of the store again, as a controller that takes it up would, and holds what the table says of how far it
/// has come against it. Several workers share it; each takes some runs at a time.
final class ProgressAgainstJournal: Sendable {
  private struct State {
    var next: Int64
    var finding: (run: RunID, AuditFinding)?
  }

  private static let share: Int64 = 256

  /// Runs that began earlier are not looked at: their first entries lie in an archive.
  private let start: Int64
  private let last: Int64
  private let compiler: any PipelineCompiler
  private let state: Mutex<State>

  init(_ db: Database, _ extent: JournalExtent, _ compiler: any PipelineCompiler) throws {
    start = extent.base
    self.compiler = compiler
    let rows = try Prepared(db, "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM runs")
    guard try rows.step() else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
    defer { rows.reset() }
    last = rows.integer(1)
    state = Mutex(State(next: rows.integer(0)))
  }

  /// Of the run with the lowest number.
  var firstFinding: AuditFinding? { state.withLock { $0.finding?.1 } }

  func work(_ db: Database) throws {
    let rows = try Prepared(
      db,
      """
      SELECT id, status, stage, weight, last, ended_at FROM runs JOIN progress ON progress.run = runs.id
      WHERE id BETWEEN ?1 AND ?2 AND first > ?3 ORDER BY id
      """)
    var plans: [Int64: Plan] = [:]
    while let runs = nextRuns() {
      rows.bind(1, runs.lowerBound)
      rows.bind(2, runs.upperBound)
      rows.bind(3, start)
      while try rows.step() {
        let row = Row(rows)
        guard let folded = try folded(row, db, &plans), let what = row.difference(from: folded) else { continue }
        note(AuditFinding(row.last, .readModel(row.run, what: what)), of: row.run)
      }
    }
  }

  private func nextRuns() -> ClosedRange<Int64>? {
    state.withLock { state in
      guard state.next <= last, state.next <= state.finding?.run.number ?? .max else { return nil }
      defer { state.next += Self.share }
      return state.next...state.next + Self.share - 1
    }
  }

  private func note(_ finding: AuditFinding, of run: RunID) {
    state.withLock { if run < $0.finding?.run ?? RunID(.max) { $0.finding = (run, finding) } }
  }

  /// `nil`: the run cannot be followed, and nothing can be said of it.
  private func folded(_ row: Row, _ db: Database, _ plans: inout [Int64: Plan]) throws -> RunProgress? {
    let entries = try db.entries(of: row.run, endingAt: row.last)
    guard case .started(let start)? = entries.first?.fact, let plan = try plan(start, db, &plans) else { return nil }
    return RunProgress(folding: entries, of: start, under: plan)
  }

  private func plan(_ start: Start, _ db: Database, _ plans: inout [Int64: Plan]) throws -> Plan? {
    if let known = plans[start.definition] { return known }
    guard case .defined(_, let path, let text)? = try db.entry(start.definition)?.fact,
      let pipeline = try? compiler.compile(text: text, path: path)
    else { return nil }
    let plan = Plan(pipeline)
    plans[start.definition] = plan
    return plan
  }

  private struct Row {
    var run: RunID
    var status: String
    var stage: String?
    var weight: Int64
    var last: Int64
    var endedAt: Int64?

    init(_ rows: Prepared) {
      run = RunID(rows.integer(0))
      status = rows.text(1)
      stage = rows.optionalText(2)
      weight = rows.integer(3)
      last = rows.integer(4)
      endedAt = rows.isNull(5) ? nil : rows.integer(5)
    }

    func difference(from folded: RunProgress) -> String? {
      if status != folded.status.rawValue { return said("its status", folded.status.rawValue, status) }
      if stage != folded.stage { return said("its stage", folded.stage ?? "none", stage ?? "none") }
      if weight != Int64(folded.weight.basisPoints) {
        return said("its weight", "\(folded.weight)", "\(Double(weight) / 100)%")
      }
      if endedAt != folded.endedAt?.milliseconds {
        return said(
          "its end", folded.endedAt?.rfc3339 ?? "none", endedAt.map { Timestamp(milliseconds: $0).rfc3339 } ?? "none")
      }
      return nil
    }

    private func said(_ what: String, _ journal: String, _ table: String) -> String {
      "\(what) is \(journal), the table says \(table)"
    }
  }
}
