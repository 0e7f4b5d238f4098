import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// A store that cannot be opened says what is wrong with it and how to mend it, and is left as it was.

@Suite struct OpeningTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private func refusals(_ path: String) -> [JournalFailure] {
    [
      { _ = try Store.openForDriving(path) }, { _ = try Store.openForReading(path) },
      { _ = try Store.openForAsking(path) },
    ].compactMap { (open: () throws -> Void) in
      do {
        try open()
        return nil
      } catch {
        return error as? JournalFailure ?? JournalFailure(.unusable, "not a JournalFailure: \(error)")
      }
    }
  }

  @Test func `a missing store is made by a driver and named to the others`() throws {
    let path = folder.file("none.db")
    for open in [{ _ = try Store.openForReading(path) }, { _ = try Store.openForAsking(path) }] {
      let failure = #expect(throws: JournalFailure.self) { try open() }
      #expect(failure?.description.contains("there is no store at \(path). `headgate run` makes one") == true)
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    try Store.openForDriving(path).close()
    #expect(try Store.openForReading(path).head().sequence == 0)
  }

  @Test func `an empty file becomes a store`() throws {
    #expect(FileManager.default.createFile(atPath: folder.store, contents: Data()))
    try Deployments.fill(folder.store)
    #expect(try Store.openForReading(folder.store).runs().count == 5)
  }

  @Test(arguments: [false, true])
  func `a copy of a store in use without its log says what it is`(_ isEmpty: Bool) throws {
    let driving = try Store.openForDriving(folder.store)
    defer { driving.close() }
    let copy = folder.file("copy.db")
    if isEmpty {
      #expect(FileManager.default.createFile(atPath: copy, contents: Data()))
    } else {
      _ = try folder.copy(folder.store, to: "copy.db")
      #expect(try Data(contentsOf: URL(fileURLWithPath: copy)).count > 0)
    }
    for open in [{ _ = try Store.openForReading(copy) }, { _ = try Store.openForAsking(copy) }] {
      let failure = #expect(throws: JournalFailure.self) { try open() }
      let said = failure?.description ?? ""
      #expect(
        said.contains("the store \(copy) \(isEmpty ? "is an empty file" : "has no tables"): either nothing was ever"))
      #expect(said.contains("or it is a copy of a store in use without the log beside it"))
      #expect(said.hasSuffix("Copy \(copy)-wal of that store with it, or end its controller before copying"))
    }
  }

  @Test func `a directory is refused`() throws {
    let failures = refusals(folder.path)
    #expect(failures.map(\.kind) == [.unusable, .unusable, .unusable])
    #expect(
      failures[0].description
        == "\(folder.path) is a directory, not a store. Name a file in it, for example \(folder.path)/headgate.db")
  }

  @Test func `a folder that does not exist is refused`() throws {
    let failure = #expect(throws: JournalFailure.self) { _ = try Store.openForDriving(folder.file("no/such.db")) }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.description.contains("No such file or directory. The folder must exist") == true)
  }

  @Test func `a folder that cannot be written is refused`() throws {
    let failure = #expect(throws: JournalFailure.self) { _ = try Store.openForDriving("/proc/self/headgate.db") }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.description.contains("The folder must exist and be writable") == true)
  }

  @Test(arguments: [19, 9000])
  func `a file that is no database is refused and left alone`(_ length: Int) throws {
    let text = String(repeating: "x", count: length)
    try text.write(toFile: folder.store, atomically: true, encoding: .utf8)
    let failures = refusals(folder.store)
    #expect(failures.map(\.kind) == [.unusable, .unusable, .unusable])
    for failure in failures { #expect(failure.description.contains("it is no SQLite database. Nothing was changed")) }
    #expect(try String(contentsOfFile: folder.store, encoding: .utf8) == text)
  }

  @Test func `a database of another program is refused and left alone`() throws {
    try DatabaseQueue(path: folder.store).write { try $0.execute(sql: "CREATE TABLE songs (name TEXT)") }
    let before = try Data(contentsOf: URL(fileURLWithPath: folder.store))
    let failures = refusals(folder.store)
    #expect(failures.count == 3)
    for failure in failures { #expect(failure.description.contains("of another program, not a Headgate store")) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.store)) == before)
  }

  @Test func `a store of a newer Headgate is refused by the name of what it has`() throws {
    try Deployments.fill(folder.store)
    try DatabaseQueue(path: folder.store).write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 quantum journal')")
    }
    let failures = refusals(folder.store)
    #expect(failures.map(\.kind) == [.unusable, .unusable, .unusable])
    for failure in failures {
      #expect(failure.description.contains("written by a newer Headgate (it has \"9 quantum journal\")"))
    }
  }

  @Test func `a journal whose end was tampered with is not driven`() throws {
    for sql in [
      "UPDATE head SET hash = zeroblob(32)", "UPDATE head SET seq = seq - 1",
      "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
      "UPDATE journal SET entry = replace(entry, 'alice', 'mallory') WHERE seq = (SELECT max(seq) FROM journal)",
      "UPDATE journal SET hash = zeroblob(32) WHERE seq = (SELECT max(seq) FROM journal)",
      "DELETE FROM head",
    ] {
      let path = folder.file("\(UUID().uuidString).db")
      let store = try Store.openForDriving(path)
      var deployments = Deployments(after: store.head)
      deployments.start(1)
      try store.append(deployments.take())
      store.close()
      try DatabaseQueue(path: path).write {
        try $0.execute(sql: "DROP TRIGGER journal_never_changes; DROP TRIGGER journal_never_shrinks; \(sql)")
      }
      let failure = #expect(throws: JournalFailure.self, "\(sql)") { _ = try Store.openForDriving(path) }
      #expect(failure?.description.contains("was changed by something else than Headgate") == true)
    }
  }

  @Test func `a copy without its log is read where nothing can be written beside it`() throws {
    let written = try Deployments.fill(folder.store)
    let copy = try folder.copy(folder.store, to: "copy %20?#.db")
    let reading = try Store.openForReading(copy)
    #expect(try reading.head().sequence == Int64(written.count))
    #expect(!FileManager.default.fileExists(atPath: copy + "-wal"))
    #expect(!FileManager.default.fileExists(atPath: copy + "-shm"))
  }

  @Test func `a reader sees what a driver has committed while it drives`() throws {
    let store = try Store.openForDriving(folder.store)
    let reading = try Store.openForReading(folder.store)
    var deployments = Deployments(after: store.head)
    let run = deployments.start(1)
    try store.append(deployments.take())
    #expect(try reading.run(run) == deployments.records[run])
    for step in 1...10 {
      deployments.measure(run, step)
      try store.append(deployments.take())
      #expect(try reading.entries(of: run).count == step + 1)
    }
    #expect(reading.driver?.process == getpid())
    store.close()
    #expect(reading.driver == nil)
  }
}
