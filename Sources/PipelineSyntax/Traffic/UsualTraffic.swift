package import Analysis

/// The traffic that plans reckon with, where it is given for the plan and not by the pipeline.
package struct UsualTraffic: Hashable, Sendable {
  /// Of every comparison that `metrics` does not name.
  package var common: Flow?
  package var metrics: [String: Flow]

  package struct Flow: Hashable, Sendable {
    /// A second, over both versions.
    package var requests: Double
    /// The share of bad ones.
    package var bad: Double
    /// `nil`: taken to be always the same.
    package var recorded: RecordedTraffic?

    package init(requests: Double, bad: Double) {
      self.requests = requests
      self.bad = bad
    }

    package init(_ recorded: RecordedTraffic) {
      requests = recorded.requests
      bad = recorded.rate
      self.recorded = recorded
    }
  }

  package init(common: Flow? = nil, metrics: [String: Flow] = [:]) {
    self.common = common
    self.metrics = metrics
  }

  func flow(of metric: String) -> Flow? { metrics[metric] ?? common }
}
