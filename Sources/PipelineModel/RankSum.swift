/// Two series, compared by ranks as Kayenta does.
package struct RankSum: Hashable, Sendable {
  package enum Direction: String, Hashable, Sendable, CaseIterable { case increase, decrease, either }
  /// What a point without a value counts as.
  package enum Missing: String, Hashable, Sendable, CaseIterable { case remove, zero }
  /// What is compared with the effects that are allowed: a ratio of means, or the share of pairs in which the canary's
  /// value is the larger (common-language effect size).
  package enum Effect: String, Hashable, Sendable, CaseIterable { case meanRatio, cles }

  /// What a value is left out for, where outliers are.
  package enum OutlierMeasure: String, Hashable, Sendable, CaseIterable {
    /// How many interquartile ranges it is from the quartiles.
    case quartiles
    /// How many standard deviations it is from the mean.
    case deviations
  }

  package var tolerance: Double
  package var confidence: Double
  package var direction: Direction
  /// Effects that are allowed: down to, and up to.
  package var allowedDecrease, allowedIncrease: Double
  package var effect: Effect
  package var missing: Missing
  /// How far out a value is left out, as `outlierMeasure` counts it; `nil`: none is.
  package var outlierFactor: Double?
  package var outlierMeasure: OutlierMeasure
  /// Groups whose score it counts for; empty: one of its own.
  package var groups: [String]
  /// In a gate with a score: whether it fails the gate by itself, from which effects on.
  package var mustPass: Bool
  package var criticalDecrease, criticalIncrease: Double
  /// In a gate with a score: whether a lack of data counts as a failure of the metric.
  package var mustHaveData: Bool

  package init(
    tolerance: Double = 0.25, confidence: Double = 0.98, direction: Direction = .either, allowedDecrease: Double = 1,
    allowedIncrease: Double = 1, effect: Effect = .meanRatio, missing: Missing = .remove, outlierFactor: Double? = nil,
    outlierMeasure: OutlierMeasure = .quartiles, groups: [String] = [], mustPass: Bool = false,
    criticalDecrease: Double = 1, criticalIncrease: Double = 1,
    mustHaveData: Bool = false
  ) {
    self.tolerance = tolerance
    self.confidence = confidence
    self.direction = direction
    self.allowedDecrease = allowedDecrease
    self.allowedIncrease = allowedIncrease
    self.effect = effect
    self.missing = missing
    self.outlierFactor = outlierFactor
    self.outlierMeasure = outlierMeasure
    self.groups = groups
    self.mustPass = mustPass
    self.criticalDecrease = criticalDecrease
    self.criticalIncrease = criticalIncrease
    self.mustHaveData = mustHaveData
  }
}

extension Metric {
  package var rankSum: RankSum? { if case .rankSum(let rule) = rule { rule } else { nil } }

  /// The groups that its label counts for in a score.
  package var groups: [String] {
    guard let rankSum else { return [] }
    return rankSum.groups.isEmpty ? [name] : rankSum.groups
  }
}

/// How a gate makes one score of its metrics that compare by ranks, as Kayenta does: 100 when all pass.
package struct Scoring: Hashable, Sendable {
  /// From this score on it passes; below the other it fails; between them it is inconclusive.
  package var pass, marginal: Double
  /// In percent; groups without a weight share what is left of 100.
  package var weights: [Weighted]

  package struct Weighted: Hashable, Sendable {
    package var group: String
    package var percent: Double
    package init(group: String, percent: Double) {
      self.group = group
      self.percent = percent
    }
  }

  package init(pass: Double = 95, marginal: Double = 75, weights: [Weighted] = []) {
    self.pass = pass
    self.marginal = marginal
    self.weights = weights
  }
}
