import Controller
import Engine
import PipelineModel
import SQLiteStore
import TestSupport

/// The store on disk, beside the one in memory: what is written goes to both, what is read comes from the disk. Trouble is
/// that of the one in memory.
final class TwinJournal: Journal {
  private let disk: DrivingStore
  private let memory: MemoryJournal
  private let store: MemoryStore

  init(_ path: String, _ store: MemoryStore) throws {
    disk = try Store.openForDriving(path)
    memory = try MemoryJournal(store)
    self.store = store
  }

  var head: JournalHead {
    // Its random name is part of every key: the one in memory has the same each time.
    var head = disk.head
    head.store = memory.head.store
    head.purpose = nil
    return head
  }

  func append(_ batch: Batch) throws(JournalFailure) {
    if !store.hasCrashed, !store.losesNext { try disk.append(batch) }
    try memory.append(batch)
  }

  func unfinished(_ visit: (Int, RunFact) throws -> Void) throws { try disk.unfinished(visit) }
  func entries(of run: RunID) throws -> [Entry] { try disk.entries(of: run) }
  func entry(_ sequence: Int64) throws -> Entry? { try disk.entry(sequence) }
  func definition(of text: String) throws -> Int64? { try disk.definition(of: text) }
  func targets() throws -> [TargetRecord] { try disk.targets() }
  func incidents() throws -> IncidentLog { try disk.incidents() }
  func flags() throws -> FlagRecords { try disk.flags() }
  func flag(_ name: FlagName, revision: Int64) throws -> (revision: FlagRevision, time: Timestamp)? {
    try disk.flag(name, revision: revision)
  }
  func freezes() throws -> FreezeLog { try disk.freezes() }
  func requests() throws -> [Request] { try memory.requests() }
}
