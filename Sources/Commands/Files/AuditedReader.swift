import Controller
import Engine
import Foundation
import PipelineModel
import SQLiteStore

/// Somebody who is about to read the log. Where the installation wants that on record, it is there before the first line
/// is given out.
///
/// Only the installation's own store is written to. Another one, named with `--store`, is taken for a copy: a record in it
/// would change what it is a copy of. Whoever can read a file can read it without us; what is not on record is said.
struct AuditedReader {
  private let options: StoreOptions
  private let identity: IdentityOptions

  init(_ options: StoreOptions, _ identity: IdentityOptions) {
    self.options = options
    self.identity = identity
  }

  func note(_ read: AuditedRead, _ filter: String) throws {
    guard let installation = try Loader(warns: false).installation(options, .readable),
      installation.0.audit.reads.contains(read)
    else { return }
    let access = try StoreAccess(options, installation: installation)
    guard isOwn(access, installation) else {
      return Console.error(
        "this is not on record: \(access.path) is not the store of headgate.yaml, but a copy or another")
    }
    // That there is no store is said by who reads it.
    guard FileManager.default.fileExists(atPath: access.path) else { return }
    guard FileManager.default.isWritableFile(atPath: access.path) else {
      return Console.error("this is not on record: \(access.path) cannot be written by this user")
    }
    let store = try access.reading()
    let through = try access.explained { () throws(JournalFailure) in try store.head().sequence }
    _ = try Door(access: access, identity: identity).ask(
      .audit(.read(AuditReading(verb: read.rawValue, filter: filter, through: through))))
  }

  private func isOwn(_ access: StoreAccess, _ installation: (Installation, baseDirectory: String)) -> Bool {
    let base = URL(fileURLWithPath: installation.baseDirectory, isDirectory: true)
    let own = URL(fileURLWithPath: installation.0.store, relativeTo: base)
    return own.resolvingSymlinksInPath().path == URL(fileURLWithPath: access.path).resolvingSymlinksInPath().path
  }
}
