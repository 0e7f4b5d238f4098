import Controller
import Foundation
import GRDB
import PipelineModel

// What can be wrong with a file, each with its sentence and how to mend it.

extension StoreFile {
  func mustNotBeADirectory() throws {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
    throw JournalFailure(
      .unusable, "\(path) is a directory, not a store. Name a file in it, for example \(path)/headgate.db")
  }

  func mustExist() throws {
    try mustNotBeADirectory()
    var status = stat()
    guard stat(path, &status) != 0 else { return }
    switch errno {
    case ENOENT, ENOTDIR:
      throw JournalFailure(
        .unusable,
        "there is no store at \(path). `headgate run` makes one; to use another, set `store` in headgate.yaml")
    case let code:
      throw JournalFailure(.unavailable, "the store \(path) cannot be looked at: \(reason(code))")
    }
  }

  func mustBeOurs(_ db: Database) throws {
    let mark = try Int32.fetchOne(db, sql: "PRAGMA application_id")
    guard try mark == Schema.applicationID || db.isBlank else {
      throw JournalFailure(
        .unusable,
        "\(path) is a SQLite database of another program, not a Headgate store. Nothing was changed; name another file")
    }
    guard try Schema.migrator.hasBeenSuperseded(db) else { return }
    let newer = try Schema.migrator.appliedIdentifiers(db).subtracting(Schema.migrator.migrations).sorted()
    throw JournalFailure(
      .unusable,
      "the store \(path) was written by a newer Headgate (it has \"\(newer.joined(separator: "\", \""))\"). "
        + "Nothing was changed; use that version, or a newer one")
  }

  /// A store without an entry takes the purpose it is first opened for, and keeps it.
  func mustServe(_ purpose: Store.Purpose, _ db: Database) throws {
    try db.execute(
      sql: "UPDATE store SET purpose = ? WHERE (SELECT seq FROM head) = 0", arguments: [purpose.rawValue])
    guard try String.fetchOne(db, sql: "SELECT purpose FROM store") != purpose.rawValue else { return }
    throw JournalFailure(.unusable, otherPurpose(than: purpose))
  }

  private func otherPurpose(than purpose: Store.Purpose) -> String {
    switch purpose {
    case .real:
      "the store \(path) holds rehearsals, whose backends are simulated: no real backend may take them up. "
        + "Name another with --store, or rehearse on with --scenario"
    case .rehearsal:
      "the store \(path) holds real runs: no simulated world may take them up. "
        + "Leave out --store, and rehearsals get a store of their own"
    }
  }

  func mustBeComplete(_ db: Database) throws {
    guard try !Schema.migrator.hasCompletedMigrations(db) else { return }
    if let driver = Driver(of: path) {
      throw JournalFailure(
        .unavailable,
        "the store \(path) is being made or brought up to date by process \(driver.process) on \(driver.host); try again "
          + "when it has begun to drive")
    }
    if try db.isBlank { throw JournalFailure(.unusable, blank) }
    throw JournalFailure(
      .unusable,
      "the store \(path) was written by an older Headgate. The next `headgate run` on it brings it up to date")
  }

  /// What a file without tables may be.
  private var blank: String {
    var status = stat()
    let isEmpty = stat(path, &status) == 0 && status.st_size == 0
    return
      "the store \(path) \(isEmpty ? "is an empty file" : "has no tables"): either nothing was ever written to it, and "
      + "the next `headgate run` on it makes a store of it; or it is a copy of a store in use without the log beside it, "
      + "where its entries were. Copy \(path)-wal of that store with it, or end its controller before copying"
  }

  func lock(_ briefly: Bool) throws -> StoreLock {
    do {
      return try StoreLock(beside: path, briefly: briefly)
    } catch .held(let driver) {
      throw JournalFailure(.held, inUse(by: driver))
    } catch .impossible(let code) {
      throw JournalFailure(
        .unavailable,
        "the lock \(path).lock cannot be taken: \(reason(code)). The folder must exist and be writable for the controller"
      )
    }
  }

  private func inUse(by driver: Driver?) -> String {
    let holder = driver.map { "process \($0.process) on \($0.host), since \($0.since.rfc3339)" } ?? "another process"
    return """
      the store \(path) is driven by \(holder). Only one controller may drive a store: \
      look with `headgate status`, ask it with `headgate approve`, `pause`, `abort` and so on, or end it first
      """
  }

  /// Turns whatever `body` throws into a failure that names the file and says what to do.
  func explained<T>(_ body: () throws -> T) throws(JournalFailure) -> T {
    do {
      return try body()
    } catch let failure as JournalFailure {
      throw failure
    } catch let error as DatabaseError {
      throw failure(error)
    } catch {
      throw JournalFailure(.unusable, "the store \(path): \(error)")
    }
  }

  func failure(_ error: DatabaseError) -> JournalFailure {
    let said = "\(error.message ?? "no further word") (SQLite \(error.extendedResultCode.rawValue))"
    switch error.resultCode {
    case .SQLITE_FULL:
      return JournalFailure(
        .unavailable, "the store \(path) cannot be written: the disk is full. Nothing was; make room")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return JournalFailure(
        .unavailable, "the store \(path) is locked by another process for more than 5 s: \(said). End what holds it")
    case .SQLITE_IOERR:
      return JournalFailure(.unavailable, "the store \(path) cannot be read or written: \(said). Look at the disk")
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      return JournalFailure(
        .unavailable,
        "the store \(path) cannot be opened: \(said). Does the folder exist, and may this user write there?")
    case .SQLITE_NOTADB:
      return JournalFailure(
        .unusable, "\(path) is not a store: it is no SQLite database. Nothing was changed; name another file")
    case .SQLITE_CORRUPT:
      return JournalFailure(
        .unusable,
        "the store \(path) is damaged: \(said). Keep it, and restore a copy; `headgate audit verify` says which are whole"
      )
    default:
      return JournalFailure(.unusable, "the store \(path): \(said)")
    }
  }

  private func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}

extension Database {
  /// A new file, one of no bytes, or one whose first controller was stopped before it had made the tables.
  fileprivate var isBlank: Bool {
    get throws {
      try Int.fetchOne(self, sql: "SELECT count(*) FROM sqlite_master WHERE tbl_name <> 'grdb_migrations'") == 0
    }
  }
}
