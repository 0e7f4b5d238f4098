package import Controller
import GRDB
package import PipelineModel

/// Which runs a history shows. What is `nil` does not filter.
package struct RunFilter: Hashable, Sendable {
  package var service: String?
  package var environment: String?
  package var status: Set<RunRecord.Status>?
  /// A name, or kind and name: `alice`, `person:alice`.
  package var startedBy: String?
  /// Started at this instant or later.
  package var from: Timestamp?
  /// Started before this instant.
  package var to: Timestamp?
  package var limit: Int?

  package init(
    service: String? = nil, environment: String? = nil, status: Set<RunRecord.Status>? = nil,
    startedBy: String? = nil, from: Timestamp? = nil, to: Timestamp? = nil, limit: Int? = nil
  ) {
    self.service = service
    self.environment = environment
    self.status = status
    self.startedBy = startedBy
    self.from = from
    self.to = to
    self.limit = limit
  }
}

extension Database {
  func run(_ id: RunID) throws -> RunRecord? {
    try Row.fetchOne(self, sql: "\(selectRuns) WHERE runs.id = ?", arguments: [id.number]).map(RunRecord.init(row:))
  }

  func runs(_ filter: RunFilter) throws -> [RunRecord] {
    var conditions: [String] = []
    var arguments = StatementArguments()
    func add(_ condition: String, _ values: [any DatabaseValueConvertible]) {
      conditions.append(condition)
      arguments += StatementArguments(values)
    }
    if let service = filter.service { add("service = ?", [service]) }
    if let environment = filter.environment { add("environment = ?", [environment]) }
    if let from = filter.from { add("started_at >= ?", [from.milliseconds]) }
    if let to = filter.to { add("started_at < ?", [to.milliseconds]) }
    if let who = filter.startedBy {
      add("(started_by = ? OR substr(started_by, instr(started_by, ':') + 1) = ?)", [who, who])
    }
    if let status = filter.status {
      let names = status.map(\.rawValue).sorted()
      add("status IN (\(names.map { _ in "?" }.joined(separator: ", ")))", names)
      // Few are in flight of the many that there have been: found without a look at those that have ended.
      if !status.contains(where: \.hasEnded) { add("runs.id IN (SELECT run FROM progress WHERE ended_at IS NULL)", []) }
    }
    let whether = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    let limit = filter.limit.map { " LIMIT \($0)" } ?? ""
    return try Row.fetchAll(
      self, sql: "\(selectRuns)\(whether) ORDER BY started_at DESC, runs.id DESC\(limit)", arguments: arguments
    ).map(RunRecord.init(row:))
  }
}

private let selectRuns = """
  SELECT id, pipeline, service, environment, version, stable, started_by, started_at, first, status, stage, weight,
    last, ended_at
  FROM runs JOIN progress ON progress.run = runs.id
  """

extension RunRecord {
  fileprivate init(row: Row) throws {
    let id: Int64 = row["id"]
    guard let actor = Principal(row["started_by"]), let status = Status(rawValue: row["status"]) else {
      throw unreadable("runs", "run \(id)")
    }
    let ended: Int64? = row["ended_at"]
    self.init(
      id: RunID(id), pipeline: row["pipeline"],
      target: Target(service: row["service"], environment: row["environment"]),
      version: row["version"], stable: row["stable"], startedBy: actor,
      startedAt: Timestamp(milliseconds: row["started_at"]), status: status, stage: row["stage"],
      weight: Weight(basisPoints: row["weight"]), endedAt: ended.map(Timestamp.init(milliseconds:)),
      first: row["first"],
      last: row["last"])
  }
}
