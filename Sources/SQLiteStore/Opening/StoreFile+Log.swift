import Foundation
import GRDB
import StoreFiles

extension StoreFile {
  /// The address of the file for a connection that writes the log in one piece a commit, or that reads many pages at once
  /// where it only reads.
  ///
  /// - Parameter wishes: more of how the file is to be opened, as SQLite takes it.
  func withOwnFiles(_ wishes: [String] = []) throws -> String {
    guard Self.areFilesKnown else {
      throw DatabaseError(resultCode: .SQLITE_INTERNAL, message: "SQLite has no file system to open the store with")
    }
    return address((["vfs=headgate"] + wishes).joined(separator: "&"))
  }

  private static let areFilesKnown = headgate_register_files() == 0

  /// As long as the log gets before SQLite folds it into the file and begins it anew: 1000 pages with their headers.
  private static let logLength: off_t = 1000 * (4096 + 24) + 32

  /// Makes the write-ahead log as long as it will get, so that commits write into a file that does not grow.
  ///
  /// A sync of a file that has grown writes its length too, which takes several times as long. What is added is zeros,
  /// which SQLite takes for the end of the log. Called with the store's write lock held: nobody else adds to the log
  /// meanwhile. A log that cannot be made longer is left as it was, and commits are slower.
  func reserveLog() {
    let log = open(path + "-wal", O_WRONLY | O_CLOEXEC)
    guard log >= 0 else { return }
    defer { close(log) }
    let length = lseek(log, 0, SEEK_END)
    guard length >= 0, length < Self.logLength else { return }
    let zeros = [UInt8](repeating: 0, count: Int(Self.logLength - length))
    if pwrite(log, zeros, zeros.count, length) != zeros.count { ftruncate(log, length) }
  }
}
