import Controller
import Engine
import GRDB
import PipelineModel

extension Database {
  /// One that the store has, or that was carried forward before it left the store.
  func entry(_ sequence: Int64) throws -> Entry? { try stored(sequence) ?? carried(sequence) }

  private func stored(_ sequence: Int64) throws -> Entry? {
    let rows = try Prepared(cachedBy: self, "SELECT entry FROM journal WHERE seq = ?1")
    rows.bind(1, sequence)
    guard try rows.step() else { return nil }
    defer { rows.reset() }
    return try Entry(stored: rows.bytes(0), at: sequence)
  }

  /// Walks the links from a run's last entry to its first: one look-up by row number an entry, no index.
  func entries(of run: RunID, after first: Int64 = 0) throws -> [Entry] {
    let rows = try Prepared(cachedBy: self, "SELECT last FROM progress WHERE run = ?1 AND run < \(Schema.headKey)")
    rows.bind(1, run.number)
    guard try rows.step() else { return [] }
    let last = rows.integer(0)
    rows.reset()
    return try entries(of: run, after: first, endingAt: last)
  }

  func entries(of run: RunID, after first: Int64 = 0, endingAt last: Int64) throws -> [Entry] {
    var entries: [Entry] = []
    var sequence = last
    while sequence > first {
      guard let entry = try entry(sequence), entry.run == run, entry.previous < sequence else {
        throw try missing(sequence)
      }
      entries.append(entry)
      sequence = entry.previous
    }
    entries.reverse()
    return entries
  }

  /// What to say of an entry that is not there: it lies in an archive, or the journal is damaged.
  func missing(_ sequence: Int64) throws -> JournalFailure {
    try archivedPart().holding(sequence) == nil ? damaged(sequence) : liesInArchive(sequence)
  }

  /// What a reader says of an entry that was moved out of the store.
  ///
  /// - Parameter what: it is; unless given, `entry 7`.
  func liesInArchive(_ sequence: Int64, _ what: String? = nil) throws -> JournalFailure {
    let file = try archivedPart().holding(sequence)?.segment.file ?? "a file of it"
    return JournalFailure(
      .unusable,
      "\(what ?? "entry \(sequence)") lies in an archive, in \(file); name the archive's folder with --archive, or as "
        + "`audit: { archive: { folder: … } }` in headgate.yaml")
  }

  /// Sequence number of the entry that defined this very text.
  func definition(of text: String) throws -> Int64? {
    let rows = try Prepared(cachedBy: self, "SELECT seq FROM definitions WHERE digest = ?1")
    let known = try digest(of: text).withUnsafeBytes { digest in
      rows.bind(1, blob: digest)
      defer { rows.reset() }
      return try rows.step() ? rows.integer(0) : nil
    }
    // The table only says where to look; the journal says what was defined.
    guard let known, case .defined(_, _, text) = try entry(known)?.fact else { return nil }
    return known
  }

  func journalHead() throws -> JournalHead {
    let rows = try Prepared(
      cachedBy: self,
      """
      SELECT seq, epoch, (SELECT id FROM store), (SELECT max(id) FROM runs), (SELECT purpose FROM store) FROM head
      """)
    guard try rows.step() else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the head row is missing") }
    defer { rows.reset() }
    let sequence = rows.integer(0)
    return JournalHead(
      sequence: sequence, time: try entry(sequence)?.time ?? Timestamp(milliseconds: 0), run: rows.integer(3),
      epoch: rows.integer(1), store: rows.text(2), purpose: rows.text(4))
  }
}

extension Entry {
  init(stored bytes: UnsafeRawBufferPointer, at sequence: Int64) throws {
    do {
      self = try bytes.withMemoryRebound(to: UInt8.self) { buffer throws(DamagedEntry) in
        try Entry(canonical: buffer)
      }
    } catch {
      throw damaged(sequence)
    }
  }
}

/// What a reader of the journal says when an entry is not as it was written.
func damaged(_ sequence: Int64) -> JournalFailure {
  JournalFailure(
    .unusable,
    "entry \(sequence) of the journal is damaged or missing; `headgate audit verify` says how far it is whole")
}

extension StoreFile {
  /// The end of the chain, once it is sure that the journal ends where its head says and that the last link holds.
  func chainTip(_ db: Database) throws -> (sequence: Int64, hash: ChainHash) {
    let rows = try Prepared(
      db,
      """
      SELECT head.seq, head.hash, (SELECT max(seq) FROM journal),
        (SELECT entry FROM journal WHERE seq = head.seq), (SELECT hash FROM journal WHERE seq = head.seq),
        (SELECT hash FROM journal WHERE seq = head.seq - 1)
      FROM head
      """)
    guard try rows.step(), let tip = ChainHash(rows.bytes(1)) else { throw unlike("its head row is missing") }
    defer { rows.reset() }
    let (sequence, last) = (rows.integer(0), rows.integer(2))
    guard last == sequence else {
      throw unlike("its head row says \(sequence) entries, and the journal ends at \(last)")
    }
    guard sequence > 0 else { return (0, .origin) }
    let archived = try db.archivedPart()
    let previous = sequence == archived.last + 1 ? archived.hash : ChainHash(rows.bytes(5))
    guard tip == ChainHash(rows.bytes(4)), previous?.next(rows.bytes(3)) == tip else {
      throw unlike("its last entry, \(sequence), does not match its hash")
    }
    return (sequence, tip)
  }

  private func unlike(_ what: String) -> JournalFailure {
    JournalFailure(
      .unusable,
      "the journal in \(path) was changed by something else than Headgate: \(what). Nothing is driven on it. "
        + "`headgate audit verify` says how far it is whole; restore it from a copy, or start with a new store")
  }
}
