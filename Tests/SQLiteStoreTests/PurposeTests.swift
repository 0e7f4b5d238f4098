import Controller
import Engine
import PipelineModel
import Testing

@testable import SQLiteStore

// What a store is for is settled with its first entry: rehearsals and real runs never meet.

@Suite struct PurposeTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  @Test(arguments: [(Store.Purpose.real, Store.Purpose.rehearsal), (.rehearsal, .real)])
  func `a store with entries is driven for its own purpose only`(own: Store.Purpose, other: Store.Purpose) throws {
    try Store.openForDriving(folder.store, for: own).close()
    try Deployments.fill(folder.store, for: own)
    let failure = #expect(throws: JournalFailure.self) { try Store.openForDriving(folder.store, for: other) }
    #expect(failure?.kind == .unusable)
    #expect(failure?.description.contains("--store") == true)
    #expect(try Store.openForReading(folder.store).purpose() == own)
    try Store.openForDriving(folder.store, for: own).close()
  }

  @Test func `a store without an entry takes the purpose it is opened for`() throws {
    try Store.openForDriving(folder.store, for: .rehearsal).close()
    try Store.openForDriving(folder.store, for: .real).close()
    #expect(try Store.openForReading(folder.store).purpose() == .real)
  }

  @Test func `whoever follows a store sees what is written later, also when it was at rest`() throws {
    try Deployments.fill(folder.store)
    let follower = try Store.openForReading(folder.store, following: true)
    let before = try follower.head().sequence
    let driver = try Store.openForDriving(folder.store)
    try driver.append(
      Batch(entries: [.init(sequence: before + 1, time: driver.head.time, run: nil, fact: .controllerStarted(epoch: 2))]
      ))
    #expect(try follower.head().sequence == before + 1)
  }
}
