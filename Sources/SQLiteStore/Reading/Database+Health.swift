import GRDB
import PipelineModel

extension Database {
  /// Backends that are not simply asked, by port and name.
  func health() throws -> [BackendHealth] {
    try Row.fetchAll(self, sql: "SELECT * FROM health ORDER BY port, name").compactMap { row in
      guard let port = BackendKind.Port(rawValue: row["port"]), let state = BackendHealth.State(rawValue: row["state"])
      else { return nil }
      let until = (row["until"] as Int64?).map { Timestamp(milliseconds: $0) }
      return BackendHealth(
        port: port, name: row["name"], state: state, since: Timestamp(milliseconds: row["since"]), until: until,
        reason: row["reason"])
    }
  }

  /// What one driver has seen says nothing of what the next one will.
  func forgetHealth() throws { try execute(sql: "DELETE FROM health") }

  /// Keeps what changed; what is simply asked again is not kept.
  func note(_ health: [BackendHealth]) throws {
    for each in health {
      try execute(
        sql: "DELETE FROM health WHERE port = ? AND name = ?", arguments: [each.port.rawValue, each.name])
      if each.state == .closed { continue }
      try execute(
        sql: "INSERT INTO health VALUES (?, ?, ?, ?, ?, ?)",
        arguments: [
          each.port.rawValue, each.name, each.state.rawValue, each.since.milliseconds, each.until?.milliseconds,
          each.reason,
        ])
    }
  }
}
