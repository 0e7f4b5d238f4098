import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Synchronization
import Testing

@testable import SQLiteStore

// A store that nobody drives is read as a file that does not change. Commands that drive it for a moment come all the same.

@Suite struct BesideOthersTests {
  private let folder: Folder
  init() throws {
    folder = try Folder()
    try Deployments.fill(folder.store, runs: 9, steps: 300)
    try Self.report(folder.store, 1...2000)
  }

  private static func report(_ path: String, _ numbers: ClosedRange<Int64>) throws {
    let store = try Store.openForDriving(path)
    defer { store.close() }
    let entries = numbers.enumerated().map { index, number in
      let incident = Incident(
        number: number, title: "no \(number)", services: ["shop"], environment: nil, severity: .major,
        since: store.head.time)
      return Entry(
        sequence: store.head.sequence + 1 + Int64(index), time: store.head.time, run: nil, actor: .person("ada"),
        origin: "test", fact: .incident(.opened(incident)))
    }
    try store.append(Batch(entries: entries))
  }

  /// Drives the store for a moment, and reports an incident: many pages of the file become others.
  private static func drive(_ path: String, _ run: Int64) throws {
    do {
      let store = try Store.openForDriving(path)
      defer { store.close() }
      var deployments = Deployments(after: store.head)
      let id = deployments.start(run)
      for step in 1...300 { deployments.measure(id, step) }
      try store.append(deployments.take())
    }
    try report(path, (2000 + run)...(2000 + run))
  }

  private func drive(_ run: Int64) throws { try Self.drive(folder.store, run) }

  private var files: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("headgate.db") }.sorted()
    }
  }

  @Test func `an audit beside somebody who drives for a moment finds the log whole`() throws {
    #expect(!FileManager.default.fileExists(atPath: folder.store + "-wal"))
    let next = Mutex<Int64>(10)
    let failure = Mutex<(any Error)?>(nil)
    let path = folder.store
    let report = try Audit.verify(path, workers: 2) { _, _ in
      // Once in each of the readings that are tried.
      let run = next.withLock { next in
        defer { next += 1 }
        return next
      }
      guard run < 14 else { return }
      do { try Self.drive(path, run) } catch { failure.withLock { $0 = error } }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    #expect(report.isWhole, "\(report.finding.map { "\($0)" } ?? "")")
    #expect(try Audit.verify(folder.store).isWhole)
    #expect(try files == ["headgate.db", "headgate.db.lock"])
  }

  @Test func `a list goes on beside somebody who drives for a moment, and has each entry once`() throws {
    let reading = try Store.openForReading(folder.store)
    let last = try reading.head().sequence
    var seen: [Int64] = []
    try reading.forEachEntry(EntryFilter()) { line in
      seen.append(line.entry.sequence)
      if seen.count.isMultiple(of: 2000) { try drive(10 + Int64(seen.count / 2000)) }
      return true
    }
    #expect(seen == Array(1...last))
  }

  @Test func `who looks again sees what was done meanwhile, and never half of it`() throws {
    let reading = try Store.openForReading(folder.store)
    let before = try reading.head()
    #expect(try reading.runs(RunFilter(limit: 100)).count == 9)
    try drive(10)
    #expect(try reading.runs(RunFilter(limit: 100)).count == 10)
    #expect(try reading.head().sequence == before.sequence + 302)
    try drive(11)
    #expect(try reading.entries(of: RunID(11)).count == 301)
  }

  @Test func `in the midst of a reading somebody drives, and the reading is of one commit`() throws {
    let reading = try Store.openForReading(folder.store)
    var tries = 0
    let counts = try reading.read { db in
      let runs = try Int.fetchOne(db, sql: "SELECT count(*) FROM runs")
      tries += 1
      if tries == 1 { try drive(10) }
      return [runs, try Int.fetchOne(db, sql: "SELECT max(seq) FROM journal")]
    }
    #expect(try counts == [10, Int(reading.head().sequence)] && tries == 2)
  }
}
