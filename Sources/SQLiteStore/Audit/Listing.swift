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
  private let archive: ArchiveFolder?

  /// The bytes of an entry and its hash; valid during a call.
  fileprivate struct Row {
    var sequence: Int64
    var bytes: UnsafeRawBufferPointer
    var hash: [UInt8]
  }

  init(_ db: Database, _ filter: EntryFilter, archive: ArchiveFolder? = nil) throws {
    self.db = db
    self.filter = filter
    self.archive = archive
    targets = try TargetsOfRuns(db)
  }

  /// Until `visit` returns `false` or the limit is reached.
  func forEach(_ visit: (AuditLine) throws -> Bool) throws {
    var left = filter.limit ?? .max
    var goesOn = true
    let take = { (row: Row) throws -> Bool in
      goesOn = left > 0
      guard goesOn, let line = try line(row) else { return goesOn }
      left -= 1
      goesOn = try visit(line)
      return goesOn
    }
    if filter.newestFirst {
      try forEachInStore(take)
      if goesOn { try forEachInArchive(take) }
    } else {
      try forEachInArchive(take)
      if goesOn { try forEachInStore(take) }
    }
  }

  private func line(_ row: Row) throws -> AuditLine? {
    let target = try EntryHeader(canonical: row.bytes)?.run.flatMap { try targets.target(of: $0) }
    if let service = filter.service, target?.service != service { return nil }
    if let environment = filter.environment, target?.environment != environment { return nil }
    let entry = try Entry(stored: row.bytes, at: row.sequence)
    guard filter.matches(entry) else { return nil }
    return AuditLine(entry: entry, canonical: Array(row.bytes), hash: row.hash, target: target)
  }

  // MARK: In the archive

  private func forEachInArchive(_ visit: (Row) throws -> Bool) throws {
    guard let archive else { return }
    for segment in filter.newestFirst ? archive.segments.reversed() : archive.segments {
      guard try forEach(of: segment, archive, visit) else { return }
    }
  }

  /// - Returns: whether to go on.
  private func forEach(of stored: StoredSegment, _ archive: ArchiveFolder, _ visit: (Row) throws -> Bool) throws -> Bool
  {
    guard var hash = ChainHash(hex: stored.segment.before) else { throw unreadable("segments", stored.segment.file) }
    // One file's worth, when it is wanted from its end.
    var kept: [(sequence: Int64, bytes: [UInt8], hash: [UInt8])] = []
    var goesOn = true
    try archive.forEach(in: stored.segment.first...stored.segment.last) { sequence, bytes in
      hash = hash.next(bytes)
      guard goesOn, isWanted(bytes) else { return }
      let row = Row(sequence: sequence, bytes: bytes, hash: hash.withUnsafeBytes { Array($0) })
      if filter.newestFirst {
        kept.append((sequence, Array(bytes), row.hash))
      } else {
        goesOn = try visit(row)
      }
    }
    for (sequence, bytes, hash) in kept.reversed() where goesOn {
      goesOn = try bytes.withUnsafeBytes { try visit(Row(sequence: sequence, bytes: $0, hash: hash)) }
    }
    return goesOn
  }

  private func isWanted(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let header = EntryHeader(canonical: bytes) else { return true }
    if let from = filter.from, header.time < from { return false }
    if let to = filter.to, header.time >= to { return false }
    return filter.run == nil || filter.run == header.run
  }

  // MARK: In the store

  private func forEachInStore(_ visit: (Row) throws -> Bool) throws {
    let from = try filter.from.map { try db.firstEntry(at: $0) } ?? 1
    let to = try filter.to.map { try db.firstEntry(at: $0) - 1 } ?? .max
    if let run = filter.run { return try forEachInStore(of: run, from: from, to: to, visit) }
    let order = filter.newestFirst ? "DESC" : "ASC"
    let rows = try Prepared(
      db, "SELECT seq, entry, hash FROM journal WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq \(order)")
    rows.bind(1, from)
    rows.bind(2, to)
    defer { rows.reset() }
    while try rows.step() {
      if try !visit(Row(rows)) { return }
    }
  }

  private func forEachInStore(of run: RunID, from: Int64, to: Int64, _ visit: (Row) throws -> Bool) throws {
    let numbers = try db.entries(of: run, after: db.archivedPart().last).map(\.sequence).filter {
      from <= $0 && $0 <= to
    }
    let rows = try Prepared(db, "SELECT seq, entry, hash FROM journal WHERE seq = ?1")
    for number in filter.newestFirst ? numbers.reversed() : numbers {
      rows.bind(1, number)
      defer { rows.reset() }
      guard try rows.step() else { throw damaged(number) }
      if try !visit(Row(rows)) { return }
    }
  }
}

extension Listing.Row {
  fileprivate init(_ rows: Prepared) {
    self.init(sequence: rows.integer(0), bytes: rows.bytes(1), hash: Array(rows.bytes(2)))
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
