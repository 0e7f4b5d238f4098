/// A notifier with what it is told of.
package struct Subscription: Hashable, Sendable {
  /// Name of a notifier in `headgate.yaml`.
  package var notifier: String
  package var events: Set<NoticeEvent>

  package init(notifier: String, events: Set<NoticeEvent>) {
    self.notifier = notifier
    self.events = events
  }
}

/// Words for several events at once, in subscriptions.
package enum NoticeGroup: String, Hashable, Sendable, CaseIterable {
  case all
  /// What somebody may have to look at, and its end.
  case problems
  /// How runs end.
  case ends

  package var events: Set<NoticeEvent> {
    switch self {
    case .all: Set(NoticeEvent.allCases.filter(\.isOfRuns))
    case .problems: [.gateFailed, .noAnswers, .held, .rollback, .rollbackStuck, .stillDegraded, .recovered, .failed]
    case .ends: [.promoted, .recovered, .failed, .aborted]
    }
  }
}
