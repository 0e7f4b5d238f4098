package import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
package import Proofs
import Synchronization

/// Proves that a journal is whole, or names the first entry that is not as it was written.
package enum Audit {
  /// What a journal is held against beside itself.
  package struct Evidence: Sendable {
    /// Checkpoints that somebody kept, with the file they were read from.
    package var checkpoints: [(file: String, checkpoint: SignedCheckpoint)]
    /// Whose signatures count.
    package var verifiers: [NoteVerifier]
    /// Folder of the archive; `nil`: what lies there is not looked at.
    package var archive: String?
    /// Whether the tree is computed, and the table of subtrees and the journal's own checkpoints are held against it.
    package var tree: Bool

    package init(
      checkpoints: [(file: String, checkpoint: SignedCheckpoint)] = [], verifiers: [NoteVerifier] = [],
      archive: String? = nil, tree: Bool = false
    ) {
      self.checkpoints = checkpoints
      self.verifiers = verifiers
      self.archive = archive
      self.tree = tree || !checkpoints.isEmpty || !verifiers.isEmpty
    }
  }

  /// Checks every entry: that its hash is that of its bytes and of the hash before, that its bytes are the canonical
  /// ones and say the number they stand under, that time does not run back, that none is missing, and that the journal
  /// ends where the head row says; then that every table made from it agrees with it, that every run is where a fold of its
  /// entries leads, and that the store has the tables and triggers it was made with. With evidence, that this is the
  /// journal it speaks of, too.
  ///
  /// Works on a store in use as well as on a copy, on all cores, in memory that does not grow with the journal.
  ///
  /// - Parameters:
  ///   - compiler: says what the texts mean; `nil`: runs are not folded, and kept pipelines are not looked at. Those of
  ///     other editions never are: nobody uses them.
  ///   - progress: called now and then, from any thread, with the entries checked and those to check.
  /// - Throws: when the file cannot be read as a store at all.
  package static func verify(
    _ path: String, against evidence: Evidence = Evidence(),
    workers: Int = ProcessInfo.processInfo.activeProcessorCount, compiler: (any PipelineCompiler)? = nil,
    progress: @Sendable (_ checked: Int64, _ of: Int64) -> Void = { _, _ in }
  ) throws(JournalFailure) -> AuditReport {
    let file = StoreFile(path)
    return try file.explained {
      var reading = StoreFile.Reading.atRest
      for _ in 0..<3 {
        let opened = try? file.readable(reading)
        let result = Result { try verify(file, reading, evidence, workers, compiler, progress) }
        if let report = try? result.get(), report.isWhole { return report }
        // Unless somebody drove the store while it was read as a file at rest: what was seen may be half of a change.
        if opened?.isUndisturbed ?? true { return try result.get() }
        reading = .besideOthers
      }
      return try verify(file, reading, evidence, workers, compiler, progress)
    }
  }

  private static func verify(
    _ file: StoreFile, _ reading: StoreFile.Reading, _ evidence: Evidence, _ workers: Int,
    _ compiler: (any PipelineCompiler)?, _ progress: @Sendable (Int64, Int64) -> Void
  ) throws -> AuditReport {
    do {
      let opened = try file.readable(reading)
      return try opened.queue.read { try verify($0, file, reading, evidence, workers, compiler, progress) }
    } catch let error as DatabaseError where error.isOfDamage {
      return try firstUnreadable(of: file, because: error)
    }
  }

  /// Of a file that is damaged so far that not all of it can be asked: reads entry by entry to the first that cannot be
  /// read, or is not as it was written.
  private static func firstUnreadable(of file: StoreFile, because error: DatabaseError) throws -> AuditReport {
    do {
      return try readThrough(file, because: error)
    } catch let error as DatabaseError where error.isOfDamage {
      var report = AuditReport(store: "?", entries: 0, head: "?")
      report.finding = AuditFinding(0, .sealedOff(error.message ?? "\(error)"))
      return report
    }
  }

  private static func readThrough(_ file: StoreFile, because error: DatabaseError) throws -> AuditReport {
    try file.readable().queue.read { db in
      let archived = try? db.archivedPart()
      let start = archived.flatMap { part in part.hash.map { EntryMeaning.Neighbour(sequence: part.last, hash: $0) } }
      var check = try EntryCheck(db, after: start ?? .init(sequence: 0, hash: .origin))
      let first = (start?.sequence ?? 0) + 1
      let finding = check.firstFinding(in: first...first, isLast: true)
      var report = AuditReport(
        store: (try? db.storeName()) ?? "?", entries: check.end.sequence, head: check.end.hash.hex)
      report.archived = first - 1
      report.finding = finding ?? AuditFinding(check.end.sequence, .damaged(error.message ?? "\(error)"))
      return report
    }
  }

  private static func verify(
    _ db: Database, _ file: StoreFile, _ reading: StoreFile.Reading, _ evidence: Evidence, _ workers: Int,
    _ compiler: (any PipelineCompiler)?, _ progress: @Sendable (Int64, Int64) -> Void
  ) throws -> AuditReport {
    var extent = try JournalExtent(db)
    var report = AuditReport(
      store: extent.store, entries: extent.last, head: extent.lastHash?.hex ?? ChainHash.origin.hex)
    report.archived = extent.base
    let witnesses = evidence.tree ? try Witnesses(db, evidence, extent) : nil
    if let folder = evidence.archive, extent.base > 0 {
      report.archiveWasRead = true
      let archived = try ArchiveAudit(ArchiveFolder(folder, extent.archived), extent, sizes: witnesses?.sizes)
      report.finding = archived.finding
      guard report.isWhole else { return report }
      extent.take(archived)
    }
    let shared = SharedAudit(extent, sizes: witnesses?.sizes)
    try inParallel(workers, on: file, reading) { try shared.work($0, progress) }
    var meaning = extent.meaning
    meaning.add(shared.meaning)
    report.finding =
      try shared.firstFinding ?? extent.finding(db) ?? meaning.finding(db, extent) ?? db.shapeFinding(extent)
    if report.isWhole, let compiler {
      let runs = try ProgressAgainstJournal(db, extent, compiler)
      try inParallel(workers, on: file, reading) { try runs.work($0) }
      report.finding = try runs.firstFinding ?? db.firstStrayPipeline(compiler)
    }
    guard report.isWhole, let witnesses else { return report }
    (report.checkpoints, report.finding) = try witnesses.heard(
      db, extent, extent.trees + shared.trees, meaning.audits)
    return report
  }

  /// Each worker has a connection of its own.
  private static func inParallel(
    _ workers: Int, on file: StoreFile, _ reading: StoreFile.Reading, _ work: @Sendable (Database) throws -> Void
  ) throws {
    let perhaps = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: max(1, workers)) { _ in
      do {
        try file.readable(reading).queue.read(work)
      } catch {
        perhaps.withLock { $0 = error }
      }
    }
    if let error = perhaps.withLock({ $0 }) { throw error }
  }
}

