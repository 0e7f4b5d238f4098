import Controller
import Engine
import Foundation
import Narrative
import PipelineModel
import SQLiteStore

/// Follows a run in the store as it goes on, whoever drives it.
final class Follower {
  private let store: ReadingStore
  private let id: RunID
  private(set) var chronicle: Chronicle
  private var last: Int64 = 0

  init(_ store: ReadingStore, _ id: RunID) throws {
    self.store = store
    self.id = id
    guard let record = try store.run(id), case .started(let start)? = try store.entry(record.first)?.fact else {
      throw Stop.unknown("there is no run \(id) in this store; see `headgate history`")
    }
    chronicle = Chronicle(plan: try store.plan(of: start))
  }

  var run: Run? { chronicle.run }
  var plan: Plan { chronicle.plan }

  /// Whether the run was seen to end.
  var outcome: Outcome? { run?.outcome }

  /// What has been written since the last call.
  func news() throws -> [Sentence] {
    guard let record = try store.run(id), record.last > last else { return [] }
    var sentences: [Sentence] = []
    for entry in try store.entries(of: id, after: last) {
      sentences += try chronicle.take(entry)
      last = entry.sequence
    }
    return sentences
  }

  var driver: Driver? { store.driver }
}
