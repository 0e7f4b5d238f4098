import Controller
import Foundation
import PipelineModel
import Testing

@testable import SQLiteStore

// The write-ahead log is as long as it will get from the start, and what is in it survives that.

@Suite struct LogTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  @Test func `the log is reserved when a store is opened for driving, and given back when it is closed`() throws {
    let store = try Store.openForDriving(folder.store)
    let log = folder.store + "-wal"
    let length = try #require(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int)
    #expect(length >= 4_000_000)
    var deployments = Deployments(after: store.head)
    deployments.start(1)
    try store.append(deployments.take())
    #expect(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int == length)
    store.close()
    #expect(!FileManager.default.fileExists(atPath: log))
  }

  @Test func `what a killed driver left in the log is there for the next one, zeros behind it or not`() throws {
    let store = try Store.openForDriving(folder.store)
    var deployments = Deployments(after: store.head)
    for run in 1...5 as ClosedRange<Int64> { deployments.start(run) }
    try store.append(deployments.take())
    let head = try Store.openForReading(folder.store).head().sequence
    // The files as a kill leaves them: copied while the store is open.
    let copy = folder.store + ".copy"
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: folder.store + suffix, toPath: copy + suffix)
    }
    store.close()
    for _ in 1...2 {
      let next = try Store.openForDriving(copy)
      #expect(next.head.sequence == head)
      var runs = 0
      try next.unfinished { _, _ in runs += 1 }
      #expect(runs == 5)
      next.close()
    }
  }
}
