package import Controller
package import Engine
import GRDB
package import PipelineModel
import Proofs
import StoreFiles

/// A store as its one controller has it. Blocking, and used from one thread.
package final class DrivingStore: Journal, LogTree {
  /// Where the journal ended when the store was opened.
  package let head: JournalHead

  let file: StoreFile
  let queue: DatabaseQueue
  private var lock: StoreLock?
  private var statements: AppendStatements?
  private var polling: RequestPolling?
  private var kept: KeptPipelines?

  /// Where the chain ends; moves only when a batch is durable.
  private(set) var tip: (sequence: Int64, hash: ChainHash)
  private var sealed = Sealed()
  private var moments: RunMoments
  private var place: FilePlace?
  /// Folder of the entries that were moved out, for what people ask of the past; `nil`: nobody has said where.
  package var archive: String?
  /// The tree over the entries so far, as far as it was grown; `nil`: not looked at yet.
  var grown: Forest?

  init(_ queue: DatabaseQueue, lock: StoreLock, file: StoreFile) throws {
    self.queue = queue
    self.lock = lock
    self.file = file
    place = FilePlace(of: file.path)
    (head, tip, moments) = try queue.writeWithoutTransaction { db in
      var head: JournalHead?
      let tip = try file.chainTip(db)
      try db.inTransaction(.immediate) {
        try db.execute(sql: "UPDATE head SET epoch = epoch + 1")
        try db.forgetOldRequests()
        try db.forgetHealth()
        try db.forgetOldNotices()
        head = try db.journalHead()
        try db.noteMoments(through: tip.sequence)
        file.reserveLog()
        return .commit
      }
      guard let head else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
      return (head, tip, RunMoments(notedThrough: tip.sequence))
    }
    (statements, polling, kept) = try queue.writeWithoutTransaction { db in
      (try AppendStatements(db), try RequestPolling(db), try KeptPipelines(db))
    }
  }

  deinit { close() }

  /// Gives the store back: the log is folded into the file, and another controller may drive it. Twice is harmless.
  package func close() {
    guard lock != nil else { return }
    guard place?.isKept ?? true else { return closeAside() }
    try? leave()
    statements = nil
    polling = nil
    kept = nil
    // Whoever still reads keeps the log from being folded on closing, so it is folded here; who reads for long is not
    // waited for, and leaves it to the next one.
    _ = try? queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA busy_timeout = 500")
      try db.checkpoint(.truncate)
    }
    try? queue.close()
    lock = nil
  }

  /// Another file has the store's name now. What lies beside that one is its own.
  private func closeAside() {
    queue.writeWithoutTransaction { _ = $0.sqliteConnection.map { headgate_leave_log(UnsafeMutableRawPointer($0)) } }
    statements = nil
    polling = nil
    kept = nil
    try? queue.close()
    lock = nil
  }

  private func mustKeepItsPlace() throws(JournalFailure) {
    guard place?.isKeptNow() == false else { return }
    throw JournalFailure(
      .fenced,
      "the store \(file.path) was replaced or removed under this controller, which stops: nothing that it did from then on "
        + "would be on record. What lies there now is gone on with by `headgate attach`")
  }

  /// What can be left to the next driver, and need not be; and what only this one has seen of the backends is forgotten,
  /// or it would pass for the next one's. Does nothing when another has taken the store over.
  private func leave() throws {
    try transaction { db in
      guard try db.journalHead().epoch == head.epoch else { return }
      try db.noteMoments(through: tip.sequence)
      try db.forgetHealth()
    }
  }

  package func append(_ batch: Batch) throws(JournalFailure) {
    precondition(
      batch.entries.indices.allSatisfy { batch.entries[$0].sequence == tip.sequence + 1 + Int64($0) },
      "entries must continue the journal, which ends at \(tip.sequence), without a gap")
    try mustKeepItsPlace()
    for segment in batch.entries.compactMap(\.sealedSegment) { try growTree(through: segment.last) }
    sealed.seal(batch.entries, after: tip.hash)
    let next = (sequence: tip.sequence + Int64(batch.entries.count), hash: sealed.hashes.last ?? tip.hash)
    var moments = moments
    for entry in batch.entries { moments.add(entry) }
    let areDue = moments.areDue(with: batch.entries)
    try file.explained {
      guard let statements else { throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the store was closed") }
      try queue.writeWithoutTransaction { db in
        try statements.transaction {
          try write(batch, upTo: next, with: statements)
          if areDue { try statements.timeline.put(moments, through: next.sequence) }
          if let last = batch.entries.last { try db.post(batch.notices, due: last.time) }
        }
      }
    }
    tip = next
    if areDue { moments.written(through: next.sequence) }
    self.moments = moments
    polling?.answered(batch.answers)
  }

  package func keep(_ compiled: [CompiledPipeline]) throws(JournalFailure) {
    try transaction { _ in try kept?.keep(compiled) }
  }

  package func note(_ health: [BackendHealth]) throws(JournalFailure) { try transaction { try $0.note(health) } }

  /// A transaction beside the journal.
  func transaction(_ body: (Database) throws -> Void) throws(JournalFailure) {
    try file.explained {
      try queue.writeWithoutTransaction { db in
        try db.inTransaction(.immediate) {
          try body(db)
          return .commit
        }
      }
    }
  }

  private func write(
    _ batch: Batch, upTo next: (sequence: Int64, hash: ChainHash), with statements: AppendStatements
  ) throws {
    guard try moveHead(to: next, with: statements) else { throw fenced() }
    try add(batch.entries, with: statements)
    for run in batch.begun { try statements.begin(run) }
    for entry in batch.entries { try statements.timeline.put(entry) }
    for progress in batch.progress { try statements.put(progress) }
    for target in batch.targets { try statements.put(target) }
    for answered in batch.answers { try statements.put(answered, at: next.sequence) }
    try kept?.keep(batch.compiled)
  }

  /// `false`: the head is not as this driver left it.
  private func moveHead(
    to next: (sequence: Int64, hash: ChainHash), with statements: AppendStatements
  ) throws -> Bool {
    try next.hash.withUnsafeBytes { hash in
      statements.moveHead.bind(1, next.sequence)
      statements.moveHead.bind(2, blob: hash)
      statements.moveHead.bind(3, head.epoch)
      statements.moveHead.bind(4, tip.sequence)
      try statements.moveHead.run()
      return statements.moveHead.changes == 1
    }
  }

  private func add(_ entries: [Entry], with statements: AppendStatements) throws {
    var sequence = tip.sequence
    try sealed.forEach { bytes, hash in
      sequence += 1
      statements.addEntry.bind(1, sequence)
      statements.addEntry.bind(2, text: bytes)
      statements.addEntry.bind(3, blob: hash)
      try statements.addEntry.run()
    }
    for entry in entries { try statements.note(entry) }
  }

  private func fenced() -> JournalFailure {
    JournalFailure(
      .fenced, "another controller has taken over the store \(file.path). This one stops and does nothing more")
  }

  // MARK: Reading

  /// For tests that look at the connection itself.
  func withDatabase(_ body: (Database) throws -> Void) throws { try queue.writeWithoutTransaction(body) }

  package func unfinished(_ visit: (Int, RunFact) throws -> Void) throws {
    try queue.writeWithoutTransaction { try UnfinishedRuns($0).forEach(visit) }
  }

  package func entries(of run: RunID) throws -> [Entry] {
    try queue.unsafeReentrantWrite { try $0.entries(of: run) }
  }

  package func entry(_ sequence: Int64) throws -> Entry? {
    try queue.unsafeReentrantWrite { try $0.entry(sequence) }
  }

  package func targets() throws -> [TargetRecord] {
    try queue.writeWithoutTransaction { try $0.targets() }
  }

  package func incidents() throws -> IncidentLog {
    try queue.writeWithoutTransaction { try $0.incidentLog() }
  }

  package func flags() throws -> FlagRecords { try queue.writeWithoutTransaction { try $0.flagRecords() } }

  package func flag(_ name: FlagName, revision: Int64) throws -> (revision: FlagRevision, time: Timestamp)? {
    try queue.unsafeReentrantWrite { db in
      let folder = try archive.map { ArchiveFolder($0, try db.archivedPart()) }
      return try db.revision(revision, of: name, archive: folder).map { ($0.revision, $0.time) }
    }
  }

  package func freezes() throws -> FreezeLog { try queue.writeWithoutTransaction { try $0.freezeLog() } }

  package func requests() throws -> [Request] {
    try mustKeepItsPlace()
    return try queue.writeWithoutTransaction { db in try polling?.poll(db) ?? [] }
  }

  package func pipeline(definedBy definition: Int64, edition: String) throws -> Pipeline? {
    try queue.unsafeReentrantWrite { _ in try kept?.pipeline(definedBy: definition, edition: edition) }
  }

  package func definition(of text: String) throws -> Int64? {
    try queue.unsafeReentrantWrite { try $0.definition(of: text) }
  }
}
