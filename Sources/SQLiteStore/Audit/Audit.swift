package import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Synchronization

/// Proves that a journal is whole, or names the first entry that is not as it was written.
package enum Audit {
  /// Checks every entry: that its hash is that of its bytes and of the hash before, that its bytes are the canonical
  /// ones and say the number they stand under, that time does not run back, that none is missing, and that the journal
  /// ends where the head row says; then that the read models of runs, targets and flags agree with it, and the
  /// pipelines that are kept beside their texts.
  ///
  /// Works on a store in use as well as on a copy, on all cores, in memory that does not grow with the journal.
  ///
  /// - Parameters:
  ///   - compiler: says what the texts mean; `nil`: kept pipelines are not looked at. Those of other editions never are:
  ///     nobody uses them.
  ///   - progress: called now and then, from any thread, with the entries checked and those to check.
  /// - Throws: when the file cannot be read as a store at all.
  package static func verify(
    _ path: String, workers: Int = ProcessInfo.processInfo.activeProcessorCount,
    compiler: (any PipelineCompiler)? = nil,
    progress: @Sendable (_ checked: Int64, _ of: Int64) -> Void = { _, _ in }
  ) throws(JournalFailure) -> AuditReport {
    let file = StoreFile(path)
    let wasAtRest = !file.hasLog
    let report = try file.explained { try verify(file, workers, compiler, progress) }
    // A controller began to write while the file was read as one at rest: what was seen may be half of a change.
    if !report.isWhole, wasAtRest, file.hasLog {
      return try file.explained { try verify(file, workers, compiler, progress) }
    }
    return report
  }

  private static func verify(
    _ file: StoreFile, _ workers: Int, _ compiler: (any PipelineCompiler)?,
    _ progress: @Sendable (Int64, Int64) -> Void
  ) throws -> AuditReport {
    let queue = try file.readable()
    return try queue.read { db in
      let extent = try JournalExtent(db)
      let shared = SharedAudit(extent)
      let perhaps = Mutex<(any Error)?>(nil)
      DispatchQueue.concurrentPerform(iterations: max(1, workers)) { _ in
        do {
          try file.readable().read { try shared.work($0, progress) }
        } catch {
          perhaps.withLock { $0 = error }
        }
      }
      if let error = perhaps.withLock({ $0 }) { throw error }
      let finding =
        try shared.firstFinding ?? extent.finding(db) ?? shared.sums.finding(db, extent)
        ?? shared.targets.finding(db, extent) ?? shared.flags.finding(db, extent)
        ?? compiler.flatMap { try db.firstStrayPipeline($0) }
      return AuditReport(
        store: extent.store, entries: extent.last, head: extent.lastHash?.hex ?? ChainHash.origin.hex, finding: finding)
    }
  }
}

/// What is known of a journal's ends before its entries are looked at, all as of one commit.
struct JournalExtent {
  var store: String
  /// Number of the last entry there is; 0 for none.
  var last: Int64
  var lastHash: ChainHash?
  /// What the head row says; `nil`: there is none.
  var head: (sequence: Int64, hash: ChainHash?)?

  init(_ db: Database) throws {
    store = try String.fetchOne(db, sql: "SELECT id FROM store") ?? "?"
    let rows = try Prepared(db, "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
    (last, lastHash) = try rows.step() ? (rows.integer(0), ChainHash(rows.bytes(1))) : (0, .origin)
    let heads = try Prepared(db, "SELECT seq, hash FROM head")
    head = try heads.step() ? (heads.integer(0), ChainHash(heads.bytes(1))) : nil
  }

  /// What is wrong with the journal's end, when every entry by itself is right.
  func finding(_ db: Database) throws -> AuditFinding? {
    guard let head else { return AuditFinding(max(last, 1), .headMissing) }
    if head.sequence > last { return AuditFinding(last + 1, .cutOff(head: head.sequence, last: last)) }
    if head.sequence < last { return AuditFinding(max(head.sequence, 0) + 1, .beyondHead(head: head.sequence)) }
    if head.hash != lastHash { return AuditFinding(max(last, 1), .headDiffers) }
    return nil
  }
}
