/// What notices are about; pipelines and `headgate.yaml` subscribe to them by these names.
package enum NoticeEvent: String, Hashable, Sendable, CaseIterable {
  /// A run began.
  case started
  /// A stage, or a step of one, began.
  case step
  /// A stage waits for people.
  case approvalWanted
  /// A person paused the run, or let it go on.
  case paused, resumed
  /// A gate failed.
  case gateFailed
  /// The time of a gate is over and its metrics have no answers: the run stays, and asks on.
  case noAnswers
  /// It stays as it is until a person decides.
  case held
  /// Traffic is being taken back.
  case rollback
  /// The rollback does not get through, and somebody must look now.
  case rollbackStuck
  /// A run is still held, without answers, or still taking its traffic back: told again every quarter of an hour.
  case stillDegraded
  /// All traffic is on the healthy version again, or what held the run is over.
  case recovered
  /// The new version is stable.
  case promoted
  /// The run ended before any traffic was moved.
  case failed, aborted
  /// Somebody signed for the audit log.
  case checkpoint
  /// Somebody tried a notifier out.
  case test

  /// Whether a pipeline or an installation may ask to be told of it among what happens to runs.
  package var isOfRuns: Bool { self != .test && self != .checkpoint }
}
