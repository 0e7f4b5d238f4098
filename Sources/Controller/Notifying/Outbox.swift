package import PipelineModel

/// Where notices wait until they are delivered. Called from the controller's one thread, as the journal is.
package protocol Outbox: AnyObject {
  /// Puts notices in that no fact causes; one whose key is there already is left out.
  func post(_ notices: [AddressedNotice], at now: Timestamp) throws(JournalFailure)

  /// What may be sent now, the oldest first. Of the notices for one notifier about one run only the oldest: an alarm must
  /// not be resolved before it is raised.
  func due(at now: Timestamp, limit: Int) throws(JournalFailure) -> [OutboxItem]

  /// Keeps what came of deliveries.
  func settle(_ deliveries: [Delivery], at now: Timestamp) throws(JournalFailure)
}

/// A notice with whom it is for.
package struct AddressedNotice: Hashable, Sendable {
  package var notifier: String
  package var notice: Notice
  package init(notifier: String, notice: Notice) {
    self.notifier = notifier
    self.notice = notice
  }
}

/// A notice in the outbox.
package struct OutboxItem: Hashable, Sendable {
  package enum State: String, Hashable, Sendable, CaseIterable {
    case waiting, sent
    /// Given up; sent again only when somebody says so.
    case dead
  }
  package var id: Int64
  package var notifier: String
  package var notice: Notice
  package var state: State
  /// Tries so far.
  package var tries: Int
  /// When it is tried next; of `waiting` only.
  package var due: Timestamp
  /// Why the last try failed.
  package var failure: String?

  package init(
    id: Int64, notifier: String, notice: Notice, state: State = .waiting, tries: Int = 0, due: Timestamp,
    failure: String? = nil
  ) {
    self.id = id
    self.notifier = notifier
    self.notice = notice
    self.state = state
    self.tries = tries
    self.due = due
    self.failure = failure
  }
}

/// What came of a try to deliver.
package struct Delivery: Hashable, Sendable {
  package enum Outcome: Hashable, Sendable {
    case sent
    case again(at: Timestamp, because: String)
    case dead(because: String)
  }
  package var item: Int64
  package var outcome: Outcome
  package init(item: Int64, outcome: Outcome) {
    self.item = item
    self.outcome = outcome
  }
}
