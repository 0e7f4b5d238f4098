package import PipelineModel

/// A journal that cannot be written: when to say so. At once, then ever more rarely while the reason stays the same, and
/// when it is over.
package struct WritingTrouble: Equatable, Sendable {
  /// Longest between two messages.
  package static let longest = Interval.minutes(5)

  private var reason: String?
  private var tries = 0
  private var since = Timestamp(milliseconds: 0)
  private var nextTold = Timestamp(milliseconds: 0)
  private var pause = Interval.zero

  package init() {}

  /// - Returns: whether it is to be told now.
  package mutating func failed(_ reason: String, at now: Timestamp) -> Bool {
    tries += 1
    if tries == 1 { since = now }
    if reason == self.reason, now < nextTold { return false }
    pause = reason == self.reason ? min(Self.longest, max(.seconds(2), pause + pause)) : .seconds(2)
    self.reason = reason
    nextTold = now + pause
    return true
  }

  /// - Returns: how often it was tried in vain, and for how long; `nil`: it was not.
  package mutating func succeeded(at now: Timestamp) -> (tries: Int, time: Interval)? {
    guard tries > 0 else { return nil }
    defer { self = WritingTrouble() }
    return (tries, now - since)
  }
}
