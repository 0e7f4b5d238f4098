import PipelineModel
import PluginKit

/// What `/stats?format=json&histogram_buckets=disjoint` answers.
struct EnvoyStatistics {
  private var values: [String: Double] = [:]
  /// Counts since the start, by the upper bound of their bucket.
  private var histograms: [String: [(bound: Double, count: Double)]] = [:]

  /// - Throws: `misconfigured` when it is not what Envoy writes.
  init(_ document: Answer) throws(Failure) {
    guard let items = document["stats"]?.items else {
      throw Failure(.misconfigured, "the answer has no \"stats\"; does `url` lead to an Envoy's admin interface?")
    }
    for item in items {
      if let name = item["name"]?.text, let value = item["value"]?.number { values[name] = value }
      for histogram in item["histograms"]?.items ?? [] {
        guard let name = histogram["name"]?.text, let buckets = histogram["buckets"]?.items else { continue }
        histograms[name] = buckets.compactMap { bucket in
          guard let bound = bucket["upper_bound"]?.number, let count = bucket["cumulative"]?.number else { return nil }
          return (bound, count)
        }
      }
    }
  }

  func value(_ name: String) -> Double? { values[name] }

  /// The buckets as counters, each by its upper bound as text.
  func buckets(_ name: String) -> [String: Double]? {
    histograms[name].map { Dictionary($0.map { ("\($0.bound)", $0.count) }) { first, _ in first } }
  }

  /// The value that so many percent of a histogram's counts are below, straight within its bucket.
  ///
  /// - Returns: `nil` when nothing was counted.
  static func quantile(_ percent: Double, of buckets: [String: Double]) -> Double? {
    let sorted = buckets.compactMap { bound, count in Double(bound).map { (bound: $0, count: count) } }
      .sorted { $0.bound < $1.bound }
    let all = sorted.reduce(0) { $0 + $1.count }
    guard all > 0 else { return nil }
    var (below, lower) = (0.0, 0.0)
    for bucket in sorted {
      if below + bucket.count >= all * percent / 100, bucket.count > 0 {
        return lower + (bucket.bound - lower) * (all * percent / 100 - below) / bucket.count
      }
      below += bucket.count
      lower = bucket.bound
    }
    return lower
  }
}
