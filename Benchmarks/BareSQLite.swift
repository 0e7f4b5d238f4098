import Controller
import Engine
import GRDBSQLite
import PipelineModel

/// The peer: the same rows into the same tables, through prepared statements of SQLite and nothing else. The bytes and
/// hashes are made beforehand and cost it nothing.
final class BareSQLite {
  private var connection: OpaquePointer?
  private var statements: [OpaquePointer?] = []

  /// Rows of one batch, ready to be bound.
  struct Rows {
    var entries: [(sequence: Int64, bytes: [UInt8], hash: [UInt8])]
    var progress: [RunProgress]
  }

  struct Failure: Error {
    var message: String
  }

  /// A store made before, closed.
  init(_ path: String) throws {
    try check(sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil))
    try check(sqlite3_exec(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", nil, nil, nil))
    for sql in [
      "BEGIN IMMEDIATE", "COMMIT", "INSERT INTO journal (seq, entry, hash) VALUES (?1, ?2, ?3)",
      "UPDATE progress SET status = ?2, stage = ?3, weight = ?4, last = ?5 WHERE run = ?1",
      "UPDATE progress SET last = ?1, hash = ?2 WHERE run = \(Int64.max)",
    ] {
      var statement: OpaquePointer?
      try check(sqlite3_prepare_v2(connection, sql, -1, &statement, nil))
      statements.append(statement)
    }
  }

  deinit {
    for statement in statements { sqlite3_finalize(statement) }
    sqlite3_close(connection)
  }

  func append(_ rows: Rows) throws {
    try step(statements[0])
    for entry in rows.entries { try add(entry) }
    for progress in rows.progress { try put(progress) }
    if let last = rows.entries.last {
      sqlite3_bind_int64(statements[4], 1, last.sequence)
      try last.hash.withUnsafeBytes { hash in
        sqlite3_bind_blob(statements[4], 2, hash.baseAddress, Int32(hash.count), nil)
        try step(statements[4])
      }
    }
    try step(statements[1])
  }

  private func add(_ entry: (sequence: Int64, bytes: [UInt8], hash: [UInt8])) throws {
    let statement = statements[2]
    sqlite3_bind_int64(statement, 1, entry.sequence)
    try entry.bytes.withUnsafeBytes { bytes in
      let text = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      sqlite3_bind_text(statement, 2, text, Int32(bytes.count), nil)
      try entry.hash.withUnsafeBytes { hash in
        sqlite3_bind_blob(statement, 3, hash.baseAddress, Int32(hash.count), nil)
        try step(statement)
      }
    }
  }

  private func put(_ progress: RunProgress) throws {
    let statement = statements[3]
    sqlite3_bind_int64(statement, 1, progress.run.number)
    sqlite3_bind_text(statement, 2, "running", 7, nil)
    sqlite3_bind_text(statement, 3, "production", 10, nil)
    sqlite3_bind_int64(statement, 4, Int64(progress.weight.basisPoints))
    sqlite3_bind_int64(statement, 5, progress.last)
    try step(statement)
  }

  private func step(_ statement: OpaquePointer?) throws {
    let code = sqlite3_step(statement)
    sqlite3_reset(statement)
    if code != SQLITE_DONE { try check(code == SQLITE_ROW ? SQLITE_OK : code) }
  }

  private func check(_ code: Int32) throws {
    if code != SQLITE_OK { throw Failure(message: String(cString: sqlite3_errmsg(connection))) }
  }
}
