package import Engine
import GRDB
package import PipelineModel

/// An incident as the read model has it.
package struct IncidentRecord: Hashable, Sendable {
  package var incident: Incident
  /// Sequence number of the entry that opened it.
  package var opened: Int64
  /// Sequence number of the entry that closed it, and when it was over; `nil`: it is open.
  package var closed: Int64?
  package var endedAt: Timestamp?
}

extension Database {
  func incidentLog() throws -> IncidentLog {
    let last = try Int64.fetchOne(self, sql: "SELECT max(number) FROM incidents") ?? 0
    let open = try incidents(openOnly: true)
    return IncidentLog(last: last, open: open.map(\.incident))
  }

  func incident(_ number: Int64) throws -> IncidentRecord? {
    let rows = try Prepared(self, "\(select) WHERE number = ?1")
    rows.bind(1, number)
    defer { rows.reset() }
    return try rows.step() ? IncidentRecord(rows) : nil
  }

  /// In the order in which they began.
  func incidents(_ filter: MomentFilter = MomentFilter(), openOnly: Bool = false) throws -> [IncidentRecord] {
    let open = openOnly ? " AND closed IS NULL" : ""
    let rows = try Prepared(
      self, "\(select) WHERE since < ?1 AND coalesce(ended_at, ?3) >= ?2\(open) ORDER BY since, number")
    rows.bind(1, filter.to?.milliseconds ?? .max)
    rows.bind(2, filter.from?.milliseconds ?? .min)
    rows.bind(3, .max)
    var records: [IncidentRecord] = []
    while try rows.step() {
      let record = try IncidentRecord(rows)
      if filter.includes(record.incident.services, in: record.incident.environment) { records.append(record) }
    }
    return records
  }
}

private let select = """
  SELECT number, title, services, environment, severity, since, opened, closed, ended_at FROM incidents
  """

extension IncidentRecord {
  fileprivate init(_ row: Prepared) throws {
    let number = row.integer(0)
    guard let severity = Incident.Severity(rawValue: row.text(4)) else {
      throw unreadable("incidents", "incident \(number)")
    }
    incident = Incident(
      number: number, title: row.text(1), services: try value([String].self, row.text(2)),
      environment: row.optionalText(3), severity: severity, since: Timestamp(milliseconds: row.integer(5)))
    opened = row.integer(6)
    closed = row.isNull(7) ? nil : row.integer(7)
    endedAt = row.isNull(8) ? nil : Timestamp(milliseconds: row.integer(8))
  }
}
