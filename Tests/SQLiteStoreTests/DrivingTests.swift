import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// What a controller writes is there when the store is opened again, and is found by every way that leads to it.

@Suite struct DrivingTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  @Test func `entries come back as they were written, run by run`() throws {
    let written = try Deployments.fill(folder.store)
    let store = try Store.openForDriving(folder.store)
    for run in (1...5).map({ RunID($0) }) {
      #expect(try store.entries(of: run) == written.filter { $0.run == run })
    }
    #expect(try store.entries(of: RunID(99)) == [])
    for entry in written { #expect(try store.entry(entry.sequence) == entry) }
    #expect(try store.entry(0) == nil)
    #expect(try store.entry(Int64(written.count + 1)) == nil)
  }

  @Test func `the head goes on where the journal ended, in a new epoch of the same store`() throws {
    var store = try Store.openForDriving(folder.store)
    let first = store.head
    #expect(
      first
        == JournalHead(
          sequence: 0, time: Timestamp(milliseconds: 0), run: 0, epoch: 1, store: first.store, purpose: "real"))
    #expect(first.store.count == 16)
    store.close()
    let written = try Deployments.fill(folder.store)
    store = try Store.openForDriving(folder.store)
    let last = try #require(written.last)
    #expect(
      store.head
        == JournalHead(sequence: last.sequence, time: last.time, run: 5, epoch: 3, store: first.store, purpose: "real"))
  }

  @Test func `runs in flight come back in order of number with all their facts, whichever way they are read`() throws {
    // Run 1 and 400 are far apart: links are walked. Runs 1 to 40 side by side: one pass.
    for (runs, ended) in [(40, 0), (40, 39), (400, 398)] as [(Int64, Int64)] {
      let path = folder.file("\(runs)-\(ended).db")
      var store = try Store.openForDriving(path)
      var deployments = Deployments(after: store.head)
      var written: [Entry] = []
      let ids = (1...runs).map { deployments.start($0) }
      for step in 1...5 { for id in ids { deployments.measure(id, step) } }
      for id in ids.dropFirst().prefix(Int(ended)) { deployments.end(id) }
      let batch = deployments.take()
      written += batch.entries
      try store.append(batch)
      store.close()
      store = try Store.openForDriving(path)
      var found: [RunID: [RunFact]] = [:]
      var places: [Int: RunID] = [:]
      try store.unfinished { place, fact in
        places[place] = fact.run
        found[fact.run, default: []].append(fact)
      }
      let expected = ids.filter { deployments.records[$0]?.endedAt == nil }
      #expect(places == Dictionary(uniqueKeysWithValues: zip(0..., expected)))
      for run in expected { #expect(found[run] == written.filter { $0.run == run }.compactMap { RunFact($0) }) }
    }
  }

  @Test func `runs in flight whose entries are not all there are not taken up`() throws {
    for runs in [3, 400] as [Int64] {
      let path = folder.file("\(runs) damaged.db")
      let store = try Store.openForDriving(path)
      var deployments = Deployments(after: store.head)
      let ids = (1...runs).map { deployments.start($0) }
      for step in 1...5 { for id in ids { deployments.measure(id, step) } }
      for id in ids.dropFirst(3) { deployments.end(id) }
      try store.append(deployments.take())
      // The second look of run 2.
      let missing = 2 * runs + 2
      try store.withDatabase { db in
        try db.execute(sql: "DROP TRIGGER journal_never_shrinks")
        try db.execute(sql: "DELETE FROM journal WHERE seq = ?", arguments: [missing])
      }
      #expect(throws: JournalFailure.self) { try store.unfinished { _, _ in } }
    }
  }

  @Test func `the journal can be read while runs in flight are taken up, as a controller does`() throws {
    let path = folder.store
    var store = try Store.openForDriving(path)
    var deployments = Deployments(after: store.head)
    let runs = [deployments.start(1), deployments.start(2)]
    try store.append(deployments.take())
    store.close()
    store = try Store.openForDriving(path)
    var taken: [RunID] = []
    try store.unfinished { _, fact in
      taken.append(fact.run)
      let (first, all) = (try store.entry(fact.sequence), try store.entries(of: fact.run))
      #expect(first.flatMap { RunFact($0) } == fact)
      #expect(all.map(\.sequence) == [fact.sequence])
      let definition = try store.definition(of: "never written")
      #expect(definition == nil)
    }
    #expect(taken == runs)
  }

  @Test func `a promoted run that is rolled back after all is in flight again`() throws {
    let store = try Store.openForDriving(folder.store)
    let reading = try Store.openForReading(folder.store)
    var deployments = Deployments(after: store.head)
    let run = deployments.start(1)
    func inFlight() throws -> [RunID] {
      var runs: Set<RunID> = []
      try store.unfinished { _, fact in runs.insert(fact.run) }
      return runs.sorted()
    }
    for (change, expected) in [
      ({ _ in }, [run]), ({ $0.end(run) }, []), ({ $0.rollBack(run) }, [run]), ({ $0.measure(run, 1) }, [run]),
      ({ $0.end(run, .rolledBack) }, []),
    ] as [((inout Deployments) -> Void, [RunID])] {
      change(&deployments)
      try store.append(deployments.take())
      #expect(try inFlight() == expected)
      #expect(try reading.run(run) == deployments.records[run])
    }
  }

  @Test func `every commit is synced: synchronous reads FULL, the journal mode is WAL`() throws {
    let store = try Store.openForDriving(folder.store)
    try store.withDatabase { db in
      let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
      let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode")
      #expect(synchronous == 2)
      #expect(mode == "wal")
    }
  }

  @Test func `a definition is found by its very text`() throws {
    let store = try Store.openForDriving(folder.store)
    var deployments = Deployments(after: store.head)
    let first = deployments.define("pipeline: a")
    let second = deployments.define("pipeline: b")
    deployments.define("pipeline: a")
    try store.append(deployments.take())
    #expect(try store.definition(of: "pipeline: a") == first)
    #expect(try store.definition(of: "pipeline: b") == second)
    #expect(try store.definition(of: "pipeline: c") == nil)
  }

  @Test func `targets keep their lists, and the newest record replaces the one before`() throws {
    let store = try Store.openForDriving(folder.store)
    var deployments = Deployments(after: store.head)
    let target = Target(service: "checkout \"api\"", environment: "prod'uction")
    deployments.put(TargetRecord(target: target))
    let record = TargetRecord(
      target: target, stable: [.init(version: "v1", run: RunID(1)), .init(version: "ü/2", run: RunID(2))],
      reverted: ["v3"], live: [.init(route: RouteName(router: "edge", route: "checkout"), slot: .green)])
    deployments.put(record)
    deployments.put(TargetRecord(target: Target(service: "a", environment: "z"), reverted: [""]))
    try store.append(deployments.take())
    #expect(try store.targets().map(\.target.service) == ["a", "checkout \"api\""])
    #expect(try store.targets().last == record)
  }

  @Test func `the journal refuses changes and removals`() throws {
    try Deployments.fill(folder.store)
    let queue = try DatabaseQueue(path: folder.store)
    for (sql, word) in [
      ("UPDATE journal SET entry = '{}' WHERE seq = 3", "changed"),
      ("UPDATE journal SET seq = 300 WHERE seq = 3", "changed"),
      ("DELETE FROM journal WHERE seq = 3", "removed"), ("DELETE FROM journal", "removed"),
    ] {
      let error = #expect(throws: DatabaseError.self) { try queue.write { try $0.execute(sql: sql) } }
      #expect(error?.message == "the journal is append-only: an entry cannot be \(word)")
    }
    let store = try Store.openForDriving(folder.store)
    try store.withDatabase { db in
      _ = #expect(throws: DatabaseError.self) {
        try db.execute(sql: "INSERT OR REPLACE INTO journal VALUES (3, '{}', zeroblob(32))")
      }
    }
  }
}
