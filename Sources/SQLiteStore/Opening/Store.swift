package import Controller
import Foundation
import GRDB

/// The three ways to open a store, a SQLite file with a journal and its read models.
///
/// `driving` is for the one controller, `reading` for whoever wants to look, `asking` for whoever wants something of the
/// controller. All refuse with a sentence that says what is wrong with the file and how to mend it.
package enum Store {
  /// What a store is for, for good: the runs of a rehearsal must never be taken up by real backends, nor real runs by a
  /// simulated world.
  package enum Purpose: String, Hashable, Sendable, CaseIterable {
    case real, rehearsal
  }

  /// Opens a store for the controller that will drive it; makes it when there is none.
  ///
  /// On return this process holds the lock beside the file until the store is closed or the process ends, whatever the
  /// end, and every earlier driver is fenced off: it cannot append any more.
  ///
  /// - Parameter briefly: for one request that concerns no run; whoever else wants to drive waits until it is over.
  package static func openForDriving(
    _ path: String, for purpose: Purpose = .real, briefly: Bool = false
  ) throws(JournalFailure) -> DrivingStore {
    let file = StoreFile(path)
    return try file.explained { try file.drive(for: purpose, briefly: briefly) }
  }

  /// Opens a store to look at it, also while a controller drives it, also a copy in a folder that cannot be written.
  ///
  /// - Parameter following: whether what is written later is to be seen too. Without it, a store at rest is read as a
  ///   file that does not change.
  /// - Parameter archive: folder of the entries that were moved out of the store.
  package static func openForReading(
    _ path: String, following: Bool = false, archive: String? = nil
  ) throws(JournalFailure) -> ReadingStore {
    let file = StoreFile(path)
    return try file.explained {
      ReadingStore(try file.readable(following ? .following : .atRest), file: file, archive: archive)
    }
  }

  /// The path without links in its last part, also where they lead to nothing yet: what lies beside a store, lies beside
  /// the file itself, whatever name it is called by.
  package static func followingLinks(_ path: String) -> String {
    var path = path
    // As many as the system follows.
    for _ in 0..<40 {
      guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return path }
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      path = next.hasPrefix("/") ? next : "\(folder)/\(next)"
    }
    return path
  }

  /// Opens a store to put requests to the controller into it. They wait there when none drives it now.
  package static func openForAsking(_ path: String) throws(JournalFailure) -> AskingStore {
    let file = StoreFile(path)
    return try file.explained { AskingStore(try file.writable(), file: file) }
  }
}

/// The file of a store, before anything is known about it.
struct StoreFile {
  /// Absolute, links resolved, so that two names of one file share its lock.
  let path: String

  init(_ path: String) {
    let url = URL(fileURLWithPath: Store.followingLinks(path)).standardizedFileURL
    let folder = url.deletingLastPathComponent().resolvingSymlinksInPath()
    let inFolder = folder.appendingPathComponent(url.lastPathComponent)
    self.path = inFolder.resolvingSymlinksInPath().path
  }

  func drive(for purpose: Store.Purpose, briefly: Bool) throws -> DrivingStore {
    try mustNotBeADirectory()
    let lock = try lock(briefly)
    Self.makePrivate(path)
    let queue = try DatabaseQueue(path: try withOwnFiles(), configuration: Self.configuration())
    try queue.writeWithoutTransaction { db in
      try mustBeOurs(db)
      try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    }
    try Schema.migrator.migrate(queue)
    try queue.writeWithoutTransaction { db in
      try mustServe(purpose, db)
      try makeDurable(db)
    }
    return try DrivingStore(queue, lock: lock, file: self)
  }

  /// For writing into an existing store of this version, whoever drives it.
  func writable() throws -> DatabaseQueue {
    try whenMade {
      try mustExist()
      let queue = try DatabaseQueue(path: path, configuration: Self.configuration())
      try queue.writeWithoutTransaction { db in
        try mustBeOurs(db)
        try mustBeComplete(db)
        try makeDurable(db)
      }
      return queue
    }
  }

  /// What somebody is about to make, or to bring up to date, is waited for.
  func whenMade<Opened>(_ open: () throws -> Opened) throws -> Opened {
    let end = ContinuousClock.now + .seconds(2)
    while true {
      do {
        return try open()
      } catch {
        // Who drove it may have left just now, with all done.
        if Driver(of: path) == nil { return try open() }
        guard ContinuousClock.now < end else { throw error }
      }
      usleep(10_000)
    }
  }

  /// As SQLite takes it, with a wish of how the file is to be opened.
  func address(_ wish: String) -> String {
    let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "?#%"))
    return "file:\(path.addingPercentEncoding(withAllowedCharacters: allowed) ?? path)?\(wish)"
  }

  /// `true`: there are, or may be, transactions in the write-ahead log beside the file.
  var hasLog: Bool {
    var status = stat()
    return stat(path + "-wal", &status) == 0 && status.st_size > 0
  }

  static func configuration(readOnly: Bool = false) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(5)
    configuration.label = "headgate.store"
    return configuration
  }
}

/// Every commit is on the disk before it returns: the log is synced at each.
private func makeDurable(_ db: Database) throws {
  try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA recursive_triggers = ON")
  let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
  precondition(synchronous == 2, "synchronous is \(synchronous ?? -1), not FULL: commits would not survive a power cut")
}
