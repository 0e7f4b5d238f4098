import Controller
import Engine
import GRDB
import PipelineModel

/// What the journal says last of each target. Grows with the targets, not with the journal.
struct TargetsInJournal {
  private var last: [Target: (sequence: Int64, record: TargetRecord)] = [:]

  mutating func add(_ entry: Entry) {
    for case .recorded(let record) in entry.decisions { add(record, entry.sequence) }
  }

  mutating func add(_ other: TargetsInJournal) {
    for known in other.last.values { add(known.record, known.sequence) }
  }

  private mutating func add(_ record: TargetRecord, _ sequence: Int64) {
    if let known = last[record.target], known.sequence > sequence { return }
    last[record.target] = (sequence, record)
  }

  /// The first disagreement of the table of targets with the journal, in the order of their names.
  func finding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    var rest = last
    let rows = try Prepared(db, StoredTarget.query)
    while try rows.step() {
      let target = Target(service: rows.text(0), environment: rows.text(1))
      guard let known = rest.removeValue(forKey: target) else {
        // What was said of it may lie in an archive that is not looked at.
        if extent.meaning.start > 0 { continue }
        return finding(target, max(extent.last, 1), "the journal says nothing of it")
      }
      let stored = StoredTarget(
        stable: rows.text(2), reverted: rows.text(3), live: rows.text(4), spent: rows.text(5))
      guard let record = try? stored.record(of: target), record == known.record else {
        return finding(target, known.sequence, "it is not what entry \(known.sequence) says")
      }
    }
    let missing = rest.min { $0.value.sequence < $1.value.sequence }
    return missing.map { finding($0.key, $0.value.sequence, "it is missing there") }
  }

  private func finding(_ target: Target, _ sequence: Int64, _ what: String) -> AuditFinding {
    AuditFinding(sequence, .targets(target, what: what))
  }
}
