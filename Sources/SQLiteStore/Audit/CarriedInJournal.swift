import Controller
import Engine
import GRDB
import PipelineModel
import Proofs

/// The entries that were carried forward out of archives, as the journal has them: each must be what the tree has at its
/// place, also where the archive is not looked at. Grows with these entries.
struct CarriedInJournal {
  private struct Carrier {
    var sequence: Int64
    var leaf: TreeHash
    var way: [TreeHash]
  }

  /// By the numbers of the old entries; the newest.
  private var carriers: [Int64: Carrier] = [:]
  private var broken: AuditFinding?

  /// - Returns: the old entry; `nil`: what is carried is none.
  mutating func add(_ carried: CarriedEntry, at sequence: Int64) -> Entry? {
    let text = Array(carried.text.utf8)
    guard let way = carried.way, let entry = try? Entry(canonical: text), entry.sequence == carried.original else {
      let finding = AuditFinding(sequence, .carried(of: carried.original, what: "it is no entry as Headgate writes it"))
      if sequence < broken?.sequence ?? .max { broken = finding }
      return nil
    }
    note(Carrier(sequence: sequence, leaf: .leaf(text), way: way), of: carried.original)
    return entry
  }

  mutating func add(_ other: CarriedInJournal) {
    for (original, carrier) in other.carriers { note(carrier, of: original) }
    broken = [broken, other.broken].compactMap(\.self).min { $0.sequence < $1.sequence }
  }

  private mutating func note(_ carrier: Carrier, of original: Int64) {
    if let known = carriers[original], known.sequence > carrier.sequence { return }
    carriers[original] = carrier
  }

  /// The first that is not what lies in the archive, or that the table says otherwise of.
  func finding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    if let broken { return broken }
    let tree = try StoredTree(db, EntrySource(db))
    for (original, carrier) in carriers.sorted(by: { $0.value.sequence < $1.value.sequence }) {
      if let what = wrong(original, carrier, tree, extent) {
        return AuditFinding(carrier.sequence, .carried(of: original, what: what))
      }
    }
    return try tableFinding(db, extent)
  }

  private func wrong(
    _ original: Int64, _ carrier: Carrier, _ tree: StoredTree, _ extent: JournalExtent
  ) -> String? {
    guard let segment = extent.archived.holding(original)?.segment else { return "that lies in no archive" }
    let row = (original - 1) / StoredTree.leavesOfARow
    guard let root = [UInt8](hex: segment.root).flatMap({ TreeHash($0) }),
      let rest = try? tree.way(fromRow: row, size: segment.last)
    else { return "the table of subtrees does not lead from there to the root of its segment" }
    let holds = TreeHash.verifies(
      inclusion: carrier.way + rest, of: carrier.leaf, at: original - 1, size: segment.last, root: root)
    return holds ? nil : "it is not what the tree over the archive has there"
  }

  private func tableFinding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    var rest = carriers.filter { $0.value.sequence > extent.base }
    let rows = try Prepared(db, "SELECT original, seq FROM carried ORDER BY seq")
    while try rows.step() {
      let (original, sequence) = (rows.integer(0), rows.integer(1))
      guard rest.removeValue(forKey: original)?.sequence == sequence else {
        return AuditFinding(sequence, .carried(of: original, what: "the table says so, and the entry does not"))
      }
    }
    let missing = rest.min { $0.value.sequence < $1.value.sequence }
    return missing.map {
      AuditFinding($0.value.sequence, .carried(of: $0.key, what: "the table does not know of it"))
    }
  }
}
