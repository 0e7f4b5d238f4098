import Controller
import Engine
import GRDB
import PipelineModel

/// Passes over the entries that a filter lets through. Time never runs back in a journal, so a period is found by
/// bisection; memory does not grow with the journal.
struct Listing {
  private let db: Database
  private let filter: EntryFilter
  private let targets: TargetsOfRuns

  init(_ db: Database, _ filter: EntryFilter) throws {
    self.db = db
    self.filter = filter
    targets = try TargetsOfRuns(db)
  }

  /// Until `visit` returns `false` or the limit is reached.
  func forEach(_ visit: (AuditLine) throws -> Bool) throws {
    var left = filter.limit ?? .max
    try forEachRow { row in
      guard left > 0 else { return false }
      guard let line = try line(row) else { return true }
      left -= 1
      return try visit(line)
    }
  }

  private func line(_ row: Prepared) throws -> AuditLine? {
    let bytes = row.bytes(1)
    let target = try EntryHeader(canonical: bytes)?.run.flatMap { try targets.target(of: $0) }
    if let service = filter.service, target?.service != service { return nil }
    if let environment = filter.environment, target?.environment != environment { return nil }
    let entry = try Entry(stored: bytes, at: row.integer(0))
    guard filter.matches(entry) else { return nil }
    return AuditLine(entry: entry, canonical: Array(bytes), hash: Array(row.bytes(2)), target: target)
  }

  private func forEachRow(_ visit: (Prepared) throws -> Bool) throws {
    let from = try filter.from.map { try db.firstEntry(at: $0) } ?? 1
    let to = try filter.to.map { try db.firstEntry(at: $0) - 1 } ?? .max
    if let run = filter.run { return try forEachRow(of: run, from: from, to: to, visit) }
    let order = filter.newestFirst ? "DESC" : "ASC"
    let rows = try Prepared(
      db, "SELECT seq, entry, hash FROM journal WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq \(order)")
    rows.bind(1, from)
    rows.bind(2, to)
    defer { rows.reset() }
    while try rows.step() {
      if try !visit(rows) { return }
    }
  }

  private func forEachRow(of run: RunID, from: Int64, to: Int64, _ visit: (Prepared) throws -> Bool) throws {
    let numbers = try db.entries(of: run).map(\.sequence).filter { from <= $0 && $0 <= to }
    let rows = try Prepared(db, "SELECT seq, entry, hash FROM journal WHERE seq = ?1")
    for number in filter.newestFirst ? numbers.reversed() : numbers {
      rows.bind(1, number)
      defer { rows.reset() }
      guard try rows.step() else { throw damaged(number) }
      if try !visit(rows) { return }
    }
  }
}

/// Looks up what a run changes.
private struct TargetsOfRuns {
  private let rows: Prepared

  init(_ db: Database) throws { rows = try Prepared(db, "SELECT service, environment FROM runs WHERE id = ?1") }

  func target(of run: RunID) throws -> Target? {
    rows.bind(1, run.number)
    defer { rows.reset() }
    return try rows.step() ? Target(service: rows.text(0), environment: rows.text(1)) : nil
  }
}
