/// How the canary's bad requests are compared with those beside it: a test that may be looked at at any time.
package struct Comparison: Hashable, Sendable {
  /// How many times the control's rate is still tolerated; ≥ 1.
  package var tolerate: Double
  /// The ratio of rates that must not pass; > `tolerate`.
  package var detect: Double
  /// That a release that is no worse than tolerated is not failed in a whole rollout, all comparisons together.
  package var confidence: Double
  /// That one as bad as `detect` does not pass.
  package var passConfidence: Double
  /// How much of what may go wrong it takes, beside the other comparisons of the pipeline; > 0.
  package var share: Double
  package var dispersion: Dispersion
  /// A share of bad requests that fails at once, whatever the control does, and that judges where there is no control.
  package var limit: Double?
  /// A share of bad requests that nobody minds: one that is known to be less passes, whatever the control has; 0: none.
  package var negligible: Double
  package var missing: MissingCount
  /// The usual requests a second over both versions, and the usual share of bad ones, for plans; `nil`: not known.
  package var requests: Double?
  package var usualRate: Double?

  /// How burstiness is allowed for.
  package enum Dispersion: Hashable, Sendable {
    case none, estimated
    /// Variance ÷ mean of the bad requests of an interval; ≥ 1.
    case given(Double)
  }

  package init(
    tolerate: Double = 1, detect: Double = 2, confidence: Double = 0.99, passConfidence: Double = 0.95,
    share: Double = 1, dispersion: Dispersion = .estimated, limit: Double? = nil, negligible: Double = 0.0001,
    missing: MissingCount = .noData, requests: Double? = nil, usualRate: Double? = nil
  ) {
    self.tolerate = tolerate
    self.detect = detect
    self.confidence = confidence
    self.passConfidence = passConfidence
    self.share = share
    self.dispersion = dispersion
    self.limit = limit
    self.negligible = negligible
    self.missing = missing
    self.requests = requests
    self.usualRate = usualRate
  }
}

/// What it means that there are requests and no series of bad ones, as with a counter that was never raised.
package enum MissingCount: String, Hashable, Sendable, CaseIterable {
  /// Nobody knows: the question may be the wrong one.
  case noData
  /// There were none.
  case zero
}

/// The canary's value beside the control's, judged by conditions.
package struct Relative: Hashable, Sendable {
  package var threshold: Metric.Threshold
  /// Requests that each arm needs before there is anything to say.
  package var minimum: Double
  package init(threshold: Metric.Threshold, minimum: Double = 0) {
    self.threshold = threshold
    self.minimum = minimum
  }
}

extension Metric {
  package var comparison: Comparison? { if case .comparison(let comparison) = rule { comparison } else { nil } }
  package var samples: SampleComparison? { if case .samples(let samples) = rule { samples } else { nil } }

  /// Whether evidence is carried from look to look, so that nothing may be counted twice.
  package var isCarried: Bool { comparison != nil || samples != nil }

  /// Whether it looks at two versions at once.
  package var comparesArms: Bool {
    switch rule {
    case .comparison, .relative, .rankSum, .samples: true
    case .threshold, .burnRate, .budget: false
    }
  }

  /// Whether it says how many requests each of them had, so that the split can be checked.
  package var countsRequests: Bool {
    Question.Side.allCases.allSatisfy { side in questions.contains { $0.role == .all(side) } }
  }

  /// How much of what may go wrong in a rollout it takes; `nil` for rules that promise nothing about it.
  fileprivate var share: Double? { comparison?.share ?? samples?.share }

  /// What of the control, if anything, the metric needs: there is none at 100 %.
  package var needsControl: Bool {
    switch rule {
    case .comparison(let comparison): comparison.limit == nil
    case .relative, .rankSum, .samples: true
    case .threshold, .burnRate, .budget: false
    }
  }
}

extension [Metric] {
  /// The part of what may go wrong that falls to a comparison: those that decide share it by their weights.
  package func shareOfError(of index: Int) -> Double {
    guard let own = self[index].share else { return 1 }
    let whole = lazy.filter(\.decides).compactMap(\.share).reduce(0, +)
    return own / (self[index].decides ? whole : whole + own)
  }
}

extension Pipeline {
  /// The part of what may go wrong in the whole rollout that falls to a comparison in one of its stages: its evidence
  /// begins anew with each stage that moves traffic, and goes on through those that do not.
  package func shareOfError(of metric: Int) -> Double {
    var rounds = 0
    var isCounted = false
    for stage in stages {
      if stage.movesTraffic { isCounted = false }
      guard !isCounted, stage.gates.contains(where: { $0.metrics.contains(metric) }) else { continue }
      rounds += 1
      isCounted = true
    }
    return metrics.shareOfError(of: metric) / Double(Swift.max(1, rounds))
  }
}
