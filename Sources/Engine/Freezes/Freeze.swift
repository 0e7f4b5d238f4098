package import PipelineModel

/// A time in which changes wait, as somebody declared it.
package struct Freeze: Hashable, Sendable {
  /// 1, 2, 3 … in its store.
  package var number: Int64
  /// Why, in one line.
  package var title: String
  /// Sorted, none twice; empty: every service.
  package var services: [String]
  /// `nil`: every environment.
  package var environment: String?
  package var from: Timestamp
  /// `nil`: until somebody ends it. Always after `from`.
  package var until: Timestamp?
  package var starts: Starts
  /// Kinds of change that go ahead all the same, in the order of their cases; never `feature`.
  package var exceptions: [ChangeKind]

  /// What becomes of a run that somebody wants to start meanwhile.
  package enum Starts: String, Hashable, Sendable, CaseIterable {
    case refuse
    /// It waits for the end.
    case hold
  }

  package init(
    number: Int64, title: String, services: [String] = [], environment: String? = nil, from: Timestamp,
    until: Timestamp? = nil, starts: Starts = .refuse, exceptions: [ChangeKind] = FreezePlan.usualExceptions
  ) {
    self.number = number
    self.title = title
    self.services = services
    self.environment = environment
    self.from = from
    self.until = until
    self.starts = starts
    self.exceptions = exceptions
  }

  package func isInForce(at now: Timestamp) -> Bool { from <= now && !isOver(at: now) }

  package func isOver(at now: Timestamp) -> Bool { until.map { $0 <= now } ?? false }

  /// Whether it is about a change of these services; one that names none may be of any.
  package func covers(_ services: [String], in environment: String) -> Bool {
    guard self.environment == nil || self.environment == environment else { return false }
    return self.services.isEmpty || services.isEmpty || !Set(services).isDisjoint(with: self.services)
  }

  /// `freeze 3 ("Black Friday") holds until 2026-11-28T00:00:00.000Z`, for refusals.
  package var sentence: String {
    "freeze \(number) (\"\(title)\") holds \(until.map { "until \($0.rfc3339)" } ?? "until somebody ends it")"
  }
}

/// What somebody wants a freeze to be.
package struct FreezePlan: Hashable, Sendable {
  package var title: String
  package var services: [String]
  package var environment: String?
  /// `nil`: from the moment the request comes in.
  package var from: Timestamp?
  package var until: Timestamp?
  package var starts: Freeze.Starts
  package var exceptions: [ChangeKind]

  /// What cannot wait.
  package static let usualExceptions: [ChangeKind] = [.security, .emergency]

  package init(
    title: String, services: [String] = [], environment: String? = nil, from: Timestamp? = nil,
    until: Timestamp? = nil, starts: Freeze.Starts = .refuse, exceptions: [ChangeKind] = usualExceptions
  ) {
    self.title = title
    self.services = services
    self.environment = environment
    self.from = from
    self.until = until
    self.starts = starts
    self.exceptions = exceptions
  }
}

/// What a person may do about freezes.
package enum FreezeAct: Hashable, Sendable {
  case start(FreezePlan)
  case end(Int64)
}

/// What happened of a freeze. Who did it, and why, is in the entry. That one came to the end it was declared with is no
/// fact: its declaration says so.
package enum FreezeFact: Hashable, Sendable {
  case started(Freeze)
  /// Somebody ended it, or called it off before it began.
  case ended(Freeze)
  /// Somebody wanted to change something while it held.
  case met(Freeze, FreezeMeeting)
  /// Somebody asked for something that could not be done. Changes nothing.
  case refused(FreezeAct, because: String)
}

/// A change that met a freeze.
package struct FreezeMeeting: Hashable, Sendable {
  /// `run 12 of checkout, version 1.4.1`
  package var what: String
  package var services: [String]
  package var environment: String
  package var outcome: Outcome

  package enum Outcome: String, Hashable, Sendable, CaseIterable {
    case refused, held
    /// It went ahead all the same, as what the freeze excepts or by broken glass.
    case passed
  }

  package init(_ what: String, services: [String], environment: String, _ outcome: Outcome) {
    self.what = what
    self.services = services
    self.environment = environment
    self.outcome = outcome
  }
}

extension FreezeFact {
  /// The services it is about; empty: all, or not known.
  package var services: [String] {
    switch self {
    case .started(let freeze), .ended(let freeze): freeze.services
    case .met(_, let meeting): meeting.services
    case .refused(.start(let plan), _): plan.services
    case .refused(.end, _): []
    }
  }

  /// The environment it is about; `nil`: all, or not known.
  package var environment: String? {
    switch self {
    case .started(let freeze), .ended(let freeze): freeze.environment
    case .met(_, let meeting): meeting.environment
    case .refused(.start(let plan), _): plan.environment
    case .refused(.end, _): nil
    }
  }
}
