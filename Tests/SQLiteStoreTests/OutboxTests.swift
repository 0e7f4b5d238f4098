import Controller
import Engine
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// Notices become durable with what causes them, come out in order, and stay until somebody has settled them.

@Suite struct OutboxTests {
  private let folder: Folder
  private let now = Timestamp(milliseconds: 1_795_266_300_000)
  init() throws { folder = try Folder() }

  private func notice(_ key: String, run: Int64 = 1, to notifier: String = "chat") -> AddressedNotice {
    AddressedNotice(
      notifier: notifier,
      notice: Notice(
        key: key, thread: "s-\(run)", event: .rollback, severity: .warning, alarm: .firing, run: RunID(run),
        pipeline: "p", service: "shop", environment: "production", version: "v\u{0}7 \"ü\"", time: now,
        title: "title", text: "two\nlines", runbook: "https://x", fields: [.init(name: "a=b", value: "")]))
  }

  private func batch(_ store: DrivingStore, _ notices: [AddressedNotice]) -> Batch {
    let entry = Entry(
      sequence: store.head.sequence + 1, time: now, run: nil, fact: .controllerStarted(epoch: store.head.epoch))
    return Batch(entries: [entry], notices: notices)
  }

  @Test func `what an entry causes is there with it, and after a restart, as it was`() throws {
    let wanted = notice("a")
    var store = try Store.openForDriving(folder.store)
    try store.append(batch(store, [wanted, notice("a", to: "mail")]))
    store.close()
    store = try Store.openForDriving(folder.store)
    let due = try store.due(at: now, limit: 10)
    #expect(due.map(\.notifier) == ["chat", "mail"])
    #expect(due.first?.notice == wanted.notice)
    #expect(due.first?.tries == 0 && due.first?.state == .waiting)
  }

  @Test func `a batch that cannot be written leaves no notice`() throws {
    let store = try Store.openForDriving(folder.store)
    let batch = batch(store, [notice("a")])
    // Another driver has moved the head meanwhile.
    try store.withDatabase { try $0.execute(sql: "UPDATE head SET epoch = epoch + 1") }
    #expect(throws: JournalFailure.self) { try store.append(batch) }
    #expect(try store.due(at: now, limit: 10).isEmpty)
  }

  @Test func `a key is put in once for each notifier`() throws {
    let store = try Store.openForDriving(folder.store)
    for _ in 1...3 { try store.post([notice("a"), notice("a", to: "mail")], at: now) }
    #expect(try store.due(at: now, limit: 10).count == 2)
  }

  @Test func `of one run's notices the next waits for the one before, others do not`() throws {
    let store = try Store.openForDriving(folder.store)
    try store.post([notice("raise"), notice("resolve"), notice("other", run: 2)], at: now)
    #expect(try store.due(at: now, limit: 10).map(\.notice.key) == ["raise", "other"])
    try store.settle([Delivery(item: 1, outcome: .again(at: now + .seconds(4), because: "refused"))], at: now)
    #expect(try store.due(at: now, limit: 10).map(\.notice.key) == ["other"])
    let again = try store.due(at: now + .seconds(4), limit: 10)
    #expect(again.map(\.notice.key) == ["raise", "other"])
    #expect(again.first?.tries == 1 && again.first?.failure == "refused")
    try store.settle([Delivery(item: 1, outcome: .sent)], at: now + .seconds(4))
    #expect(try store.due(at: now + .seconds(4), limit: 10).map(\.notice.key) == ["resolve", "other"])
  }

  @Test func `what was given up waits for somebody, and is then tried anew`() throws {
    let store = try Store.openForDriving(folder.store)
    try store.post([notice("a"), notice("b", run: 2), notice("c", run: 3)], at: now)
    try store.settle(
      [1, 2].map { Delivery(item: $0, outcome: .dead(because: "no such channel")) }
        + [Delivery(item: 3, outcome: .sent)], at: now)
    let reading = try Store.openForReading(folder.store)
    #expect(try reading.outbox(.dead, limit: 10).map(\.id) == [2, 1])
    #expect(try reading.outbox(limit: 10).map(\.state) == [.sent, .dead, .dead])
    #expect(try store.due(at: now + .hours(99), limit: 10).isEmpty)

    let asking = try Store.openForAsking(folder.store)
    #expect(try asking.retry([1, 3, 99]) == 1)
    #expect(try store.due(at: now, limit: 10).map(\.id) == [1])
    #expect(try asking.retry() == 1)
    #expect(try store.due(at: now, limit: 10).map(\.tries) == [0, 0])
  }

  @Test func `a store of before has an outbox once it has been driven`() throws {
    let store = try Store.openForDriving(folder.store)
    try store.withDatabase {
      try $0.execute(
        sql: """
          DROP TABLE outbox; DROP TABLE health;
          DELETE FROM grdb_migrations WHERE identifier LIKE '2 %' OR identifier LIKE '3 %'
          """)
    }
    store.close()
    let failure = #expect(throws: JournalFailure.self) { try Store.openForReading(folder.store) }
    #expect(failure?.description.contains("older Headgate") == true)
    try Store.openForDriving(folder.store).close()
    #expect(try Store.openForReading(folder.store).outbox(limit: 1).isEmpty)
  }

  @Test func `the health of backends is there for whoever looks, while somebody drives`() throws {
    let store = try Store.openForDriving(folder.store)
    let open = BackendHealth(
      port: .metrics, name: "prom", state: .open, since: now, until: now + .seconds(30), reason: "refused")
    let trying = BackendHealth(port: .traffic, name: "prom", state: .halfOpen, since: now)
    try store.note([open, trying])
    let reading = try Store.openForReading(folder.store, following: true)
    #expect(try reading.health() == [open, trying])
    try store.note([BackendHealth(port: .metrics, name: "prom", state: .closed, since: now)])
    #expect(try reading.health() == [trying])
    store.close()
    #expect(try reading.health() == [])
    // The next one holds the lock before it has opened the store: what the last one saw is not taken for its.
    do {
      let lock = try StoreLock(beside: folder.store)
      #expect(try withExtendedLifetime(lock) { (reading.driver != nil, try reading.health()) } == (true, []))
    }
    let next = try Store.openForDriving(folder.store)
    #expect(try reading.health() == [])
    next.close()
  }
}
