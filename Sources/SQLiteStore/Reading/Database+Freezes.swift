package import Controller
package import Engine
import GRDB
package import PipelineModel

/// A freeze as the read model has it.
package struct FreezeRecord: Hashable, Sendable {
  package var freeze: Freeze
  package var declared: Act
  /// Somebody ended it, or called it off; `nil`: it has come, or will come, to the end that was declared.
  package var ended: Act?

  /// Who declared or ended it, and when.
  package struct Act: Hashable, Sendable {
    package var sequence: Int64
    package var time: Timestamp
    package var actor: Principal
    package var reason: String?
  }

  /// When it was over, or will be; `nil`: nobody knows yet. Never before it began.
  package var end: Timestamp? { ended.map { max($0.time, freeze.from) } ?? freeze.until }

  package func isInForce(at now: Timestamp) -> Bool { freeze.from <= now && end.map { now < $0 } ?? true }
}

extension Database {
  /// What a controller goes by.
  func freezeLog() throws -> FreezeLog {
    let records = try freezes(MomentFilter())
    return FreezeLog(
      last: records.map(\.freeze.number).max() ?? 0, standing: records.filter { $0.ended == nil }.map(\.freeze))
  }

  /// In the order in which they begin.
  func freezes(_ filter: MomentFilter) throws -> [FreezeRecord] {
    let rows = try Row.fetchCursor(self, sql: "SELECT * FROM freezes ORDER BY starts_at, number")
    var records: [FreezeRecord] = []
    while let row = try rows.next() {
      let record = try FreezeRecord(row)
      if record.isShown(by: filter) { records.append(record) }
    }
    return records
  }
}

extension ReadingStore {
  /// Freezes that fit, in the order in which they begin.
  package func freezes(_ filter: MomentFilter = MomentFilter()) throws(JournalFailure) -> [FreezeRecord] {
    try read { try $0.freezes(filter) }
  }

  /// What a decision about freezes goes by.
  package func freezeLog() throws(JournalFailure) -> FreezeLog { try read { try $0.freezeLog() } }
}

extension FreezeRecord {
  fileprivate func isShown(by filter: MomentFilter) -> Bool {
    guard filter.includes(freeze.services, in: freeze.environment) else { return false }
    if let to = filter.to, freeze.from >= to { return false }
    if let from = filter.from, let end, end < from { return false }
    return true
  }

  fileprivate init(_ row: Row) throws {
    let number: Int64 = row["number"]
    guard case .freeze(.started(let freeze))? = try? Fact(canonicalText: row["fact"]), freeze.number == number,
      let by = Principal(row["declared_by"])
    else { throw unreadable("freezes", "freeze \(number)") }
    self.freeze = freeze
    declared = Act(
      sequence: row["declared"], time: Timestamp(milliseconds: row["declared_at"]), actor: by,
      reason: row["declared_because"])
    guard let sequence: Int64 = row["ended"] else { return }
    guard let by = (row["ended_by"] as String?).flatMap({ Principal($0) }) else {
      throw unreadable("freezes", "freeze \(number)")
    }
    ended = Act(
      sequence: sequence, time: Timestamp(milliseconds: row["ended_at"]), actor: by, reason: row["ended_because"])
  }
}
