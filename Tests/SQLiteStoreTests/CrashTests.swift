import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// Whatever stops a write, the store holds whole batches: those that were committed, in order, and nothing of another.

@Suite struct CrashTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  @Test func `a log cut off anywhere leaves a whole prefix of the batches`() throws {
    let store = try Store.openForDriving(folder.store)
    var deployments = Deployments(after: store.head)
    var ends: Set<Int64> = [0]
    let run = deployments.start(1)
    for step in 1...12 {
      for _ in 0...step % 3 { deployments.measure(run, step) }
      let batch = deployments.take()
      try store.append(batch)
      ends.insert(batch.entries.last?.sequence ?? 0)
    }
    // What a power cut at this moment would leave, with the log as long as it came to be.
    let log = try Data(contentsOf: URL(fileURLWithPath: folder.store + "-wal"))
    let file = try Data(contentsOf: URL(fileURLWithPath: folder.store))
    var seen: Set<Int64> = []
    for length in Array(stride(from: 0, to: log.count, by: 1999)) + [log.count] {
      let path = folder.file("crash-\(length).db")
      try file.write(to: URL(fileURLWithPath: path))
      try log.prefix(length).write(to: URL(fileURLWithPath: path + "-wal"))
      // A log cut off before the first commit leaves no tables at all: a new store.
      let reopened = try Store.openForDriving(path)
      #expect(ends.contains(reopened.head.sequence))
      seen.insert(reopened.head.sequence)
      reopened.close()
      #expect(try Audit.verify(path).isWhole, "log of \(length) bytes")
      for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
    #expect(seen == ends)
  }

  @Test func `a log with a flipped byte leaves a whole prefix of the batches`() throws {
    try Deployments.fill(folder.store, runs: 2, steps: 1)
    let store = try Store.openForDriving(folder.store)
    var deployments = Deployments(after: store.head)
    let run = deployments.start(store.head.run + 1)
    for step in 1...4 {
      deployments.measure(run, step)
      try store.append(deployments.take())
    }
    let log = try Data(contentsOf: URL(fileURLWithPath: folder.store + "-wal"))
    let file = try Data(contentsOf: URL(fileURLWithPath: folder.store))
    for position in stride(from: 0, to: log.count, by: 4001) {
      let path = folder.file("flip-\(position).db")
      var changed = log
      changed[position] ^= 0x20
      try file.write(to: URL(fileURLWithPath: path))
      try changed.write(to: URL(fileURLWithPath: path + "-wal"))
      let reopened = try Store.openForDriving(path)
      #expect(store.head.sequence...deployments.sequence ~= reopened.head.sequence)
      reopened.close()
      #expect(try Audit.verify(path).isWhole, "byte \(position) of the log")
    }
  }

  @Test func `a full disk refuses the batch and nothing of it is there; the same batch goes in later`() throws {
    let store = try Store.openForDriving(folder.store)
    var deployments = Deployments(after: store.head)
    let run = deployments.start(1)
    try store.append(deployments.take())
    for step in 1...2000 { deployments.measure(run, step) }
    let request = try Store.openForAsking(folder.store).make(
      Request(time: deployments.time, actor: .person("alice"), origin: "cli", reason: nil, ask: .act(run, .pause)))
    deployments.answer(request, run)
    let batch = deployments.take()
    try store.withDatabase { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      try db.execute(sql: "PRAGMA max_page_count = \(pages + 5)")
    }
    for _ in 0..<2 {
      let failure = #expect(throws: JournalFailure.self) { try store.append(batch) }
      #expect(failure?.kind == .unavailable)
      #expect(failure?.description.contains("the disk is full. Nothing was; make room") == true)
      #expect(try store.entries(of: run).count == 1)
      #expect(try store.requests().map(\.id) == [request])
      #expect(try Audit.verify(folder.store).entries == 1)
    }
    try store.withDatabase { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
    try store.append(batch)
    #expect(try store.entries(of: run).count == 2001)
    #expect(try store.requests() == [])
    #expect(try Audit.verify(folder.store).isWhole)
  }

  @Test func `another process that holds the store for long makes it unavailable, not damaged`() throws {
    let store = try Store.openForDriving(folder.store)
    var deployments = Deployments(after: store.head)
    deployments.start(1)
    let batch = deployments.take()
    let other = try DatabaseQueue(path: folder.store)
    try store.withDatabase { try $0.execute(sql: "PRAGMA busy_timeout = 1") }
    try other.writeWithoutTransaction { db in
      try db.execute(sql: "BEGIN IMMEDIATE")
      let failure = #expect(throws: JournalFailure.self) { try store.append(batch) }
      #expect(failure?.kind == .unavailable)
      #expect(failure?.description.contains("locked by another process") == true)
      try db.execute(sql: "ROLLBACK")
    }
    try store.append(batch)
    #expect(try Audit.verify(folder.store).entries == 1)
  }
}
