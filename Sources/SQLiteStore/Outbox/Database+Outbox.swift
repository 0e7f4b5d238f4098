import Controller
import GRDB
import PipelineModel

extension Database {
  func post(_ notices: [AddressedNotice], due: Timestamp) throws {
    guard !notices.isEmpty else { return }
    let statement = try cachedStatement(sql: OutboxTable.add)
    for each in notices {
      try statement.execute(arguments: [
        each.notifier, each.notice.key, each.notice.thread, try StoredNotice.text(of: each.notice), due.milliseconds,
      ])
    }
  }

  func dueNotices(at now: Timestamp, limit: Int) throws -> [OutboxItem] {
    let rows = try Row.fetchAll(
      cachedStatement(sql: OutboxTable.due), arguments: [now.milliseconds, limit])
    return rows.compactMap(OutboxItem.init)
  }

  func settle(_ deliveries: [Delivery], at now: Timestamp) throws {
    for delivery in deliveries {
      let (state, due, failure): (OutboxItem.State, Timestamp, String?) =
        switch delivery.outcome {
        case .sent: (.sent, now, nil)
        case .again(let at, let reason): (.waiting, at, reason)
        case .dead(let reason): (.dead, now, reason)
        }
      try execute(
        sql: "UPDATE outbox SET state = ?, tries = tries + 1, due = ?, failure = ?, settled = ? WHERE id = ?",
        arguments: [state.rawValue, due.milliseconds, failure, now.milliseconds, delivery.item])
    }
  }

  /// The newest first.
  func outbox(_ state: OutboxItem.State?, limit: Int) throws -> [OutboxItem] {
    let condition = state.map { "WHERE state = '\($0.rawValue)'" } ?? ""
    let rows = try Row.fetchAll(
      self, sql: "SELECT * FROM outbox \(condition) ORDER BY id DESC LIMIT ?", arguments: [limit])
    return rows.compactMap(OutboxItem.init)
  }

  /// - Parameter items: `nil`: all that were given up.
  /// - Returns: how many are tried again.
  func retry(_ items: [Int64]?) throws -> Int {
    let dead = try Int64.fetchAll(self, sql: "SELECT id FROM outbox WHERE state = 'dead' ORDER BY id")
    let wanted = dead.filter { items?.contains($0) ?? true }
    for id in wanted {
      try execute(
        sql: "UPDATE outbox SET state = 'waiting', tries = 0, due = 0 WHERE id = ?", arguments: [id])
    }
    return wanted.count
  }

  /// Those that were sent are of use for as long as somebody may ask about them: a month.
  func forgetOldNotices() throws {
    try execute(
      sql: "DELETE FROM outbox WHERE state = 'sent' AND settled < (unixepoch() - 30 * 86400) * 1000")
  }
}

extension OutboxItem {
  fileprivate init?(_ row: Row) {
    guard let notice = StoredNotice.notice(of: row["notice"]), let state = State(rawValue: row["state"]) else {
      return nil
    }
    self.init(
      id: row["id"], notifier: row["notifier"], notice: notice, state: state, tries: row["tries"],
      due: Timestamp(milliseconds: row["due"]), failure: row["failure"])
  }
}
