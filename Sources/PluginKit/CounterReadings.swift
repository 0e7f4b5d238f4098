package import PipelineModel
import Synchronization

/// Counters of something that runs, as read at one instant.
package struct CounterReading: Hashable, Sendable {
  /// What they are of, such as a server of a proxy.
  package var subject: String
  package var counters: [String: Double]
  package var time: Timestamp
  /// When the process that counts began; counters of another process begin at zero.
  package var began: Timestamp

  package init(subject: String, counters: [String: Double], time: Timestamp, began: Timestamp) {
    self.subject = subject
    self.counters = counters
    self.time = time
    self.began = began
  }
}

/// How much counters rose, and over how long.
package struct CounterIncrease: Hashable, Sendable {
  package var counters: [String: Double]
  package var seconds: Double
}

/// Earlier readings of counters, for a backend that has totals only and no memory.
///
/// An increase needs two readings of one process. After a start there is none, and it says so: nothing is not zero.
package final class CounterReadings: Sendable {
  private struct History {
    var readings: [CounterReading] = []
    var longest: Interval = .zero
  }

  private let histories = Mutex<[String: History]>([:])
  /// A process's start is known to about a second.
  private static let sameStart: Int64 = 2500
  private static let most = 2000

  package init() {}

  /// Keeps the reading, and compares it with the one that is nearest to an interval ago.
  ///
  /// - Returns: `nil` when none is between half the interval and twice the interval old, when the counting process is
  ///   another one since, or when a counter fell.
  package func increase(to reading: CounterReading, over interval: Interval) -> CounterIncrease? {
    histories.withLock { histories in
      Self.forget(&histories, reading.time)
      var history = histories[reading.subject] ?? History()
      defer { histories[reading.subject] = history }
      history.longest = max(history.longest, interval)
      if let last = history.readings.last, !reading.follows(last, within: Self.sameStart),
        !reading.isLate(after: last, every: interval, within: Self.sameStart)
      {
        history.readings = []
      }
      let base = Self.base(in: history.readings, for: reading.time, interval)
      Self.keep(reading, in: &history, every: interval)
      return base.flatMap { reading.increase(since: $0) }
    }
  }

  private static func base(in readings: [CounterReading], for time: Timestamp, _ interval: Interval)
    -> CounterReading?
  {
    let wanted = interval.milliseconds
    let near = readings.filter { (wanted / 2...wanted * 2).contains((time - $0.time).milliseconds) }
    return near.min { a, b in
      abs((time - a.time).milliseconds - wanted) < abs((time - b.time).milliseconds - wanted)
    }
  }

  /// Several questions of one look make one entry.
  private static func keep(_ reading: CounterReading, in history: inout History, every interval: Interval) {
    if let last = history.readings.last, (reading.time - last.time).milliseconds < interval.milliseconds / 20 { return }
    history.readings.append(reading)
    let oldest = history.longest.milliseconds * 2
    history.readings.removeAll { (reading.time - $0.time).milliseconds > oldest }
    if history.readings.count > most { history.readings.removeFirst() }
  }

  /// Drops what nobody has asked about for long.
  private static func forget(_ histories: inout [String: History], _ now: Timestamp) {
    histories = histories.filter { _, history in
      guard let last = history.readings.last else { return false }
      return (now - last.time).milliseconds <= max(600_000, history.longest.milliseconds * 2)
    }
  }
}

extension CounterReading {
  /// Whether it is of the same process and no counter fell.
  fileprivate func follows(_ earlier: CounterReading, within tolerance: Int64) -> Bool {
    time >= earlier.time && abs((began - earlier.began).milliseconds) <= tolerance
      && earlier.counters.allSatisfy { name, value in counters[name].map { $0 >= value } ?? true }
  }

  /// Whether it may have been overtaken by another question of the same look: lower counters are then no reset.
  fileprivate func isLate(after last: CounterReading, every interval: Interval, within tolerance: Int64) -> Bool {
    abs((time - last.time).milliseconds) < interval.milliseconds / 20
      && abs((began - last.began).milliseconds) <= tolerance
  }

  fileprivate func increase(since earlier: CounterReading) -> CounterIncrease {
    let rises = counters.compactMap { name, value in earlier.counters[name].map { (name, value - $0) } }
    return CounterIncrease(
      counters: Dictionary(rises) { first, _ in first }, seconds: (time - earlier.time).seconds)
  }
}
