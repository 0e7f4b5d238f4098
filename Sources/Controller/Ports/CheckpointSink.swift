package import PipelineModel
package import Proofs

/// Where checkpoints are kept beside the journal, so that whoever holds the store cannot change both.
///
/// Blocking, and never called from the controller's thread; one call at a time.
package protocol CheckpointSink: Sendable {
  /// For messages: `file checkpoints.txt`.
  var name: String { get }

  /// The newest it has; `nil`: none.
  func newest() throws(Failure) -> SignedCheckpoint?

  /// Adds checkpoints, each newer than all it has. True on return: they are kept. Those it has already may be left out or
  /// kept twice.
  func append(_ notes: [SignedNote]) throws(Failure)

  /// Brings to its end what an earlier process began and did not finish: asked once, after `newest`, and again while it
  /// fails. Twice is harmless.
  func finish() throws(Failure)
}

extension CheckpointSink {
  package func finish() throws(Failure) {}
}

/// What signs checkpoints, and where they go: what `audit:` of `headgate.yaml` has come to.
package struct Signing: Sendable {
  package var policy: AuditPolicy
  /// Reads the key anew each time.
  package var signer: @Sendable () async throws(Failure) -> NoteSigner
  package var sinks: [any CheckpointSink]

  package init(
    policy: AuditPolicy, signer: @escaping @Sendable () async throws(Failure) -> NoteSigner,
    sinks: [any CheckpointSink]
  ) {
    self.policy = policy
    self.signer = signer
    self.sinks = sinks
  }
}
