import Controller
import Engine
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// The index of moments holds exactly the entries that a time line shows, whoever made it, and a period is found in it as
// in the journal. Shown on a store as a controller fills it, against a filter over all of its entries.

@Suite struct TimelineTests {
  private let folder: Folder
  private let entries: [Entry]

  init() throws {
    folder = try Folder()
    entries = try Deployments.fill(folder.store)
  }

  private func expected(_ filter: MomentFilter) -> [Int64] {
    entries.filter { entry in
      guard let run = entry.run, entry.isMoment else { return false }
      let service = run.number.isMultiple(of: 2) ? "search" : "checkout-api"
      return (filter.service ?? service) == service && (filter.environment ?? "production") == "production"
        && (filter.from ?? entry.time) <= entry.time && entry.time < (filter.to ?? .distantFuture)
    }.map(\.sequence)
  }

  private func found(_ filter: MomentFilter) throws -> [Int64] {
    try Store.openForReading(folder.store).moments(filter).map(\.sequence)
  }

  @Test func `moments are those of the service and the period, in order`() throws {
    #expect(expected(MomentFilter()).count > 5)
    #expect(expected(MomentFilter()).count < entries.count)
    let times = [nil] + entries.map(\.time) + [.distantFuture]
    for service in [nil, "search", "checkout-api", "none"] {
      for environment in [nil, "production", "staging"] {
        let whole = MomentFilter(service: service, environment: environment)
        #expect(try found(whole) == expected(whole))
      }
      for from in times {
        let filter = MomentFilter(service: service, from: from, to: entries[entries.count / 2].time)
        #expect(try found(filter) == expected(filter))
      }
    }
  }

  @Test func `a store of an earlier version gets the same index when it is opened for driving`() throws {
    let before = try Store.openForReading(folder.store).moments(MomentFilter())
    let queue = try DatabaseQueue(path: folder.store)
    try queue.write { db in
      try db.execute(
        sql: """
          DROP TABLE moments; DROP TABLE incidents; ALTER TABLE requests DROP COLUMN entry;
          DELETE FROM grdb_migrations WHERE identifier = '4 time line and incidents';
          """)
    }
    try queue.close()
    try Store.openForDriving(folder.store).close()
    #expect(try Store.openForReading(folder.store).moments(MomentFilter()) == before)
  }

  @Test func `moments of runs are found before the table has them, and put into it when a driver takes over`() throws {
    let path = folder.file("steps.db")
    let store = try Store.openForDriving(path)
    var deployments = Deployments(after: store.head)
    let run = deployments.start(1)
    var expected: [Int64] = []
    var lags: Set<Int64> = []
    for step in 1...600 {
      if step.isMultiple(of: 3) { deployments.rollBack(run) } else { deployments.measure(run, step) }
      let batch = deployments.take()
      try store.append(batch)
      expected += batch.entries.filter(\.isMoment).map(\.sequence)
      try store.withDatabase { db in lags.insert(store.tip.sequence - (try db.momentsThrough())) }
      guard step % 97 == 0 else { continue }
      #expect(try Store.openForReading(path).moments(MomentFilter(service: "checkout-api")).map(\.sequence) == expected)
      #expect(try Store.openForReading(path).moments(MomentFilter(service: "search")).isEmpty)
      #expect(try Audit.verify(path).finding == nil)
    }
    #expect(expected.count == 201)
    #expect(lags.max() == RunMoments.most - 1)
    let left = try folder.copy(path, to: "left.db")
    _ = try folder.copy("\(path)-wal", to: "left.db-wal")
    store.close()
    let next = try Store.openForDriving(left)
    try next.withDatabase { db in
      let (rows, reach) = try (Int64.fetchAll(db, sql: "SELECT seq FROM moments ORDER BY seq"), db.momentsThrough())
      #expect(rows == expected)
      #expect(reach == next.tip.sequence)
    }
    next.close()
    #expect(try Audit.verify(left).finding == nil)
  }

  @Test(arguments: ["UPDATE store SET moments = 0", "UPDATE store SET moments = 4611686018427387904"])
  func `a table of moments that is to reach elsewhere is found`(_ sql: String) throws {
    try Store.openForDriving(folder.store).close()
    #expect(try Audit.verify(folder.store).finding == nil)
    try DatabaseQueue(path: folder.store).write { try $0.execute(sql: sql) }
    guard case .timeline = try Audit.verify(folder.store).finding?.kind else {
      return #expect(sql.isEmpty, "a finding of the time line")
    }
  }

