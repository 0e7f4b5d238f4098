package import PipelineModel

/// Answers questions about what users of a version see.
package protocol MetricProvider: Sendable {
  /// Asks once. Returns or throws within about `query.timeout`, whatever the backend does.
  ///
  /// - Returns: the answer as it came. An empty result is `.list([])` or `.null`; NaN and ±Inf are numbers. Whether they
  ///   count as data is for the engine to judge, never for the provider.
  /// - Throws: `Failure`. Asking twice is harmless; a provider does not retry by itself, the next look does.
  func sample(_ query: MetricQuery) async throws(Failure) -> Answer
}

package struct MetricQuery: Hashable, Sendable {
  /// Name of the metric in its pipeline.
  package var metric: String
  /// In the provider's own language, every `${…}` filled.
  package var text: String
  /// `nil`: the value now.
  package var range: Metric.Range?
  /// The instant of the look.
  package var at: Timestamp
  package var timeout: Interval
  /// What `${interval}` stood for: the time the question is about.
  package var interval: Interval

  package init(
    metric: String, text: String, range: Metric.Range? = nil, at: Timestamp, timeout: Interval = .seconds(10),
    interval: Interval = .minutes(1)
  ) {
    self.metric = metric
    self.text = text
    self.range = range
    self.at = at
    self.timeout = timeout
    self.interval = interval
  }
}
