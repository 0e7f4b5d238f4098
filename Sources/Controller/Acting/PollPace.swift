import PipelineModel

/// The pauses between two questions about something slow: each twice the last, five seconds at most, and none beyond the
/// end of its time.
struct PollPace: Hashable {
  private static let longest = Interval.seconds(5)
  private var pause = Errands.pollInterval

  /// - Parameter left: until its time is over.
  mutating func next(left: Interval) -> Interval {
    defer { pause = min(Self.longest, pause * 2) }
    return min(pause, left)
  }
}
