package import PipelineModel

/// Tells people, or what wakes people, that something has happened.
package protocol Notifier: Sendable {
  /// Hands a notice over. Returns or throws within about `notice.timeout`, whatever the receiver does.
  ///
  /// True on return: the receiver has taken it. Twice with the same key is harmless as far as the receiver can tell:
  /// the key goes with it, the same at every try and after a restart, and is for the receiver to drop the second by.
  /// - Throws: `Failure`. `transient` is worth trying again; a notifier does not retry by itself, the outbox does.
  func send(_ notice: Notice) async throws(Failure)
}
