package import Analysis
package import PipelineModel

/// A run in the middle of a stage.
package struct Working: Hashable, Sendable {
  package var stage: Int
  /// Index into the stage's moves.
  package var move: Int
  package var stageEnteredAt: Timestamp
  package var activity: Activity
  /// The gate over the whole stage, from its first shift on.
  package var background: Watching?
  /// Why it stays until a person decides; `nil` when nothing holds it.
  package var held: Cause?

  package enum Activity: Hashable, Sendable {
    /// An effect is under way; its outcome is awaited. For `check`, `deploy`, `shift`, `retire`.
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
  /// One for each of the gate's metrics, in its order; empty without a gate.
  package var tallies: [Tally]
  /// The time was over, the gate lacked evidence, and this has been said.
  package var isOverdue = false
}

/// A run taking its traffic back.
package struct Rollback: Hashable, Sendable {
  package var cause: Cause
  package var since: Timestamp
  /// First bring up what was taken down, then move the traffic, then clean up.
  package var step: Step
  /// It does not get through and a person was called. It goes on trying.
  package var isEscalated = false

  package enum Step: Hashable, Sendable {
    case restoring, shifting, cleaning
  }
}
