/// An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Also the only clock value the engine ever sees; nothing below the controller reads a clock.
@usableFromInline
package struct Timestamp: Hashable, Comparable, Sendable {
  @usableFromInline package var milliseconds: Int64

  @inlinable package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  @inlinable package static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

  @inlinable package static func + (instant: Timestamp, span: Interval) -> Timestamp {
    Timestamp(milliseconds: instant.milliseconds &+ span.milliseconds)
  }

  @inlinable package static func - (later: Timestamp, earlier: Timestamp) -> Interval {
    Interval(milliseconds: later.milliseconds &- earlier.milliseconds)
  }

  @inlinable package static var distantFuture: Timestamp { Timestamp(milliseconds: .max) }
}
