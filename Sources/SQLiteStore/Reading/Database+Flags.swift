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
  func history(of name: FlagName) throws -> [RecordedRevision] {
    try revisions(try of(name, "ORDER BY number"))
  }

  func revision(_ number: Int64, of name: FlagName) throws -> RecordedRevision? {
    let rows = try of(name, "AND number = ?3")
    rows.bind(3, number)
    return try revisions(rows).first
  }

  /// The newest revision; with an instant, the one that was in force then.
  func flag(_ name: FlagName, at instant: Timestamp?) throws -> RecordedRevision? {
    guard let instant else { return try revisions(try of(name, "ORDER BY number DESC LIMIT 1")).first }
    let rows = try of(name, "AND time <= ?3 ORDER BY number DESC LIMIT 1")
    rows.bind(3, instant.milliseconds)
    return try revisions(rows).first
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
  private func revisions(_ rows: Prepared) throws -> [RecordedRevision] {
    defer { rows.reset() }
    var revisions: [RecordedRevision] = []
    while try rows.step() {
      let name = FlagName(environment: rows.text(2), key: rows.text(3))
      guard !rows.isNull(1), let revision = RecordedRevision(try Entry(stored: rows.bytes(1), at: rows.integer(0))),
        revision.revision.name == name, revision.revision.number == rows.integer(4)
      else { throw unreadable("flags", name.description) }
      revisions.append(revision)
    }
    return revisions
  }

  /// Proposals with the numbers of their newest entries, in the order they were made.
  func proposals(pending: Bool) throws -> [(sequence: Int64, proposal: FlagProposal)] {
    try proposals(pending ? "WHERE pending = 1" : "")
  }

  func proposal(_ id: Int64) throws -> FlagProposal? { try proposals("WHERE id = \(id)").first?.proposal }

  private func proposals(_ which: String) throws -> [(sequence: Int64, proposal: FlagProposal)] {
    let rows = try Prepared(
      cachedBy: self,
      """
      SELECT flag_proposals.seq, journal.entry, id FROM flag_proposals
      LEFT JOIN journal ON journal.seq = flag_proposals.seq \(which) ORDER BY id
      """)
    defer { rows.reset() }
    var proposals: [(sequence: Int64, proposal: FlagProposal)] = []
    while try rows.step() {
      guard !rows.isNull(1),
        case .flag(.proposal(let proposal)) = try Entry(stored: rows.bytes(1), at: rows.integer(0)).fact,
        proposal.id == rows.integer(2)
      else { throw unreadable("flag_proposals", "proposal \(rows.integer(2))") }
      proposals.append((rows.integer(0), proposal))
    }
    return proposals
  }
}
