package import PipelineModel

/// Answers questions about what users of a version see.
package protocol MetricProvider: Sendable {
  /// Asks once. Returns or throws within about `query.timeout`, whatever the backend does.
  ///
  /// - Returns: the answer as it came. An empty result is `.list([])` or `.null`; NaN and ±Inf are numbers. Whether they
  ///   count as data is for the engine to judge, never for the provider.
  /// - Throws: `Failure`. Asking twice is harmless; a provider does not retry by itself, the next look does.
  func sample(_ query: MetricQuery) async throws(Failure) -> Answer

  /// As `sample`, with who answered when it was not the provider that was asked, and what was said against the answer.
  func ask(_ query: MetricQuery) async throws(Failure) -> Sample
}

extension MetricProvider {
  package func ask(_ query: MetricQuery) async throws(Failure) -> Sample { Sample(answer: try await sample(query)) }
}

/// An answer, where it came from, and what was said against it.
package struct Sample: Hashable, Sendable {
  package var answer: Answer
  /// What the backend said against its own answer, such as that it is not the whole one. For people, one line each.
  package var warnings: [String]
  /// `nil`: from the provider that was asked.
  package var stand: Stand?

  /// The provider that answered in another one's stead.
  package struct Stand: Hashable, Sendable {
    package var provider: String
    /// Why the one that was asked did not.
    package var because: String
    package init(provider: String, because: String) {
      self.provider = provider
      self.because = because
    }
  }

  /// - Parameter warnings: the first few are kept, the beginning of each.
  package init(answer: Answer, warnings: [String] = [], stand: Stand? = nil) {
    self.answer = answer
    self.warnings = warnings.prefix(5).map { $0.excerpt(300) }
    self.stand = stand
  }
}

package struct MetricQuery: Hashable, Sendable {
  /// Name of the metric in its pipeline.
  package var metric: String
  /// Which of the metric's questions it is, where its rule has several.
  package var question: String?
  /// In the provider's own language, every `${…}` filled.
  package var text: String
  /// `nil`: the value now.
  package var range: Metric.Range?
  /// The instant of the look.
  package var at: Timestamp
  package var timeout: Interval
  /// What `${interval}` stood for: the time the question is about.
  package var interval: Interval
  /// The look that asks; `nil`: none, and the answer is for nobody else.
  package var look: Look?

  /// When a gate looks, in the controller's time.
  package struct Look: Hashable, Sendable {
    /// The instant it was planned for. Two looks of one gate are planned at least `every` apart.
    package var at: Timestamp
    package var every: Interval
    /// When the gate began: what was seen before says nothing about what it judges.
    package var since: Timestamp
    package init(at: Timestamp, every: Interval, since: Timestamp) {
      self.at = at
      self.every = every
      self.since = since
    }
  }

  package init(
    metric: String, question: String? = nil, text: String, range: Metric.Range? = nil, at: Timestamp,
    timeout: Interval = .seconds(10), interval: Interval = .minutes(1), look: Look? = nil
  ) {
    self.metric = metric
    self.question = question
    self.text = text
    self.range = range
    self.at = at
    self.timeout = timeout
    self.interval = interval
    self.look = look
  }
}
