import Synchronization

/// The steps that somebody asks after, by their keys, and whether they were given up meanwhile.
///
/// A step may be given up while it is just being started: its end would then come before its beginning, so whoever asks
/// after it ends it once more.
final class StepsUnderway: Sendable {
  private let steps = Mutex<[String: Bool]>([:])

  func begin(_ key: String) { steps.withLock { $0[key] = false } }

  func end(_ key: String) { steps.withLock { $0[key] = nil } }

  /// Harmless where nobody asks after it.
  func giveUp(_ key: String) { steps.withLock { if $0[key] != nil { $0[key] = true } } }

  func isGivenUp(_ key: String) -> Bool { steps.withLock { $0[key] ?? false } }
}