  @Test func `a period of a service is found by indices`() throws {
    let queue = try DatabaseQueue(path: folder.store)
    try queue.read { db in
      for isNamed in [true, false] {
        let sql = "EXPLAIN QUERY PLAN \(Database.moments(ofService: isNamed))"
        let plan = try Row.fetchAll(db, sql: sql, arguments: isNamed ? [1, 9, "x"] : [1, 9])
          .map { $0["detail"] as String }
        #expect(plan.allSatisfy { !$0.hasPrefix("SCAN moments") }, "\(plan)")
        #expect(plan.contains { $0.contains("service=? AND seq>? AND seq<?") }, "\(plan)")
      }
    }
  }

  @Test(arguments: [
    "DELETE FROM moments WHERE seq = (SELECT min(seq) FROM moments)",
    "DELETE FROM moments WHERE seq = (SELECT max(seq) FROM moments)", "DELETE FROM moments",
    "UPDATE moments SET seq = seq + 1 WHERE seq = (SELECT max(seq) FROM moments)",
    "UPDATE moments SET service = 'other' WHERE seq = (SELECT min(seq) FROM moments)",
    "UPDATE moments SET environment = 'staging' WHERE seq = (SELECT min(seq) FROM moments)",
    "UPDATE moments SET run = run + 1 WHERE seq = (SELECT min(seq) FROM moments)",
    "UPDATE moments SET run = NULL WHERE seq = (SELECT min(seq) FROM moments)",
    "INSERT INTO moments VALUES ('search', 8, 'production', 2)", "INSERT INTO moments VALUES ('', 9, '', NULL)",
    "INSERT INTO moments VALUES ('search', 900, 'production', 2)",
  ])
  func `an index of moments that was edited is found`(_ sql: String) throws {
    #expect(try Audit.verify(folder.store).finding == nil)
    try DatabaseQueue(path: folder.store).write { try $0.execute(sql: sql) }
    guard case .timeline(let subject, _)? = try Audit.verify(folder.store).finding?.kind else {
      Issue.record("\(sql) was not found")
      return
    }
    #expect(subject.hasPrefix("time lines, entry "))
  }

  @Test(arguments: [
    "DELETE FROM incidents WHERE number = 1", "UPDATE incidents SET title = 'nothing' WHERE number = 2",
    "UPDATE incidents SET services = '[]' WHERE number = 1", "UPDATE incidents SET since = since + 1 WHERE number = 1",
    "UPDATE incidents SET severity = 'minor' WHERE number = 2", "UPDATE incidents SET environment = 'x'",
    "UPDATE incidents SET closed = NULL, ended_at = NULL WHERE number = 1",
    "UPDATE incidents SET closed = opened, ended_at = since WHERE number = 2",
    "UPDATE incidents SET ended_at = ended_at + 1 WHERE number = 1",
    "UPDATE incidents SET opened = opened - 1 WHERE number = 1",
    "INSERT INTO incidents SELECT 9, title, services, environment, severity, since, opened, NULL, NULL FROM incidents LIMIT 1",
  ])
  func `a table of incidents that was edited is found`(_ sql: String) throws {
    let store = try Store.openForDriving(folder.store)
    let first = incident(1, ["search"], since: 1000)
    try write(
      [.opened(first), .opened(incident(2, [], since: 500)), .closed(first, at: Timestamp(milliseconds: 1500))], store)
    store.close()
    #expect(try Audit.verify(folder.store).finding == nil)
    try DatabaseQueue(path: folder.store).write { try $0.execute(sql: sql) }
    guard case .timeline(let subject, _)? = try Audit.verify(folder.store).finding?.kind else {
      Issue.record("\(sql) was not found")
      return
    }
    #expect(subject.hasPrefix("incident "))
  }

