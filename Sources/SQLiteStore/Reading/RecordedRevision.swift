package import Engine
package import PipelineModel

/// What is known of a flag's revisions.
package struct FlagPast: Hashable, Sendable {
  /// The oldest first.
  package var revisions: [RecordedRevision] = []
  /// Numbers of those that lie in an archive that was not given; rising.
  package var elsewhere: [Int64] = []
}

/// A revision of a flag with what its entry says beside it.
package struct RecordedRevision: Hashable, Sendable {
  /// Number of the entry.
  package var sequence: Int64
  package var time: Timestamp
  package var actor: Principal
  package var origin: String
  package var reason: String?
  package var revision: FlagRevision

  /// `nil` of an entry that brought none.
  package init?(_ entry: Entry) {
    guard case .flag(.revised(let revision)) = entry.fact else { return nil }
    (sequence, time, actor) = (entry.sequence, entry.time, entry.actor)
    (origin, reason) = (entry.origin, entry.reason)
    self.revision = revision
  }
}
