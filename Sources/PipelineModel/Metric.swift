/// One question to a provider, with the rule that judges its answer.
package struct Metric: Hashable, Sendable {
  package var name: String
  /// Name of a provider in `headgate.yaml`.
  package var provider: String
  package var query: Template
  /// Asked instead of `query` by rules that need more than one answer, all at each look. The answer is then an object
  /// with a member for each, by its name.
  package var questions: [Question] = []
  /// Asked when the provider gives no answer; `nil`: nobody, or whom `headgate.yaml` names.
  package var fallback: Fallback?
  /// `nil`: an instant query. Otherwise the last `over` before the look, one point every `step`.
  package var range: Range?
  /// What `${interval}` stands for in the query; `nil`: the gate's own interval.
  package var interval: Interval?
  package var rule: Rule
  /// `false`: measured and reported, decides nothing.
  package var critical: Bool
  /// `true`: decides nothing, and the record says what it would have decided.
  package var dryRun: Bool
  package var onNoData: MissingPolicy
  package var onError: MissingPolicy
  /// How the split of the traffic is checked, where both versions are looked at; `nil`: as is usual for the route.
  package var split: Split?

  package struct Range: Hashable, Sendable {
    package var over: Interval
    package var step: Interval
    package init(over: Interval, step: Interval) {
      self.over = over
      self.step = step
    }
  }

  /// What of the split of the traffic holds a run.
  package enum Split: Hashable, Sendable {
    /// Nothing.
    case off
    /// Odds of the new version that are more than so many times what was set, or less than that part of it; ≥ 1.
    case tolerating(Double)
  }

  /// Another provider, with the question in its own language.
  package struct Fallback: Hashable, Sendable {
    package var provider: String
    package var query: Template
    package init(provider: String, query: Template) {
      self.provider = provider
      self.query = query
    }
  }

  /// How an answer becomes a judgement.
  package enum Rule: Hashable, Sendable {
    case threshold(Threshold)
    /// Bad requests beside those of the version that runs at the same time; evidence is carried from look to look.
    case comparison(Comparison)
    /// `pass` and `fail` over `value.ratio`, `value.difference`, `value.canary` and `value.control`.
    case relative(Relative)
    case rankSum(RankSum)
    /// Values of both versions, by a quantile or by their means; evidence is carried from look to look.
    case samples(SampleComparison)
    case burnRate(Objective)
    /// What is left of an objective's error budget, and whether that allows the change.
    case budget(Objective, ChangeKind)
  }

  /// `pass` and `fail` conditions; at least one is there. Both false: inconclusive.
  package struct Threshold: Hashable, Sendable {
    package var pass: Condition?
    package var fail: Condition?
    /// As written, for people.
    package var passText: String?
    package var failText: String?
    package init(pass: Condition? = nil, fail: Condition? = nil, passText: String? = nil, failText: String? = nil) {
      self.pass = pass
      self.fail = fail
      self.passText = passText
      self.failText = failText
    }
  }

  package init(
    name: String, provider: String, query: Template, range: Range? = nil, interval: Interval? = nil, rule: Rule,
    critical: Bool = true, dryRun: Bool = false, onNoData: MissingPolicy = .hold, onError: MissingPolicy = .hold
  ) {
    self.name = name
    self.provider = provider
    self.query = query
    self.range = range
    self.interval = interval
    self.rule = rule
    self.critical = critical
    self.dryRun = dryRun
    self.onNoData = onNoData
    self.onError = onError
  }

  /// Texts the metric asks, that for its fallback last.
  package var texts: [Template] {
    (questions.isEmpty ? [query] : questions.map(\.text)) + (fallback.map { [$0.query] } ?? [])
  }

  /// Those that may be asked.
  package var providers: [String] { [provider] + (fallback.map { [$0.provider] } ?? []) }

  /// Whether the metric can decide a gate.
  package var decides: Bool { critical && !dryRun }
}

/// What a lack of evidence does. None of them is a pass.
package enum MissingPolicy: String, Hashable, Sendable, CaseIterable {
  /// Stay, keep asking, until evidence comes or the deadline.
  case hold
  /// As a failed gate.
  case fail
  /// Leave this metric out; the others must carry the gate.
  case ignore
}
