import Foundation
import GRDB

/// A store that is open to be read.
struct OpenedStore {
  let queue: DatabaseQueue
  fileprivate let file: StoreFile
  /// What the file was like when it was taken for one that does not change; `nil`: it was not, and each reading is of one
  /// commit whatever others write.
  fileprivate let rest: FileStamp?

  var isAtRest: Bool { rest != nil }

  /// Whether nobody has written the file since it was taken for one that does not change. What was read of one that
  /// somebody has may be half of a change.
  var isUndisturbed: Bool { rest == nil || rest == FileStamp(file.path) }
}

extension StoreFile {
  enum Reading {
    /// A store that nobody drives now is read as a file that does not change: nothing is left beside it, and the folder
    /// need not be writable.
    case atRest
    /// What is written from now on is to be seen, too.
    case following
    /// Others may drive it for a moment at any time. Where the folder can be written SQLite keeps us from seeing half of a
    /// change, and what it needs for that is gone when the reader is; elsewhere it is read as one at rest.
    case besideOthers
  }

  /// For reading an existing store of this version.
  func readable(_ reading: Reading = .atRest) throws -> OpenedStore {
    try whenMade {
      try mustExist()
      let opened = try open(reading)
      try opened.queue.read { db in
        try mustBeOurs(db)
        try mustBeComplete(db)
      }
      return opened
    }
  }

  /// What is not yet in the file is read from the log beside it, unless the store is at rest.
  private func open(_ reading: Reading) throws -> OpenedStore {
    if reading == .besideOthers, let opened = try? openBesideOthers() { return opened }
    let rest = FileStamp(path)
    if reading == .following || hasLog || Driver(of: path) != nil {
      return try OpenedStore(queue: queue(Self.configuration(readOnly: true)), file: self, rest: nil)
    }
    return try OpenedStore(queue: queue(Self.configuration(readOnly: true), "immutable=1"), file: self, rest: rest)
  }

  private func openBesideOthers() throws -> OpenedStore {
    var configuration = Self.configuration()
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA query_only = ON") }
    let opened = OpenedStore(queue: try queue(configuration), file: self, rest: nil)
    // Whether it can be read so is known only then.
    _ = try opened.queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema") }
    return opened
  }

  private func queue(_ configuration: Configuration, _ wishes: String...) throws -> DatabaseQueue {
    try DatabaseQueue(path: withOwnFiles(wishes), configuration: configuration)
  }
}

/// What changes whenever a file is written.
private struct FileStamp: Equatable {
  var inode: ino_t
  var size: off_t
  var seconds: Int
  var nanoseconds: Int

  /// The file system's clock ticks every few milliseconds: a file that was written just now may be written again within the
  /// same tick, so that tick is waited out.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let age = (now.tv_sec - status.st_mtim.tv_sec) * 1_000_000_000 + now.tv_nsec - status.st_mtim.tv_nsec
    if (0..<20_000_000).contains(age) {
      usleep(20_000)
      guard stat(path, &status) == 0 else { return nil }
    }
    inode = status.st_ino
    size = status.st_size
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
  }
}
