import GRDBSQLite
import PipelineModel
import PluginKit

/// A SQLite database that is opened for one question, and only read.
final class SQLiteConnection {
  private var database: OpaquePointer?
  private let patience: Patience

  /// - Throws: `misconfigured` when there is no database; `transient` when it is locked.
  init(path: String, patience: Patience) throws(Failure) {
    self.patience = patience
    let status = sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
    guard status == SQLITE_OK else { throw failure(status) }
    sqlite3_busy_timeout(database, patience.milliseconds)
    let context = Unmanaged.passUnretained(patience).toOpaque()
    sqlite3_progress_handler(
      database, 1000,
      { context in
        guard let context else { return 0 }
        return Unmanaged<Patience>.fromOpaque(context).takeUnretainedValue().isOver ? 1 : 0
      }, context)
    // Only what reads: no ATTACH, no PRAGMA, nothing that writes.
    sqlite3_set_authorizer(
      database,
      { _, action, _, _, _, _ in
        [SQLITE_SELECT, SQLITE_READ, SQLITE_FUNCTION, SQLITE_RECURSIVE].contains(action) ? SQLITE_OK : SQLITE_DENY
      }, nil)
  }

  deinit { sqlite3_close_v2(database) }

  func rows(_ text: String, _ parameters: SQLParameters) throws(Failure) -> SQLRows {
    var statement: OpaquePointer?
    let (status, isAll) = text.withCString { start in
      var rest: UnsafePointer<CChar>?
      let status = sqlite3_prepare_v2(database, start, -1, &statement, &rest)
      return (status, rest.map { String(cString: $0).allSatisfy { $0.isWhitespace || $0 == ";" } } ?? true)
    }
    defer { sqlite3_finalize(statement) }
    guard status == SQLITE_OK else { throw failure(status) }
    guard isAll else { throw Failure(.rejected, "one statement is wanted, and more stand there") }
    guard let statement else { throw Failure(.rejected, "the statement is empty") }
    try bind(parameters, to: statement)
    return try read(statement)
  }

  private func bind(_ parameters: SQLParameters, to statement: OpaquePointer) throws(Failure) {
    for index in 0..<sqlite3_bind_parameter_count(statement) {
      guard let name = sqlite3_bind_parameter_name(statement, index + 1) else {
        throw Failure(.rejected, "a `?` has no value; name it, as :from")
      }
      let value = try parameters.value(of: String(String(cString: name).dropFirst()))
      sqlite3_bind_double(statement, index + 1, value)
    }
  }

  private func read(_ statement: OpaquePointer) throws(Failure) -> SQLRows {
    let count = sqlite3_column_count(statement)
    var rows = SQLRows(
      columns: (0..<count).map { index in sqlite3_column_name(statement, index).map { String(cString: $0) } ?? "" })
    while true {
      let status = sqlite3_step(statement)
      if status == SQLITE_DONE { return rows }
      guard status == SQLITE_ROW else { throw failure(status) }
      var row: [Answer] = []
      for index in 0..<count { row.append(try Self.value(statement, index)) }
      try rows.add(row)
    }
  }

  private static func value(_ statement: OpaquePointer, _ index: Int32) throws(Failure) -> Answer {
    switch sqlite3_column_type(statement, index) {
    case SQLITE_NULL: return .null
    case SQLITE_INTEGER: return .number(Double(sqlite3_column_int64(statement, index)))
    case SQLITE_FLOAT: return .number(sqlite3_column_double(statement, index))
    case SQLITE_TEXT: return .text(sqlite3_column_text(statement, index).map { String(cString: $0) } ?? "")
    default: throw Failure(.rejected, "the statement gives bytes, where numbers or text are wanted")
    }
  }

  private func failure(_ status: Int32) -> Failure {
    let said = sqlite3_errmsg(database).map { String(cString: $0).excerpt(300) } ?? "no memory"
    switch status & 0xff {
    case SQLITE_INTERRUPT: return Failure(.transient, "the statement took too long")
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_NOMEM: return Failure(.transient, said)
    case SQLITE_CANTOPEN, SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_PERM: return Failure(.misconfigured, said)
    case SQLITE_AUTH: return Failure(.rejected, "\(said): a query only reads")
    default: return Failure(.rejected, said)
    }
  }
}
