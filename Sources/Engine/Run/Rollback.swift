package import PipelineModel

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
