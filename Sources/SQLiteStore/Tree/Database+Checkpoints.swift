import Controller
import Engine
import GRDB
import PipelineModel
import Proofs

/// A row of the table of checkpoints.
struct CheckpointRow: Hashable {
  var size: Int64
  /// The entry that has it.
  var sequence: Int64
  var note: String
}

extension Database {
  /// The newest that the journal has on record.
  func lastCheckpoint() throws -> RecordedCheckpoint? {
    guard let newest = try checkpointRows("ORDER BY size DESC LIMIT 1").first else { return nil }
    let later =
      try Int64.fetchOne(self, sql: "SELECT count(*) FROM checkpoints WHERE seq > ?", arguments: [newest.size]) ?? 0
    return RecordedCheckpoint(size: newest.size, records: later, note: try newest.signed)
  }

  func checkpoints(after size: Int64, limit: Int) throws -> [SignedNote] {
    try checkpointRows("WHERE size > \(size) ORDER BY size LIMIT \(limit)").map { try $0.signed }
  }

  /// All, by size.
  func recordedCheckpoints() throws -> [Int64: CheckpointRow] {
    let rows = try checkpointRows("")
    return Dictionary(rows.map { ($0.size, $0) }) { first, _ in first }
  }

  private func checkpointRows(_ rest: String) throws -> [CheckpointRow] {
    try Row.fetchAll(self, sql: "SELECT size, seq, note FROM checkpoints \(rest)").map {
      CheckpointRow(size: $0["size"], sequence: $0["seq"], note: $0["note"])
    }
  }
}

extension CheckpointRow {
  var signed: SignedNote {
    get throws {
      guard let note = try? SignedNote(note) else { throw unreadable("checkpoints", "\(size) entries") }
      return note
    }
  }
}
