import Controller
import Engine
import Foundation
import Narrative
import PipelineModel
import SQLiteStore

/// Follows a run in the store as it goes on, whoever drives it.
final class Follower {
  private let store: ReadingStore
  let id: RunID
  private let told: Int64
  private(set) var chronicle: Chronicle
  private var last: Int64 = 0
  /// Of the last entry that was read.
  private(set) var time = Timestamp(milliseconds: 0)

  /// - Parameter entry: what happened up to this entry is not told again.
  init(_ store: ReadingStore, _ id: RunID, after entry: Int64 = 0) throws {
    self.store = store
    self.id = id
    told = entry
    chronicle = Chronicle(plan: try store.start(of: try store.existing(id)).1)
  }

  var run: Run? { chronicle.run }

  /// Whether the run was seen to end.
  var outcome: Outcome? { run?.outcome }

  /// What has been written since the last call.
  func news() throws -> [Sentence] {
    guard let record = try store.run(id), record.last > last else { return [] }
    var sentences: [Sentence] = []
    for entry in try store.entries(of: id, after: last) {
      let told = try chronicle.take(entry)
      if entry.sequence > self.told { sentences += told }
      last = entry.sequence
      time = entry.time
    }
    return sentences
  }
}
