import Controller
import Engine
import GRDB
import PipelineModel
import Proofs

extension Database {
  /// The newest that the journal has on record and still holds.
  func lastCheckpoint() throws -> RecordedCheckpoint? {
    let newest = try Row.fetchOne(
      self, sql: "SELECT size, seq FROM checkpoints ORDER BY size DESC LIMIT 1")
    guard let newest else { return nil }
    let (size, sequence): (Int64, Int64) = (newest["size"], newest["seq"])
    let later =
      try Int64.fetchOne(self, sql: "SELECT count(*) FROM checkpoints WHERE seq > ?", arguments: [size]) ?? 0
    guard let note = try note(at: sequence) else { throw unreadable("checkpoints", "\(size) entries") }
    return RecordedCheckpoint(size: size, records: later, note: note)
  }

  func checkpoints(after size: Int64, limit: Int) throws -> [SignedNote] {
    let rows = try Int64.fetchAll(
      self, sql: "SELECT seq FROM checkpoints WHERE size > ? AND seq > ? ORDER BY size LIMIT ?",
      arguments: [size, try archivedPart().last, limit])
    return try rows.compactMap(note)
  }

  /// Where the journal has a checkpoint of how many entries, by size.
  func recordedCheckpoints() throws -> [Int64: Int64] {
    let rows = try Row.fetchAll(
      self, sql: "SELECT size, seq FROM checkpoints WHERE seq > ?", arguments: [try archivedPart().last])
    return Dictionary(rows.map { ($0["size"], $0["seq"]) }) { first, _ in first }
  }

  private func note(at sequence: Int64) throws -> SignedNote? {
    guard case .audit(.checkpointed(_, let note))? = try entry(sequence)?.fact else { return nil }
    return try? SignedNote(note)
  }
}
