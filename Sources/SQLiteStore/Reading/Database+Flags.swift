import Engine
import GRDB
import PipelineModel

extension Database {
  /// What a ledger is restored from.
  func flagRecords() throws -> FlagRecords {
    var records = FlagRecords()
    for head in try flags(in: nil) { records.heads.append(head.revision) }
    records.pending = try proposals(pending: true).map(\.proposal)
    records.lastProposal = try Int64.fetchOne(self, sql: "SELECT max(id) FROM flag_proposals") ?? 0
    return records
  }

  /// The heads of all flags, or of those of an environment, in the order of their names.
  func flags(in environment: String?) throws -> [RecordedRevision] {
    let place = environment == nil ? "" : "WHERE environment = ?1 "
    let rows = try Prepared(
      cachedBy: self,
      """
      SELECT flags.seq, journal.entry, environment, key, number FROM flags LEFT JOIN journal ON journal.seq = flags.seq
      \(place)ORDER BY environment, key
      """)
    if let environment { rows.bind(1, copying: environment) }
    return try revisions(rows)
  }

  /// Flags whose head is younger than an entry, the oldest change first.
  func flags(since sequence: Int64) throws -> [RecordedRevision] {
    let rows = try Prepared(
      cachedBy: self,
      """
      SELECT flags.seq, journal.entry, environment, key, number FROM flags LEFT JOIN journal ON journal.seq = flags.seq
      WHERE flags.seq > ?1 ORDER BY flags.seq
      """)
    rows.bind(1, sequence)
    return try revisions(rows)
  }

  /// Every revision of a flag, the oldest first.
  ///
  /// - Parameter archive: of those that lie there; without it they are not at hand.
  func history(of name: FlagName, archive: ArchiveFolder?) throws -> FlagPast {
    var past = FlagPast()
    past.revisions = try revisions(try of(name, "ORDER BY number"), archive) { past.elsewhere.append($0) }
    return past
  }

  /// - Throws: when it lies in an archive that is not given.
  func revision(_ number: Int64, of name: FlagName, archive: ArchiveFolder?) throws -> RecordedRevision? {
    let rows = try of(name, "AND number = ?3")
    rows.bind(3, number)
    return try revisions(rows, archive).first
  }

  /// The newest revision; with an instant, the one that was in force then.
  ///
  /// - Throws: when it lies in an archive that is not given.
  func flag(_ name: FlagName, at instant: Timestamp?, archive: ArchiveFolder?) throws -> RecordedRevision? {
    guard let instant else { return try revisions(try of(name, "ORDER BY number DESC LIMIT 1"), archive).first }
    let rows = try of(name, "AND time <= ?3 ORDER BY number DESC LIMIT 1")
    rows.bind(3, instant.milliseconds)
    return try revisions(rows, archive).first
  }

  /// When a flag's first revision came; `nil`: there never was such a flag.
  func creation(of name: FlagName) throws -> Timestamp? {
    try Int64.fetchOne(
      self, sql: "SELECT time FROM flag_revisions WHERE environment = ? AND key = ? ORDER BY number LIMIT 1",
      arguments: [name.environment, name.key]
    ).map { Timestamp(milliseconds: $0) }
  }

  private func of(_ name: FlagName, _ rest: String) throws -> Prepared {
    let rows = try Prepared(
      cachedBy: self,
      """
      SELECT r.seq, journal.entry, environment, key, number
      FROM flag_revisions r LEFT JOIN journal ON journal.seq = r.seq WHERE environment = ?1 AND key = ?2 \(rest)
      """)
    rows.bind(1, copying: name.environment)
    rows.bind(2, copying: name.key)
    return rows
  }

  /// The table only says where to look; the journal must say the same.
  ///
  /// - Parameter isElsewhere: gets the number of one that lies in an archive that is not given; unless there is such a
  ///   closure, that is thrown.
  private func revisions(
    _ rows: Prepared, _ archive: ArchiveFolder? = nil, isElsewhere: ((Int64) -> Void)? = nil
  ) throws -> [RecordedRevision] {
    defer { rows.reset() }
    var revisions: [RecordedRevision] = []
    while try rows.step() {
      let (sequence, number) = (rows.integer(0), rows.integer(4))
      let name = FlagName(environment: rows.text(2), key: rows.text(3))
      let stored = rows.isNull(1) ? nil : try Entry(stored: rows.bytes(1), at: sequence)
      guard let entry = try stored ?? carried(sequence) ?? archive?.entry(sequence) else {
        guard try archivedPart().holding(sequence) != nil else { throw unreadable("flags", name.description) }
        guard let isElsewhere else {
          throw try liesInArchive(sequence, "revision \(number) of flag \(name), entry \(sequence),")
        }
        isElsewhere(number)
        continue
      }
      guard let revision = RecordedRevision(entry), revision.revision.name == name, revision.revision.number == number
      else { throw unreadable("flags", name.description) }
      revisions.append(revision)
    }
    return revisions
  }

  /// Proposals with the numbers of their newest entries, in the order they were made.
  ///
  /// - Throws: when one of them lies in an archive that is not given; those that are pending never do.
  func proposals(
    pending: Bool, archive: ArchiveFolder? = nil
  ) throws -> [(sequence: Int64, proposal: FlagProposal)] {
    try proposals(pending ? "WHERE pending = 1" : "", archive)
  }

  func proposal(_ id: Int64, archive: ArchiveFolder?) throws -> FlagProposal? {
    try proposals("WHERE id = \(id)", archive).first?.proposal
  }

  private func proposals(
    _ which: String, _ archive: ArchiveFolder?
  ) throws -> [(sequence: Int64, proposal: FlagProposal)] {
    let rows = try Prepared(
      cachedBy: self,
      """
      SELECT flag_proposals.seq, journal.entry, id FROM flag_proposals
      LEFT JOIN journal ON journal.seq = flag_proposals.seq \(which) ORDER BY id
      """)
    defer { rows.reset() }
    var proposals: [(sequence: Int64, proposal: FlagProposal)] = []
    while try rows.step() {
      let (sequence, id) = (rows.integer(0), rows.integer(2))
      let stored = rows.isNull(1) ? nil : try Entry(stored: rows.bytes(1), at: sequence)
      guard let entry = try stored ?? carried(sequence) ?? archive?.entry(sequence) else {
        guard try archivedPart().holding(sequence) != nil else {
          throw unreadable("flag_proposals", "proposal \(id)")
        }
        throw try liesInArchive(sequence, "what became of proposal \(id), entry \(sequence),")
      }
      guard case .flag(.proposal(let proposal)) = entry.fact, proposal.id == id else {
        throw unreadable("flag_proposals", "proposal \(id)")
      }
      proposals.append((sequence, proposal))
    }
    return proposals
  }
}
