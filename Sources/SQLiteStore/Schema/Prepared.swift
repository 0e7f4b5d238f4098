import GRDB
import GRDBSQLite
import PipelineModel

/// A statement that is bound and stepped without passing through GRDB's value types.
///
/// Bytes and text are bound without a copy: they must stay in place until `run` or `reset`.
struct Prepared {
  private let statement: Statement
  private let handle: OpaquePointer

  /// A statement of its own, kept by its owner.
  init(_ db: Database, _ sql: String) throws {
    statement = try db.makeStatement(sql: sql)
    handle = statement.sqliteStatement
  }

  /// A statement that the connection keeps; not for one that is stepped while another of the same text is.
  init(cachedBy db: Database, _ sql: String) throws {
    statement = try db.cachedStatement(sql: sql)
    handle = statement.sqliteStatement
  }

  func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }

  func bind(_ index: Int32, text: UnsafeRawBufferPointer) {
    sqlite3_bind_text(handle, index, text.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(text.count), nil)
  }

  func bind(_ index: Int32, blob: UnsafeRawBufferPointer) {
    sqlite3_bind_blob(handle, index, blob.baseAddress, Int32(blob.count), nil)
  }

  /// Binds a text while `body` runs the statement; spares SQLite a copy.
  func withText<Result>(_ index: Int32, _ text: String, _ body: () throws -> Result) throws -> Result {
    var text = text
    return try text.withUTF8 { utf8 in
      // An empty text has no address of its own, and a null pointer would bind NULL.
      if utf8.isEmpty { bind(index, copying: "") } else { bind(index, text: UnsafeRawBufferPointer(utf8)) }
      return try body()
    }
  }

  /// SQLite keeps a copy of the text.
  func bind(_ index: Int32, copying text: String?) {
    guard var text else { return _ = sqlite3_bind_null(handle, index) }
    let keepACopy = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    // An empty text has no address of its own, and a null pointer would bind NULL.
    if text.isEmpty { return _ = sqlite3_bind_text(handle, index, "", 0, keepACopy) }
    text.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) {
        _ = sqlite3_bind_text(handle, index, $0.baseAddress, Int32($0.count), keepACopy)
      }
    }
  }

  func bindNull(_ index: Int32) { sqlite3_bind_null(handle, index) }

  /// Runs a statement that gives no rows.
  func run() throws {
    let code = sqlite3_step(handle)
    if code != SQLITE_DONE { throw failure(code) }
    sqlite3_reset(handle)
  }

  /// `true`: a row is there to be read; `false`: there was none, and the statement is ready again.
  func step() throws -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(handle)
      return false
    case let code: throw failure(code)
    }
  }

  /// Rows changed by the last run of any statement on this connection.
  var changes: Int32 { sqlite3_changes(sqlite3_db_handle(handle)) }

  func reset() { sqlite3_reset(handle) }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  /// Valid until the next step or reset; for text and blobs alike.
  func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(handle, column)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
  }

  func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

  func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  private func failure(_ code: Int32) -> DatabaseError {
    let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
    sqlite3_reset(handle)
    return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
  }
}
