package import PipelineModel

/// A run in the middle of a stage.
package struct Working: Hashable, Sendable {
  package var stage: Int
  /// Index into the stage's moves.
  package var move: Int
  package var stageEnteredAt: Timestamp
  package var activity: Activity
  /// The gate over the whole stage, from its first shift on, and through an approval right after it.
  package var background: Watching?
  /// Why it stays until a person decides; `nil` when nothing holds it.
  package var held: Cause?
  /// Since when; means something only while it is held.
  package var heldSince: Timestamp?
  /// The failure for which a flag is being switched off; nothing advances until it is, or cannot be.
  package var remedied: Cause?

  package enum Activity: Hashable, Sendable {
    /// An effect was asked for. For `check`, `deploy`, `shift`, `retire`.
    ///
    /// Once it is no longer pending it has come about, and the run is paused; or it has not, and the run is held.
    case acting(EffectID)
    /// For `approve`: who has approved so far.
    case approving([Principal])
    /// For `watch`.
    case watching(Watching)
  }
}

/// A time of waiting, under a gate or not.
package struct Watching: Hashable, Sendable {
  package var since: Timestamp
  /// When it may be over: `.distantFuture` for a background gate.
  package var until: Timestamp
  /// The time was over, the gate lacked evidence, and this has been said.
  package var isOverdue = false
  /// What the gate said last, if it has said anything.
  package var concluded: Verdict?
}

extension Working {
  package func watching(at site: GateSite) -> Watching? {
    switch (site, activity) {
    case (.background, _): background
    case (.move, .watching(let watching)): watching
    case (.move, .acting), (.move, .approving): nil
    }
  }

  mutating func withWatching(at site: GateSite, _ change: (inout Watching) -> Void) {
    switch site {
    case .background:
      guard var watching = background else { return }
      change(&watching)
      background = watching
    case .move:
      guard case .watching(var watching) = activity else { return }
      change(&watching)
      activity = .watching(watching)
    }
  }
}

extension Run.Phase {
  mutating func withWatching(at site: GateSite, _ change: (inout Watching) -> Void) {
    guard case .working(var working) = self else { return }
    working.withWatching(at: site, change)
    self = .working(working)
  }
}
