package import PipelineModel
package import PluginKit
package import Testing

/// A metric provider with what is needed to try the promises of `MetricProvider` on it.
package struct ProviderHarness: Sendable {
  /// A question and what it must come to.
  package struct Case: Sendable {
    package var query: MetricQuery
    package var expected: Expected
    package init(_ query: MetricQuery, _ expected: Expected) {
      self.query = query
      self.expected = expected
    }
  }

  package enum Expected: Sendable {
    case answer(Answer)
    case failure(Failure.Kind)
  }

  package var provider: any MetricProvider
  package var cases: [Case]
  /// A provider whose backend takes the question and never answers; with a query whose timeout is short.
  package var deaf: (any MetricProvider, MetricQuery)?
  /// A provider whose backend is not there.
  package var absent: (any MetricProvider)?
  /// What must not be seen in any message.
  package var secrets: [String]

  package init(
    provider: any MetricProvider, cases: [Case], deaf: (any MetricProvider, MetricQuery)? = nil,
    absent: (any MetricProvider)? = nil, secrets: [String] = []
  ) {
    self.provider = provider
    self.cases = cases
    self.deaf = deaf
    self.absent = absent
    self.secrets = secrets
  }
}

/// Tries what `MetricProvider` promises: answers as they came, twice the same, failures of the right kind, an end in
/// spite of a backend that never answers, cancellation, messages without secrets.
package func verifyProvider(_ harness: ProviderHarness, sourceLocation: SourceLocation = #_sourceLocation) async {
  for each in harness.cases {
    for round in ["once", "twice"] { await verify(each, round, harness, sourceLocation) }
  }
  if let (provider, query) = harness.deaf {
    await expectFailure(.transient, of: "a deaf backend", hiding: harness.secrets, sourceLocation) {
      () async throws(Failure) in try await provider.sample(query)
    }
    var patient = query
    patient.timeout = .hours(1)
    let question = patient
    await expectCancellable("a question to a deaf backend", sourceLocation) { () async throws(Failure) in
      try await provider.sample(question)
    }
  }
  if let absent = harness.absent, let query = harness.cases.first?.query {
    await expectFailure(.transient, of: "an absent backend", hiding: harness.secrets, sourceLocation) {
      () async throws(Failure) in try await absent.sample(query)
    }
  }
}

private func verify(
  _ each: ProviderHarness.Case, _ round: String, _ harness: ProviderHarness, _ location: SourceLocation
) async {
  let what = "`\(each.query.text)`, asked \(round),"
  let ask = { @Sendable () async throws(Failure) -> Answer in try await harness.provider.sample(each.query) }
  switch each.expected {
  case .failure(let kind): await expectFailure(kind, of: what, hiding: harness.secrets, location, ask)
  case .answer(let expected):
    guard let answer = await expectSuccess(of: what, location, ask) else { return }
    #expect(answer.isSame(as: expected), "\(what) gave \(answer), expected \(expected)", sourceLocation: location)
  }
}

extension Answer {
  /// Equal, with NaN equal to NaN.
  package func isSame(as other: Answer) -> Bool {
    switch (self, other) {
    case (.number(let a), .number(let b)): a == b || (a.isNaN && b.isNaN)
    case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
    default: self == other
    }
  }
}
