import Controller
import Engine
import GRDB
import PipelineModel

extension Database {
  /// Answered requests are only looked at by whoever made them; the newest are kept.
  func forgetOldRequests() throws {
    try execute(
      sql: "DELETE FROM requests WHERE answered IS NOT NULL AND id <= (SELECT max(id) FROM requests) - 10000")
  }

  /// The request's number.
  func add(_ request: Request) throws -> Int64 {
    let stored = try StoredAsk(request.ask)
    try execute(
      sql: "INSERT INTO requests (time, actor, origin, reason, kind, payload) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [
        request.time.milliseconds, request.actor.description, request.origin, request.reason, stored.kind,
        stored.payload,
      ])
    return lastInsertedRowID
  }

  func answer(to request: Int64) throws -> Batch.Answered? {
    let rows = try Prepared(
      cachedBy: self,
      "SELECT run, refusal, entry, first_entry FROM requests WHERE id = ?1 AND answered IS NOT NULL")
    rows.bind(1, request)
    defer { rows.reset() }
    guard try rows.step() else { return nil }
    return Batch.Answered(
      request: request, run: rows.isNull(0) ? nil : RunID(rows.integer(0)), refusal: rows.optionalText(1),
      entry: rows.isNull(2) ? nil : rows.integer(2), firstEntry: rows.isNull(3) ? nil : rows.integer(3))
  }

  func openRequests() throws -> [Request] {
    let rows = try Prepared(
      cachedBy: self,
      "SELECT id, time, actor, origin, reason, kind, payload FROM requests WHERE answered IS NULL ORDER BY id")
    var requests: [Request] = []
    while try rows.step() { requests.append(Request(rows)) }
    return requests
  }
}

extension Request {
  /// One that cannot be read is for the controller to refuse: it must not keep the others from being heard.
  fileprivate init(_ row: Prepared) {
    let stored = StoredAsk(kind: row.text(5), payload: row.text(6))
    let actor = Principal(row.text(2))
    let ask = actor == nil ? nil : try? stored.ask
    self.init(
      id: row.integer(0), time: Timestamp(milliseconds: row.integer(1)), actor: actor ?? .person(row.text(2)),
      origin: row.text(3), reason: row.optionalText(4), ask: ask ?? .unreadable(kind: stored.kind))
  }
}

/// Looks for new requests without reading them again and again: SQLite says whether anybody else wrote at all.
struct RequestPolling {
  private let version: Prepared
  private var seen: Int64?
  private var open: [Request] = []

  init(_ db: Database) throws { version = try Prepared(db, "PRAGMA data_version") }

  mutating func poll(_ db: Database) throws -> [Request] {
    _ = try version.step()
    let current = version.integer(0)
    version.reset()
    if current == seen { return open }
    open = try db.openRequests()
    seen = current
    return open
  }

  mutating func answered(_ answers: [Batch.Answered]) {
    if answers.isEmpty || open.isEmpty { return }
    let done = Set(answers.map(\.request))
    open.removeAll { done.contains($0.id) }
  }
}
