/// A length of time in whole milliseconds.
///
/// Written in pipelines as `90s`, `15m`, `1h30m`, `24h`, `7d`, `250ms`.
@usableFromInline
package struct Interval: Hashable, Comparable, Sendable {
  @usableFromInline package var milliseconds: Int64

  @inlinable package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  @inlinable package static var zero: Interval { Interval(milliseconds: 0) }
  @inlinable package static func milliseconds(_ n: Int64) -> Interval { Interval(milliseconds: n) }
  @inlinable package static func seconds(_ n: Int64) -> Interval { Interval(milliseconds: n * 1000) }
  @inlinable package static func minutes(_ n: Int64) -> Interval { .seconds(n * 60) }
  @inlinable package static func hours(_ n: Int64) -> Interval { .minutes(n * 60) }

  @inlinable package static func < (a: Interval, b: Interval) -> Bool { a.milliseconds < b.milliseconds }
  @inlinable package static func + (a: Interval, b: Interval) -> Interval {
    Interval(milliseconds: a.milliseconds + b.milliseconds)
  }
  @inlinable package static func - (a: Interval, b: Interval) -> Interval {
    Interval(milliseconds: a.milliseconds - b.milliseconds)
  }
  @inlinable package static func * (a: Interval, n: Int64) -> Interval { Interval(milliseconds: a.milliseconds * n) }

  /// Length in seconds.
  @inlinable package var seconds: Double { Double(milliseconds) / 1000 }
}

extension Interval: CustomStringConvertible {
  private static let units: [(String, Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// As pipelines write it: `1h30m`, `15m`, `90s` → `1m30s`, `250ms`, `0s`; negative with a leading minus.
  @usableFromInline package var description: String {
    if milliseconds < 0 { return "-" + Interval(milliseconds: -milliseconds).description }
    if milliseconds == 0 { return "0s" }
    var rest = milliseconds
    var text = ""
    for (unit, length) in Self.units where rest >= length {
      text += "\(rest / length)\(unit)"
      rest %= length
    }
    return text
  }
}
