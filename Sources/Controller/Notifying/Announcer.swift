package import Engine
package import PipelineModel

/// Says what is to be told of what is written down, and to whom. Declared here, so that the controller makes no sentences.
package protocol Announcer: Sendable {
  /// Whether anybody is told anything of runs of this pipeline.
  func hasListeners(_ pipeline: Pipeline) -> Bool

  /// The notices an entry causes. They become durable with it, or not at all.
  func notices(of entry: Entry, before: Run, run: Run) -> [AddressedNotice]

  /// What is told of a run that is still degraded; nothing for one that is not. The same notices whenever it is asked
  /// within a quarter of an hour.
  func reminders(of run: Run, at now: Timestamp) -> [AddressedNotice]
}
