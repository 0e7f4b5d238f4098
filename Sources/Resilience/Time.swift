package import PipelineModel
import Synchronization

/// What time it is for guards, how they wait, and what chance gives them.
package struct Time: Sendable {
  package var now: @Sendable () -> Timestamp
  package var sleep: @Sendable (Interval) async throws -> Void
  /// 0 ..< 1.
  package var chance: @Sendable () -> Double

  package init(
    now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Interval) async throws -> Void,
    chance: @escaping @Sendable () -> Double
  ) {
    self.now = now
    self.sleep = sleep
    self.chance = chance
  }

  /// Real time and real chance.
  package static func real(now: @escaping @Sendable () -> Timestamp) -> Time {
    Time(
      now: now, sleep: { try await Task.sleep(for: .milliseconds($0.milliseconds)) },
      chance: { Double.random(in: 0..<1) })
  }
}

extension Timestamp {
  /// `14:02:11Z`, for failures of the hour.
  var clock: String { String(rfc3339.dropFirst(11).prefix(8)) + "Z" }
}
