package import PipelineModel
package import PluginKit

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
    /// Some answer with something in it, whatever it is.
    case data
    /// An answer without anything in it: a missing value, which no gate takes for a number.
    case nothing
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

extension ProviderHarness: Harness {
  /// Answers as they came, twice the same, failures of the right kind, an end in spite of a backend that never answers,
  /// cancellation, messages without secrets.
  package var promises: [Promise] {
    cases.flatMap { each in ["once", "twice"].map { asking(each, $0) } } + hanging + missing
  }

  private func asking(_ each: Case, _ round: String) -> Promise {
    let what = "`\(each.query.text)`, asked \(round)"
    let ask = { @Sendable () async throws(Failure) -> Answer in try await provider.sample(each.query) }
    switch each.expected {
    case .failure(let kind): return .failure(kind, of: what, hiding: secrets, ask)
    case .answer(let expected):
      return .success(
        "\(what), is answered",
        judge: { $0.isSame(as: expected) ? nil : "the answer is \($0), and should be \(expected)" }, ask)
    case .data:
      return .success("\(what), is answered", judge: { $0.isEmpty ? "the answer is \($0), no data" : nil }, ask)
    case .nothing:
      return .success(
        "\(what), is answered by no data",
        judge: { $0.isEmpty ? nil : "the answer is \($0): say null or [] of what is missing, never a number" }, ask)
    }
  }

  private var hanging: [Promise] {
    guard let (provider, query) = deaf else { return [] }
    var patient = query
    patient.timeout = .hours(1)
    let question = patient
    return [
      .failure(.transient, of: "a deaf backend", hiding: secrets) { () async throws(Failure) in
        try await provider.sample(query)
      },
      .cancellation(of: "a question to a deaf backend") { () async throws(Failure) in
        try await provider.sample(question)
      },
    ]
  }

  private var missing: [Promise] {
    guard let absent, let query = cases.first?.query else { return [] }
    return [
      .failure(.transient, of: "an absent backend", hiding: secrets) { () async throws(Failure) in
        try await absent.sample(query)
      }
    ]
  }
}

extension Answer {
  /// Whether there is no value in it.
  package var isEmpty: Bool {
    switch self {
    case .null: true
    case .number(let number): number.isNaN
    case .list(let values): values.allSatisfy(\.isEmpty)
    case .text, .bool, .object: false
    }
  }

  /// Equal, with NaN equal to NaN.
  package func isSame(as other: Answer) -> Bool {
    switch (self, other) {
    case (.number(let a), .number(let b)): a == b || (a.isNaN && b.isNaN)
    case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
    default: self == other
    }
  }
}
