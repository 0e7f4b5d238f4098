package import PipelineModel

/// What a run's phase means for the time to come, kept in a few words, since it is asked at every look.
struct Horizon: Equatable, Sendable {
  /// The first of the deadlines of stage and run; `nil` while none runs.
  var deadline: Timestamp?
  /// When the watch in progress may be over; `nil` when none is.
  var until: Timestamp?
  /// Whether the watch is its stage's last: there the background gate must have passed too.
  var isLastWatch = false
  /// Before this instant a look that does not fail its gate changes a tally, and nothing else.
  var quietUntil = Timestamp(milliseconds: .min)
}

extension Run {
  /// Sets the horizon anew; called whenever the phase has changed.
  mutating func lookAhead() {
    horizon = Horizon()
    guard case .working(let working) = phase else { return }
    let deadline = deadline(working)
    horizon.deadline = deadline
    guard case .watching(let watching) = working.activity else { return }
    horizon.until = watching.until
    horizon.isLastWatch = plan.isLastWatch(stage: working.stage, move: working.move)
    if !unguarded { horizon.quietUntil = min(deadline, watching.until) }
  }

  /// When the run wants to be woken though nothing comes back: the first of its deadlines and ends after `now`.
  ///
  /// Derived from the state, so that nothing has to be cancelled, and a restart has nothing to arm but this.
  package func alarm(after now: Timestamp) -> Timestamp? {
    guard var first = horizon.deadline else { return nil }
    if let until = horizon.until, until > now, !awaitsLook(due: until) { first = min(first, until) }
    if let end = patience(of: .move), end > now { first = min(first, end) }
    if let end = patience(of: .background), end > now { first = min(first, end) }
    return max(first, now + .milliseconds(1))
  }

  /// Whether a look is still to come of those that the watch in progress waits for.
  func awaitsLook(due: Timestamp) -> Bool {
    for effect in pending where effect.notBefore <= due {
      guard case .measure(let site, _) = effect.work else { continue }
      if site == .move || horizon.isLastWatch { return true }
    }
    return false
  }

  /// How long a gate that is inconclusive may go on after the hold; `nil` where it may not.
  func patience(of site: GateSite) -> Timestamp? {
    guard let until = horizon.until else { return nil }
    let patience: Interval? =
      switch site {
      case .move: moveGate?.gate.patience
      case .background: backgroundGate?.gate.patience
      }
    guard let patience, patience > .zero else { return nil }
    return until + patience
  }
}
