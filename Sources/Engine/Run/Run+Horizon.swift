package import PipelineModel

/// What a run's phase and gates mean for the time to come, in a few words of its own: it is asked after every look, and a
/// run that is asked is copied.
package struct Horizon: Equatable, Sendable {
  /// The first of the deadlines of stage and run; `nil` while none runs.
  var deadline: Timestamp?
  /// When the watch in progress may be over; `nil` when none is.
  var until: Timestamp?
  /// Whether the watch is its stage's last: there the background gate must have passed too.
  var isLastWatch = false
  /// Before this instant a look that does not fail its gate changes a tally, and nothing else.
  var quietUntil = Timestamp(milliseconds: .min)
  /// `nil` where there is no gate.
  var move: Pace?
  var background: Pace?

  /// Of one gate.
  struct Pace: Equatable, Sendable {
    var every: Interval
    var patience: Interval

    init(_ gate: Gate) { (every, patience) = (gate.every, gate.patience) }
  }

  subscript(_ site: GateSite) -> Pace? {
    get {
      switch site {
      case .move: move
      case .background: background
      }
    }
    set {
      switch site {
      case .move: move = newValue
      case .background: background = newValue
      }
    }
  }

  /// How often the gate at a site looks; `nil` where there is none.
  package func every(at site: GateSite) -> Interval? { self[site]?.every }

  /// How long a gate that is inconclusive may go on after the hold; `nil` where it may not.
  func patience(of site: GateSite) -> Timestamp? {
    guard let until, let pace = self[site], pace.patience > .zero else { return nil }
    return until + pace.patience
  }

  /// See `Run.alarm`, whose `pending` is what is awaited.
  package func alarm(after now: Timestamp, awaiting pending: [Effect]) -> Timestamp? {
    guard var first = deadline else { return nil }
    if let until, until > now, !isLookDue(by: until, pending) { first = min(first, until) }
    if let end = patience(of: .move), end > now { first = min(first, end) }
    if let end = patience(of: .background), end > now { first = min(first, end) }
    return max(first, now + .milliseconds(1))
  }

  /// Whether a look is still to come of those that the watch in progress waits for.
  func isLookDue(by end: Timestamp, _ pending: [Effect]) -> Bool {
    for effect in pending where effect.notBefore <= end {
      guard case .measure(let site, _) = effect.work else { continue }
      if site == .move || isLastWatch { return true }
    }
    return false
  }
}

extension Run {
  /// When the run wants to be woken though nothing comes back: the first of its deadlines and ends after `now`.
  ///
  /// Derived from the state, so that nothing has to be cancelled, and a restart has nothing to arm but this.
  package func alarm(after now: Timestamp) -> Timestamp? { horizon.alarm(after: now, awaiting: pending) }

  /// How often the gate at a site looks; `nil` where there is none.
  package func every(at site: GateSite) -> Interval? { horizon.every(at: site) }

  /// Sets the horizon anew; called whenever the phase has changed. Gates set their pace themselves.
  mutating func lookAhead() { horizon = outlook }

  private var outlook: Horizon {
    var outlook = Horizon(move: horizon.move, background: horizon.background)
    guard case .working(let working) = phase else { return outlook }
    let deadline = deadline(working)
    outlook.deadline = deadline
    guard case .watching(let watching) = working.activity else { return outlook }
    outlook.until = watching.until
    outlook.isLastWatch = plan.isLastWatch(stage: working.stage, move: working.move)
    if !unguarded { outlook.quietUntil = min(deadline, watching.until) }
    return outlook
  }
}
