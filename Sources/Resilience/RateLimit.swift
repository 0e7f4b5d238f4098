package import PipelineModel

/// Spreads calls evenly: so many in a second, and a tenth of a second's worth at once after a rest.
///
/// The generic cell rate algorithm (ITU-T I.371, annex A). Pure: the instant is an argument.
package struct RateLimit: Hashable, Sendable {
  /// Microseconds between calls.
  private let spacing: Int64
  private static let burst: Int64 = 100_000
  /// When the next call would be due if all came evenly; microseconds.
  private var due: Int64 = .min / 2

  package init(perSecond: Int) { spacing = 1_000_000 / Int64(max(1, perSecond)) }

  /// How long the next call must wait; takes its place in the row. `nil`, and no place, when that is longer than it can
  /// wait.
  package mutating func take(at now: Timestamp, patience: Interval) -> Interval? {
    let now = now.milliseconds * 1000
    let due = max(due, now)
    let wait = Interval(milliseconds: (max(0, due - Self.burst - now) + 999) / 1000)
    if wait > patience { return nil }
    self.due = due + spacing
    return wait
  }
}
