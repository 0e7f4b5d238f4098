import Controller
import Engine
import GRDB

/// Where the store's entries define each text first, as the table of definitions must have it. Grows with the texts.
struct DefinitionsInJournal {
  /// Entries up to here lie in an archive, and the table has nothing of them.
  private let base: Int64
  private var first: [[UInt8]: Int64] = [:]

  init(behind base: Int64) { self.base = base }

  mutating func add(_ entry: Entry) {
    if case .defined(_, _, let text) = entry.fact, entry.sequence > base { note(entry.sequence, digest(of: text)) }
  }

  mutating func add(_ other: DefinitionsInJournal) {
    for (digest, sequence) in other.first { note(sequence, digest) }
  }

  private mutating func note(_ sequence: Int64, _ digest: [UInt8]) {
    first[digest] = min(first[digest] ?? .max, sequence)
  }

  /// The first disagreement, in the order of the journal.
  func finding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    var rest = first
    let rows = try Prepared(db, "SELECT digest, seq FROM definitions ORDER BY seq")
    while try rows.step() {
      let (digest, sequence) = (Array(rows.bytes(0)), rows.integer(1))
      let known = rest.removeValue(forKey: digest)
      if known != sequence {
        return AuditFinding(
          min(max(sequence, 1), max(extent.last, 1)),
          .definitions(what: "it says that entry \(sequence) defines a text, and that entry does not, or not first"))
      }
    }
    return rest.values.min().map {
      AuditFinding($0, .definitions(what: "the text that entry \($0) defines is missing"))
    }
  }
}
