import PipelineModel
import PluginKit

/// The time and the length of periods that CloudWatch is asked about, in whole seconds.
///
/// CloudWatch counts periods from the start of the window, which it takes in whole minutes, or in periods shorter than
/// that. The window ends with the last of those that is over, `delay` before the look at the latest: were it moved to a
/// multiple of a long period, a look soon after a change of weight would see mostly the time before it.
struct CloudWatchWindow: Hashable {
  var start: Int64
  var end: Int64
  var period: Int64

  init(_ query: MetricQuery, delay: Interval) {
    let period = Self.period(query.range?.step ?? query.interval)
    let latest = (query.at.milliseconds - delay.milliseconds) / 1000
    end = latest - latest % min(period, 60)
    let count = query.range.map { max(1, $0.over.milliseconds / 1000 / period) } ?? 1
    start = end - count * period
    self.period = period
  }

  /// 1, 5, 10 or 30 seconds, or whole minutes: what CloudWatch allows, the next longer one.
  private static func period(_ interval: Interval) -> Int64 {
    let seconds = max(1, (interval.milliseconds + 999) / 1000)
    return [1, 5, 10, 30].first { $0 >= seconds } ?? (seconds + 59) / 60 * 60
  }
}