  @Test(arguments: [
    nil, "DELETE FROM freezes WHERE number = 1",
    "UPDATE freezes SET until = 5, starts_at = 5, fact = replace(fact, 'no', 'yes')",
    "UPDATE freezes SET declared_by = 'person:eve' WHERE number = 1",
    "UPDATE freezes SET declared_at = declared_at + 1 WHERE number = 2",
    "UPDATE freezes SET declared_because = 'so' WHERE number = 1",
    "UPDATE freezes SET ended = NULL, ended_at = NULL, ended_by = NULL WHERE number = 1",
    "UPDATE freezes SET ended_by = 'person:eve' WHERE number = 1",
    "UPDATE freezes SET ended = declared, ended_at = declared_at, ended_by = declared_by WHERE number = 2",
    "DELETE FROM moments WHERE seq = (SELECT max(seq) FROM moments)",
  ])
  func `freezes, and what met them, are whole, and tables of them that were edited are found`(_ sql: String?) throws {
    func freeze(_ number: Int64) -> Freeze {
      Freeze(
        number: number, title: "no \(number)", services: ["search"], environment: nil, from: entries[3].time, until: nil
      )
    }
    let store = try Store.openForDriving(folder.store)
    let facts: [FreezeFact] = [
      .started(freeze(1)), .started(freeze(2)), .ended(freeze(1)),
      .met(freeze(2), FreezeMeeting("run 9", services: ["search"], environment: "production", .refused)),
      .refused(.end(7), because: "there is none"),
    ]
    try store.append(
      Batch(
        entries: facts.enumerated().map { index, fact in
          Entry(
            sequence: store.head.sequence + 1 + Int64(index), time: store.head.time, run: nil, actor: .person("ann"),
            fact: .freeze(fact))
        }))
    store.close()
    #expect(try Audit.verify(folder.store).finding == nil)
    guard let sql else { return }
    try DatabaseQueue(path: folder.store).write { try $0.execute(sql: sql) }
    guard case .timeline? = try Audit.verify(folder.store).finding?.kind else {
      Issue.record("\(sql) was not found")
      return
    }
  }

  private func write(_ facts: [IncidentFact], _ store: DrivingStore) throws {
    let head = entries.last
    let batch = facts.enumerated().map { index, fact in
      Entry(
        sequence: store.head.sequence + 1 + Int64(index), time: head?.time ?? Timestamp(milliseconds: 0), run: nil,
        actor: .person("alice"), fact: .incident(fact))
    }
    try store.append(Batch(entries: batch))
  }

  private func incident(_ number: Int64, _ services: [String], since: Int64, environment: String? = nil) -> Incident {
    Incident(
      number: number, title: "no \(number)", services: services, environment: environment, severity: .major,
      since: Timestamp(milliseconds: since))
  }

  @Test func `incidents are read as they were written, and a driver knows those that are open`() throws {
    let first = incident(1, ["search"], since: 1000)
    let second = incident(2, [], since: 500)
    let third = incident(3, ["checkout-api", "search"], since: 2000, environment: "staging")
    var store = try Store.openForDriving(folder.store)
    try write(
      [
        .opened(first), .opened(second), .opened(third), .refused(.close(9, at: nil), because: "no"),
        .closed(first, at: Timestamp(milliseconds: 1500)),
      ], store)
    #expect(try store.incidents() == IncidentLog(last: 3, open: [second, third]))
    store.close()
    store = try Store.openForDriving(folder.store)
    #expect(try store.incidents() == IncidentLog(last: 3, open: [second, third]))
    store.close()
    let reading = try Store.openForReading(folder.store)
    func numbers(_ filter: MomentFilter, openOnly: Bool = false) throws -> [Int64] {
      try reading.incidents(filter, openOnly: openOnly).map(\.incident.number)
    }
    #expect(try reading.incidents().map(\.incident) == [second, first, third])
    #expect(try reading.incident(1)?.endedAt == Timestamp(milliseconds: 1500))
    #expect(try reading.incident(4) == nil)
    #expect(try numbers(MomentFilter(service: "search")) == [2, 1, 3])
    #expect(try numbers(MomentFilter(service: "checkout-api", environment: "production")) == [2])
    #expect(try numbers(MomentFilter(), openOnly: true) == [2, 3])
    #expect(try numbers(MomentFilter(from: Timestamp(milliseconds: 1600))) == [2, 3])
    #expect(try numbers(MomentFilter(to: Timestamp(milliseconds: 1000))) == [2])
    let opened = try #require(try reading.incident(1)?.opened)
    #expect(try reading.entry(opened)?.fact == .incident(.opened(first)))
  }
}
