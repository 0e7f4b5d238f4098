import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// Where the head stands: with the progress of runs, on one page with the newest; and how it comes there from a store of
// before.

@Suite struct HeadTests {
  private let folder: Folder
  private let now = Timestamp(milliseconds: 1_795_266_300_000)
  init() throws { folder = try Folder() }

  /// A store as it was left when the head was a table of its own.
  private func older() throws -> (path: String, entry: Entry) {
    let path = folder.file("older.db")
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
    try Schema.migrator.migrate(queue, upTo: "7 spent budgets of targets")
    let entry = Entry(sequence: 1, time: now, run: nil, fact: .controllerStarted(epoch: 3))
    let bytes = entry.canonical
    let hash = bytes.withUnsafeBytes { ChainHash.origin.next($0) }.withUnsafeBytes { Array($0) }
    try queue.write { db in
      try db.execute(
        sql: "INSERT INTO journal VALUES (1, ?, ?)",
        arguments: [String(decoding: bytes, as: UTF8.self), Data(hash)])
      try db.execute(sql: "UPDATE head SET seq = 1, hash = ?, epoch = 3", arguments: [Data(hash)])
    }
    try queue.close()
    return (path, entry)
  }

  @Test func `a store of before is taken over where it was`() throws {
    let (path, entry) = try older()
    let store = try Store.openForDriving(path)
    #expect(store.head.sequence == 1)
    #expect(store.head.epoch == 4)
    #expect(try store.entry(1) == entry)
    try store.append(
      Batch(entries: [Entry(sequence: 2, time: now, run: nil, fact: .controllerStarted(epoch: 4))]))
    store.close()
    let report = try Audit.verify(path)
    #expect(report.isWhole)
    #expect(report.entries == 2)
  }

  @Test func `a head that was wrong before is wrong afterwards`() throws {
    let (path, _) = try older()
    try DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE head SET seq = 2") }
    #expect(throws: JournalFailure.self) { _ = try Store.openForDriving(path) }
    #expect(try Audit.verify(path).finding == AuditFinding(2, .cutOff(head: 2, last: 1)))
  }

  @Test func `a step of the newest run writes two pages, however many there are`() throws {
    let store = try Store.openForDriving(folder.store)
    var deployments = Deployments(after: store.head)
    for number in 1...400 { _ = deployments.start(Int64(number)) }
    let run = deployments.start(401)
    try store.append(deployments.take())
    var pages: [Int] = []
    for step in 1...20 {
      // What is in the file begins the log anew, so that it holds what the step writes and nothing else.
      try store.withDatabase { _ = try $0.checkpoint(.passive) }
      deployments.measure(run, step)
      try store.append(deployments.take())
      try store.withDatabase { pages.append(try $0.checkpoint(.passive).walFrameCount) }
    }
    // Now and then the journal begins a page, and a page above says so.
    #expect(pages.sorted()[10] == 2, "\(pages)")
  }
}
