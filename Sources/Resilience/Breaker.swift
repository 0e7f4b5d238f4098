package import PipelineModel

/// Leaves a backend alone that fails, and lets one call through now and then to see whether it is back.
///
///     closed ──failures in a row──► open ──pause over, one call──► halfOpen
///       ▲                            ▲                               │ │
///       │                            └────────── it failed ──────────┘ │
///       └─────────────────────── it was answered ─────────────────────┘
///
/// Pure: the instant and the jitter are arguments.
package struct Breaker: Hashable, Sendable {
  package enum State: Hashable, Sendable {
    /// With the failures in a row so far. → open.
    case closed(failures: Int)
    /// Nothing is let through before `until`. `since`: when it last was closed. → halfOpen, closed.
    case open(since: Timestamp, until: Timestamp, trips: Int)
    /// One call is under way, and nothing else is let through. → open, closed.
    case halfOpen(since: Timestamp, trips: Int)
  }

  /// What came of a call.
  package enum Outcome: Hashable, Sendable {
    /// The backend said something, if only that the question is wrong.
    case answered
    /// It did not.
    case failed
    /// Nobody waited for it to the end, so it says nothing of the backend.
    case abandoned
  }

  /// Given to a call that is let through, and given back with its outcome.
  package struct Ticket: Hashable, Sendable {
    fileprivate var period: Int
    fileprivate var isUrgent: Bool
  }

  package struct Refusal: Error, Hashable, Sendable {
    package var since: Timestamp
    /// When it is asked again; `nil`: it is being asked now.
    package var until: Timestamp?
  }

  private let policy: ResiliencePolicy.Breaker
  package private(set) var state: State = .closed(failures: 0)
  /// Counts the times the state changed its kind: what was begun before a change says nothing about what came after it.
  private var period = 0

  package init(_ policy: ResiliencePolicy.Breaker) { self.policy = policy }

  /// Lets a call through, or says until when not.
  package mutating func admit(at now: Timestamp) throws(Refusal) -> Ticket {
    switch state {
    case .closed: break
    case .open(let since, let until, let trips):
      if now < until { throw Refusal(since: since, until: until) }
      enter(.halfOpen(since: since, trips: trips))
    case .halfOpen(let since, _): throw Refusal(since: since, until: nil)
    }
    return Ticket(period: period, isUrgent: false)
  }

  /// Lets a call through that must not wait, whatever the state.
  package func admitUrgent() -> Ticket { Ticket(period: period, isUrgent: true) }

  /// Takes in what came of a call.
  ///
  /// - Parameter jitter: 0 ..< 1, stretches the pause by up to a tenth, so that not all come back at once.
  package mutating func ended(_ ticket: Ticket, _ outcome: Outcome, at now: Timestamp, jitter: Double) {
    if ticket.isUrgent, outcome == .answered { return close() }
    // Begun before the last change: it is late, and tells of a time that is over.
    guard ticket.period == period else { return }
    switch (state, outcome) {
    case (.closed(let failures), .failed) where failures + 1 >= policy.failures:
      enter(.open(since: now, until: now + pause(after: 0, jitter), trips: 0))
    case (.closed(let failures), .failed): state = .closed(failures: failures + 1)
    case (.closed, .answered): state = .closed(failures: 0)
    case (.halfOpen(let since, let trips), .failed) where !ticket.isUrgent:
      enter(.open(since: since, until: now + pause(after: trips + 1, jitter), trips: trips + 1))
    case (.halfOpen(let since, let trips), .abandoned) where !ticket.isUrgent:
      enter(.open(since: since, until: now, trips: trips))
    case (.halfOpen, .answered): close()
    case (.closed, .abandoned), (.open, _), (.halfOpen, .failed), (.halfOpen, .abandoned): break
    }
  }

  private mutating func close() {
    if case .closed = state { state = .closed(failures: 0) } else { enter(.closed(failures: 0)) }
  }

  private mutating func enter(_ next: State) {
    state = next
    period += 1
  }

  /// Doubles with each trip, up to ten times the first.
  private func pause(after trips: Int, _ jitter: Double) -> Interval {
    let longest = policy.pause.milliseconds * 10
    let doubled = trips > 3 ? longest : min(longest, policy.pause.milliseconds << Int64(trips))
    return .milliseconds(doubled + Int64(Double(doubled) * 0.1 * jitter))
  }
}
