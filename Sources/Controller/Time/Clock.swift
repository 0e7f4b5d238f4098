package import PipelineModel

/// What time it is for a controller.
///
/// The wall clock when the controller starts, and the monotonic clock from there on, so that a wall clock that jumps
/// moves no hold and no deadline. Never before the last entry of the journal, so that time there never runs backwards.
package struct Clock: Sendable {
  private let wallStart: Timestamp
  private let start: ContinuousClock.Instant
  /// 1 for real time; more makes simulated installations run faster.
  package let speed: Double
  /// How far the journal was ahead of the wall clock at the start: more than nothing when the clock was set back.
  package let ahead: Interval

  /// - Parameter wall: the wall clock now.
  package init(wall: Timestamp, notBefore: Timestamp, speed: Double = 1) {
    wallStart = max(wall, notBefore)
    ahead = max(.zero, notBefore - wall)
    start = .now
    self.speed = speed
  }

  package var now: Timestamp {
    let elapsed = ContinuousClock.now - start
    let (seconds, attoseconds) = elapsed.components
    let milliseconds = Double(seconds) * 1000 + Double(attoseconds) / 1e15
    return wallStart + Interval(milliseconds: Int64(milliseconds * speed))
  }

  /// The instant to ask other systems about: they go by the wall clock, however far the journal is ahead of it.
  package var elsewhere: Timestamp { speed == 1 ? .wall : now }

  /// A past instant as other systems know it: as long ago for them as it is here.
  package func elsewhere(_ instant: Timestamp) -> Timestamp { speed == 1 ? .wall + (instant - now) : instant }

  /// The real time until an instant; zero when it has passed.
  package func real(until instant: Timestamp) -> Duration {
    let left = Double((instant - now).milliseconds) * 1000 / speed
    return .microseconds(Int64(min(max(0, left.rounded(.up)), 1e15)))
  }

  /// Sleeps for a length of this clock's time.
  package func sleep(_ interval: Interval) async throws {
    try await Task.sleep(for: .microseconds(Int64(Double(interval.milliseconds) * 1000 / speed)))
  }
}
