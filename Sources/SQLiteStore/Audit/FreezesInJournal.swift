import Engine
import GRDB
import PipelineModel

/// What the journal says of freezes, as their table must have it. Grows with the freezes.
struct FreezesInJournal {
  private var declared: [Int64: FreezeRecord] = [:]
  private var ended: [Int64: FreezeRecord.Act] = [:]

  /// Of an entry of the journal, or of one that was carried forward.
  mutating func add(_ entry: Entry) {
    guard case .freeze(let fact) = entry.fact else { return }
    let act = FreezeRecord.Act(
      sequence: entry.sequence, time: entry.time, actor: entry.actor, reason: entry.reason)
    switch fact {
    case .started(let freeze): declared[freeze.number] = FreezeRecord(freeze: freeze, declared: act)
    case .ended(let freeze): ended[freeze.number] = act
    case .met, .refused: break
    }
  }

  mutating func add(_ other: FreezesInJournal) {
    declared.merge(other.declared) { first, _ in first }
    ended.merge(other.ended) { first, _ in first }
  }

  /// The first disagreement.
  func finding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    var rest = declared
    guard let rows = try? db.freezes(MomentFilter()) else {
      return AuditFinding(max(extent.last, 1), .timeline("freezes", what: "a row of it cannot be read"))
    }
    for row in rows.sorted(by: { $0.declared.sequence < $1.declared.sequence }) {
      let number = row.freeze.number
      if let what = wrong(row, known: rest.removeValue(forKey: number), ended[number], extent) {
        return finding(number, row.declared.sequence, what)
      }
    }
    let missing = rest.values.min { $0.declared.sequence < $1.declared.sequence }
    return missing.map { finding($0.freeze.number, $0.declared.sequence, "it is missing there") }
  }

  /// What was said of a freeze that is over may lie in an archive that is not looked at.
  private func wrong(
    _ row: FreezeRecord, known: FreezeRecord?, _ end: FreezeRecord.Act?, _ extent: JournalExtent
  ) -> String? {
    let start = extent.meaning.start
    guard let known else {
      return row.ended == nil || row.declared.sequence > start ? "the journal says nothing of it" : nil
    }
    guard known.freeze == row.freeze, known.declared == row.declared else {
      return "it is not what entry \(known.declared.sequence) says"
    }
    return row.ended == end ? nil : "it does not end as the journal says"
  }

  private func finding(_ number: Int64, _ sequence: Int64, _ what: String) -> AuditFinding {
    AuditFinding(max(sequence, 1), .timeline("freeze \(number)", what: what))
  }
}
