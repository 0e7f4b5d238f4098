package import Controller
import Crypto
import Flags
import Foundation
import GRDB
package import PipelineModel

/// Counts of evaluations, and who was given what, in a SQLite file of its own beside the store.
///
/// Nothing here is part of the journal: the file may be deleted at any time, and only what it says is lost.
package final class EvaluationStore: Sendable {
  private let queue: DatabaseQueue
  private let path: String
  private let salt: SymmetricKey
  /// How the subjects in the file are kept.
  package let subjects: Serving.Exposures.Subjects
  /// When counting began.
  package let since: Timestamp

  /// Of the store at `path`.
  package static func path(besides path: String) -> String { "\(path).evaluations" }

  private static let hour: Int64 = 3_600_000

  /// Opens the file to write into it; makes it when there is none.
  ///
  /// - Throws: also when the file keeps subjects in another way: hashes and names would be two different people.
  package static func open(
    _ path: String, subjects: Serving.Exposures.Subjects, now: Timestamp
  ) throws(JournalFailure) -> EvaluationStore {
    try explained(path) {
      // It holds who was given what, and the salt that hides them.
      StoreFile.makePrivate(path)
      let queue = try DatabaseQueue(path: path, configuration: configuration(readOnly: false))
      try queue.writeWithoutTransaction { db in
        // What is lost in a power cut is at most what was counted in the last seconds.
        try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
      }
      try migrator(subjects, now).migrate(queue)
      let store = try EvaluationStore(queue, path)
      guard subjects == .none || store.subjects == .none || store.subjects == subjects else {
        throw JournalFailure(
          .unusable,
          "\(path) keeps targeting keys \(store.subjects.rawValue), and headgate.yaml says \(subjects.rawValue): nobody "
            + "would be found again. Say `subjects: \(store.subjects.rawValue)`, or move the file away to begin anew")
      }
      if store.subjects == .none, subjects != .none {
        try queue.write { try $0.execute(sql: "UPDATE about SET subjects = ?", arguments: [subjects.rawValue]) }
        return try EvaluationStore(queue, path)
      }
      return store
    }
  }

  /// Opens the file to look at it; `nil`: there is none, and nothing was ever counted.
  package static func read(_ path: String) throws(JournalFailure) -> EvaluationStore? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try explained(path) {
      try EvaluationStore(DatabaseQueue(path: path, configuration: configuration(readOnly: true)), path)
    }
  }

  private init(_ queue: DatabaseQueue, _ path: String) throws {
    self.queue = queue
    self.path = path
    guard let about = try queue.read({ try Row.fetchOne($0, sql: "SELECT salt, subjects, since FROM about") }) else {
      throw JournalFailure(.unusable, "\(path) does not say what it is; move it away")
    }
    salt = SymmetricKey(data: about["salt"] as Data)
    subjects = Serving.Exposures.Subjects(rawValue: about["subjects"]) ?? .hashed
    since = Timestamp(milliseconds: about["since"])
  }

  /// How a targeting key is kept in this file.
  package func stored(_ subject: String) -> String {
    guard subjects != .plain else { return subject }
    let code = HMAC<SHA256>.authenticationCode(for: Array(subject.utf8), using: salt)
    return code.prefix(16).map { byte in
      let digits = Array("0123456789abcdef".unicodeScalars)
      return "\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }.joined()
  }

  func write(_ body: (Database) throws -> Void) throws(JournalFailure) {
    try Self.explained(path) { try queue.write(body) }
  }

  func look<T>(_ body: (Database) throws -> T) throws(JournalFailure) -> T {
    try Self.explained(path) { try queue.read(body) }
  }

  /// The hour that an instant lies in.
  static func hour(of instant: Timestamp) -> Int64 { instant.milliseconds / hour }

  private static func explained<T>(_ path: String, _ body: () throws -> T) throws(JournalFailure) -> T {
    try StoreFile(path).explained(body)
  }

  private static func configuration(readOnly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.busyMode = .timeout(5)
    configuration.label = "headgate.evaluations"
    return configuration
  }
}

extension EvaluationStore {
  private static func migrator(_ subjects: Serving.Exposures.Subjects, _ now: Timestamp) -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 counts and exposures") { db in
      try db.execute(sql: tables)
      try db.execute(
        sql: "INSERT INTO about VALUES (1, randomblob(32), ?, ?)", arguments: [subjects.rawValue, now.milliseconds])
    }
    migrator.registerMigration("2 definitions taken") { db in try db.execute(sql: documents) }
    return migrator
  }

  private static let documents = """
    CREATE TABLE documents (
      environment TEXT NOT NULL, hour INTEGER NOT NULL,
      first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
      PRIMARY KEY (environment, hour)
    ) STRICT, WITHOUT ROWID;
    """

  /// By the hour: what happened within one is kept as its first and last instant and a number.
  private static let tables = """
    CREATE TABLE about (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      salt BLOB NOT NULL,
      subjects TEXT NOT NULL,
      since INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE counts (
      environment TEXT NOT NULL, flag TEXT NOT NULL, hour INTEGER NOT NULL, variant TEXT NOT NULL,
      reason TEXT NOT NULL, way TEXT NOT NULL,
      first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
      PRIMARY KEY (environment, flag, hour, variant, reason, way)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX counts_by_hour ON counts (hour);
    CREATE TABLE exposures (
      environment TEXT NOT NULL, flag TEXT NOT NULL, hour INTEGER NOT NULL, variant TEXT NOT NULL,
      subject TEXT NOT NULL, way TEXT NOT NULL,
      first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
      PRIMARY KEY (environment, flag, hour, variant, subject, way)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX exposures_by_hour ON exposures (hour);
    CREATE TABLE losses (
      hour INTEGER PRIMARY KEY, evaluations INTEGER NOT NULL, exposures INTEGER NOT NULL
    ) STRICT;
    """
}
