package import Controller
import GRDB
package import PipelineModel

extension DrivingStore: Outbox {
  package func post(_ notices: [AddressedNotice], at now: Timestamp) throws(JournalFailure) {
    try transaction { try $0.post(notices, due: now) }
  }

  package func due(at now: Timestamp, limit: Int) throws(JournalFailure) -> [OutboxItem] {
    try file.explained { try queue.writeWithoutTransaction { try $0.dueNotices(at: now, limit: limit) } }
  }

  package func settle(_ deliveries: [Delivery], at now: Timestamp) throws(JournalFailure) {
    try transaction { try $0.settle(deliveries, at: now) }
  }
}

extension ReadingStore {
  /// Notices, the newest first; `nil`: in whatever state.
  package func outbox(_ state: OutboxItem.State? = nil, limit: Int) throws(JournalFailure) -> [OutboxItem] {
    try read { try $0.outbox(state, limit: limit) }
  }
}

extension AskingStore {
  /// Lets notices that were given up be tried again by whoever drives the store.
  ///
  /// - Parameter items: `nil`: all of them.
  /// - Returns: how many.
  package func retry(_ items: [Int64]? = nil) throws(JournalFailure) -> Int {
    try file.explained { try queue.write { try $0.retry(items) } }
  }
}