/// What is known of a journal's ends before its entries are looked at, all as of one commit.
struct JournalExtent {
  var store: String
  /// What lies in archives, as the store says.
  var archived: ArchivedPart
  /// Where the entries begin that are looked at.
  var start: EntryMeaning.Neighbour
  /// What was learnt of entries before that.
  var meaning: EntryMeaning
  var trees: [GrownTree] = []
  /// Number of the last entry there is; 0 for none.
  var last: Int64
  var lastHash: ChainHash?
  /// What the head row says; `nil`: there is none.
  var head: (sequence: Int64, hash: ChainHash?)?

  init(_ db: Database) throws {
    store = try db.storeName()
    archived = try db.archivedPart()
    guard let hash = archived.hash else { throw unreadable("segments", "entry \(archived.last)") }
    start = .init(sequence: archived.last, hash: hash)
    meaning = EntryMeaning(after: archived.last, reaching: try db.momentsThrough())
    let rows = try Prepared(db, "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
    (last, lastHash) = try rows.step() ? (rows.integer(0), ChainHash(rows.bytes(1))) : (archived.last, hash)
    let heads = try Prepared(db, "SELECT seq, hash FROM head")
    head = try heads.step() ? (heads.integer(0), ChainHash(heads.bytes(1))) : nil
  }

  /// The entries up to here are not in the store.
  var base: Int64 { archived.last }

  /// The archive was gone through, to where the store begins.
  mutating func take(_ audit: ArchiveAudit) {
    start = audit.end
    meaning = audit.meaning
    trees = audit.tree.map { [$0.grown] } ?? []
  }

  /// What is wrong with the journal's end, when every entry by itself is right.
  func finding(_ db: Database) throws -> AuditFinding? {
    guard let head else { return AuditFinding(max(last, 1), .headMissing) }
    if head.sequence > last { return AuditFinding(last + 1, .cutOff(head: head.sequence, last: last)) }
    if head.sequence < last { return AuditFinding(max(head.sequence, 0) + 1, .beyondHead(head: head.sequence)) }
    if head.hash != lastHash { return AuditFinding(max(last, 1), .headDiffers) }
    return nil
  }

  /// Whether what the store says of its archives is what the journal says. Records of older archives may lie in newer
  /// ones; that of the newest is always in the store.
  func finding(_ audits: AuditsInJournal) -> AuditFinding? {
    for stored in archived.segments {
      let isKnown = stored.sequence > meaning.start || stored.sequence <= stored.segment.last
      if isKnown, audits.segments[stored.sequence] != stored.segment || stored.sequence <= stored.segment.last {
        return AuditFinding(
          stored.sequence,
          .archive(
            what: "entry \(stored.sequence) does not say that the entries \(stored.segment.first) to "
              + "\(stored.segment.last) were moved into an archive, and the store does"))
      }
    }
    let known = Set(archived.segments.map(\.sequence))
    guard let unknown = audits.segments.keys.filter({ !known.contains($0) }).min() else { return nil }
    return AuditFinding(
      unknown, .archive(what: "entry \(unknown) says that entries were moved into an archive, and the store does not"))
  }
}

extension Database {
  /// The random name that the store was given when it was made.
  fileprivate func storeName() throws -> String { try String.fetchOne(self, sql: "SELECT id FROM store") ?? "?" }
}

extension DatabaseError {
  /// Whether it comes of bytes that are not as SQLite wrote them: a damaged page, or a statement that the damaged schema
  /// cannot take.
  fileprivate var isOfDamage: Bool { resultCode == .SQLITE_CORRUPT || resultCode == .SQLITE_ERROR }
}
