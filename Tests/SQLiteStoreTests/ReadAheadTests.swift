import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// A store that is only read is read many pages at a time, and nothing else is different: whoever reads sees what is there
// when it begins, whatever was written since it last did.

@Suite struct ReadAheadTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  @Test func `one who reads again and again sees every commit, also those that were folded into the file`() throws {
    let store = try Store.openForDriving(folder.store)
    defer { store.close() }
    var deployments = Deployments(after: store.head)
    let run = deployments.start(1)
    let reading = try Store.openForReading(folder.store, following: true)
    for round in 1...30 {
      for step in 1...200 { deployments.measure(run, round * 200 + step) }
      try store.append(deployments.take())
      // What the log has goes into the file, under the eyes of whoever read it before.
      if round.isMultiple(of: 3) { try store.withDatabase { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") } }
      var last: Int64 = 0
      try reading.forEachEntry(EntryFilter()) { line in
        #expect(line.entry.sequence == last + 1)
        last = line.entry.sequence
        return true
      }
      #expect(last == store.tip.sequence)
      #expect(try Audit.verify(folder.store).isWhole)
    }
  }

  @Test func `a file that ends in the midst of what would be read ahead is read to its end`() throws {
    let path = folder.file("long.db")
    let entries = try Deployments.fill(path, runs: 5, steps: 900)
    var count = 0
    try Store.openForReading(path).forEachEntry(EntryFilter()) { _ in
      count += 1
      return true
    }
    #expect(count == entries.count)
    #expect(try Audit.verify(path).isWhole)
  }
}
