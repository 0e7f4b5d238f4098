import Controller
import Engine
import GRDB
import PipelineModel

/// What the journal says of flags, as their tables must have it. Grows with the flags and the proposals, not with their
/// revisions.
struct FlagsInJournal {
  private var heads: [FlagName: Row] = [:]
  private var proposals: [Int64: Row] = [:]
  /// Of all revisions, each mixed with a random key.
  private var revisions: UInt64 = 0

  private struct Row: Hashable {
    var sequence: Int64
    var name: FlagName
    /// Of the revision; of a proposal whether it is pending.
    var number: Int64
  }

  private struct RevisionRow: Hashable {
    var row: Row
    var time: Int64

    var sum: UInt64 {
      var hasher = Hasher()
      hasher.combine(self)
      return UInt64(bitPattern: Int64(hasher.finalize()))
    }
  }

  mutating func add(_ entry: Entry) {
    add(carried: entry)
    guard let revision = entry.revision else { return }
    let row = Row(sequence: entry.sequence, name: revision.name, number: revision.number)
    revisions &+= RevisionRow(row: row, time: entry.time.milliseconds).sum
  }

  /// The newest of a flag or a proposal, perhaps, that was carried forward. The entry itself is counted where it lies.
  mutating func add(carried entry: Entry) {
    switch entry.fact {
    case .flag(.revised(let revision)):
      note(Row(sequence: entry.sequence, name: revision.name, number: revision.number), of: revision.name, in: &heads)
    case .flag(.proposal(let proposal)):
      let row = Row(
        sequence: entry.sequence, name: proposal.revision.name, number: proposal.isPending ? 1 : 0)
      note(row, of: proposal.id, in: &proposals)
    default: break
    }
  }

  mutating func add(_ other: FlagsInJournal) {
    for (name, row) in other.heads { note(row, of: name, in: &heads) }
    for (id, row) in other.proposals { note(row, of: id, in: &proposals) }
    revisions &+= other.revisions
  }

  private func note<ID>(_ row: Row, of id: ID, in rows: inout [ID: Row]) {
    if let known = rows[id], known.sequence > row.sequence { return }
    rows[id] = row
  }

  /// The first disagreement.
  func finding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    try headFinding(db, extent) ?? proposalFinding(db, extent) ?? revisionFinding(db, extent)
  }

  private func headFinding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    var rest = heads
    let rows = try Prepared(db, "SELECT environment, key, number, seq FROM flags ORDER BY 1, 2")
    while try rows.step() {
      let name = FlagName(environment: rows.text(0), key: rows.text(1))
      let row = Row(sequence: rows.integer(3), name: name, number: rows.integer(2))
      let known = rest.removeValue(forKey: name)
      if let finding = difference(row, known, "flag \(name)", extent) { return finding }
    }
    let missing = rest.values.min { $0.sequence < $1.sequence }
    return missing.map { finding("flag \($0.name)", $0.sequence, "it is missing there") }
  }

  private func proposalFinding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    var rest = proposals
    let rows = try Prepared(db, "SELECT id, environment, key, seq, pending FROM flag_proposals ORDER BY 1")
    while try rows.step() {
      let name = FlagName(environment: rows.text(1), key: rows.text(2))
      let row = Row(sequence: rows.integer(3), name: name, number: rows.integer(4))
      let known = rest.removeValue(forKey: rows.integer(0))
      // Of what is over, the entry may lie in an archive that is not looked at.
      if known == nil, row.number == 0, row.sequence <= extent.meaning.start { continue }
      if let finding = difference(row, known, "proposal \(rows.integer(0))", extent) { return finding }
    }
    let missing = rest.min { $0.value.sequence < $1.value.sequence }
    return missing.map { finding("proposal \($0.key)", $0.value.sequence, "it is missing there") }
  }

  private func revisionFinding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    var left = revisions
    let rows = try Prepared(db, "SELECT environment, key, number, seq, time FROM flag_revisions WHERE seq > ?1")
    rows.bind(1, extent.meaning.start)
    while try rows.step() {
      let name = FlagName(environment: rows.text(0), key: rows.text(1))
      let row = Row(sequence: rows.integer(3), name: name, number: rows.integer(2))
      left &-= RevisionRow(row: row, time: rows.integer(4)).sum
    }
    return left == 0 ? nil : try revisionsOneByOne(db, extent)
  }

  /// Only when the sums say that there is something to be found.
  private func revisionsOneByOne(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    let rows = try Prepared(
      db, "SELECT environment, key, number, seq, time FROM flag_revisions WHERE seq > ?1 ORDER BY seq")
    rows.bind(1, extent.base)
    var count: Int64 = 0
    while try rows.step() {
      count += 1
      let name = FlagName(environment: rows.text(0), key: rows.text(1))
      guard let entry = try? db.entry(rows.integer(3)), entry.revision?.name == name,
        entry.revision?.number == rows.integer(2), entry.time.milliseconds == rows.integer(4)
      else {
        let subject = "revision \(rows.integer(2)) of flag \(name)"
        return finding(subject, min(max(rows.integer(3), 1), extent.last), "it is not what the entry it names says")
      }
    }
    return finding(
      "flags", max(extent.last, 1),
      "of the entries in the store it lists \(count) revisions, and the journal has others")
  }

  private func difference(_ row: Row, _ known: Row?, _ subject: String, _ extent: JournalExtent) -> AuditFinding? {
    guard let known else { return finding(subject, max(extent.last, 1), "the journal says nothing of it") }
    return row == known ? nil : finding(subject, known.sequence, "it is not what entry \(known.sequence) says")
  }

  private func finding(_ subject: String, _ sequence: Int64, _ what: String) -> AuditFinding {
    AuditFinding(sequence, .flags(subject, what: what))
  }
}
