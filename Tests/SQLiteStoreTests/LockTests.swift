import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// One store, one driver: a second is refused with the name of the first, a killed one leaves the store free, and one
// that lost its store cannot write to it any more.

@Suite struct LockTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  @Test func `a second driver is told who drives, since when, and what to do`() throws {
    let first = try Store.openForDriving(folder.store)
    let failure = #expect(throws: JournalFailure.self) { _ = try Store.openForDriving(folder.store) }
    let driver = try #require(Driver(of: folder.store))
    #expect(driver.process == getpid())
    #expect(failure?.kind == .held)
    #expect(
      failure?.description.contains(
        "is driven by process \(getpid()) on \(driver.host), since \(driver.since.rfc3339). Only one controller")
        == true)
    #expect(failure?.description.contains("headgate status") == true)
    first.close()
    #expect(Driver(of: folder.store) == nil)
    #expect(try Store.openForDriving(folder.store).head.epoch == 2)
  }

  @Test func `another name of the same file is the same store`() throws {
    let first = try Store.openForDriving(folder.store)
    let link = folder.file("link.db")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.store)
    let folders = folder.file("folder")
    try FileManager.default.createSymbolicLink(atPath: folders, withDestinationPath: folder.path)
    let beneath = folder.file("beneath")
    try FileManager.default.createDirectory(atPath: beneath, withIntermediateDirectories: true)
    for name in [link, "\(folders)/headgate.db", "\(beneath)/./../headgate.db"] {
      #expect(throws: JournalFailure.self, "\(name)") { _ = try Store.openForDriving(name) }
    }
    first.close()
  }

  @Test func `who drives for one request is waited for, and drives nobody's runs`() async throws {
    let brief = try Store.openForDriving(folder.store, briefly: true)
    #expect(Driver(of: folder.store)?.isBrief == true)
    #expect(try Store.openForReading(folder.store).driver == nil)
    #expect(try Store.openForAsking(folder.store).driver == nil)
    let path = folder.store
    let other = Task.detached { try Store.openForDriving(path).head.epoch }
    // It does not matter when the other one comes: it does not fail.
    brief.close()
    #expect(try await other.value == 2)
  }

  @Test func `a link that leads to nothing yet is another name of what it leads to`() throws {
    let link = folder.file("link.db")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "headgate.db")
    let first = try Store.openForDriving(link)
    #expect(throws: JournalFailure.self) { _ = try Store.openForDriving(folder.store) }
    #expect(Store.followingLinks(link) == folder.store)
    first.close()
    #expect(!FileManager.default.fileExists(atPath: link + ".lock"))
  }

  @Test func `kill -9 of the driver frees the store`() throws {
    try Deployments.fill(folder.store)
    let other = try LockHolder(beside: folder.store)
    let failure = #expect(throws: JournalFailure.self) { _ = try Store.openForDriving(folder.store) }
    #expect(
      failure?.description.contains(
        "is driven by process \(other.process) on elsewhere, since 2026-11-21T13:05:00.123Z") == true)
    #expect(try Store.openForReading(folder.store).driver?.process == other.process)
    other.kill()
    #expect(try Store.openForReading(folder.store).driver == nil)
    try Store.openForDriving(folder.store).close()
  }

  @Test func `a driver under whose feet the store was replaced stops, and leaves what lies there now as it is`() throws
  {
    let store = try Store.openForDriving(folder.store)
    let other = folder.file("other.db")
    try Deployments.fill(other)
    let used = try Store.openForDriving(other)
    var deployments = Deployments(after: used.head)
    deployments.start(70)
    try used.append(deployments.take())
    // As a backup is put back.
    for ending in ["", "-wal"] {
      try? FileManager.default.removeItem(atPath: folder.store + ending)
      try FileManager.default.copyItem(atPath: other + ending, toPath: folder.store + ending)
    }
    var lost = Deployments(after: store.head)
    lost.start(1)
    let batch = lost.take()
    let failure = #expect(throws: JournalFailure.self) { try store.append(batch) }
    #expect(failure?.kind == .fenced && failure?.description.contains("was replaced or removed") == true)
    #expect(throws: JournalFailure.self) { _ = try store.requests() }
    store.close()
    #expect(FileManager.default.fileExists(atPath: folder.store + "-wal"))
    #expect(try Store.openForReading(folder.store).run(RunID(70)) != nil)
    let report = try Audit.verify(folder.store)
    #expect(report.isWhole && report.entries == used.tip.sequence)
    used.close()
  }

  @Test func `a driver that lost its store writes nothing more`() throws {
    let first = try Store.openForDriving(folder.store)
    var deployments = Deployments(after: first.head)
    let run = deployments.start(1)
    try first.append(deployments.take())
    // Somebody removes the lock file, and starts another controller.
    try FileManager.default.removeItem(atPath: folder.store + ".lock")
    let second = try Store.openForDriving(folder.store)
    #expect(second.head.epoch == first.head.epoch + 1)
    var late = deployments
    late.measure(run, 1)
    let batch = late.take()
    let failure = #expect(throws: JournalFailure.self) { try first.append(batch) }
    #expect(failure?.kind == .fenced)
    #expect(try second.entries(of: run).count == 1)
    deployments.measure(run, 1, 0.5)
    try second.append(deployments.take())
    #expect(throws: JournalFailure.self) { try first.append(batch) }
    #expect(try Audit.verify(folder.store).isWhole)
  }
}

/// A process of its own that holds the lock of a store, as a controller elsewhere would.
private final class LockHolder {
  private let child = Foundation.Process()
  private let output = Pipe()

  var process: Int32 { child.processIdentifier }

  /// Returns when the lock is held.
  init(beside path: String) throws {
    child.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    child.arguments = [
      "python3", "-c",
      """
      import fcntl, os, sys, time
      file = open(sys.argv[1], "w")
      fcntl.flock(file, fcntl.LOCK_EX)
      file.write(f"{os.getpid()} 2026-11-21T13:05:00.123Z elsewhere\\n")
      file.flush()
      print("held", flush=True)
      time.sleep(600)
      """, path + ".lock",
    ]
    child.standardOutput = output
    try child.run()
    let said = output.fileHandleForReading.availableData
    try #require(String(decoding: said, as: UTF8.self).hasPrefix("held"), "python3 is needed to hold the lock")
  }

  /// As a crash would end it; returns when it is gone.
  func kill() {
    Foundation.kill(child.processIdentifier, SIGKILL)
    child.waitUntilExit()
  }

  deinit { if child.isRunning { kill() } }
}
