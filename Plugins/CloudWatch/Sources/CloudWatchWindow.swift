import PipelineModel
import PluginKit

/// The time and the length of periods that CloudWatch is asked about, in whole seconds.
///
/// CloudWatch counts in whole periods that begin at multiples of their length; a period that is not over would be a part
/// of the truth. So the window ends where the last whole period did, and that is `delay` before the look at the latest.
struct CloudWatchWindow: Hashable {
  var start: Int64
  var end: Int64
  var period: Int64

  init(_ query: MetricQuery, delay: Interval) {
    let period = Self.period(query.range?.step ?? query.interval)
    let latest = (query.at.milliseconds - delay.milliseconds) / 1000
    end = latest - latest % period
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
