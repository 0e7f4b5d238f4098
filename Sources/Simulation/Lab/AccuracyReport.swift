/// What the lab found.
package struct AccuracyReport: Encodable, Hashable, Sendable {
  package var seeds: Int
  package var firstSeed: UInt64
  package var requests: Double
  package var base: Double
  package var alpha: Double
  package var cells: [Cell]
  /// Of the check of the split.
  package var splits: [Split]

  package struct Split: Encodable, Hashable, Sendable {
    /// How they belong together.
    package var requests: String
    /// What was sent of the share that was set.
    package var factor: Double
    package var tolerance: Double
    package var held: Share
    /// Held while the canary had 5 %, 25 %, 50 %.
    package var at5, at25, at50: Share
  }

  package struct Cell: Encodable, Hashable, Sendable {
    package var traffic: String
    package var ratio: Double
    /// When it began to be so bad.
    package var onset: String
    package var rule: String
    package var runs: Int
    /// Since then, and before.
    package var rolledBack: Int
    package var falseAlarms: Int
    package var share: Share
    /// Rolled back while the canary had 5 %, 25 %, 50 %.
    package var at5, at25, at50: Share
    /// Neither rolled back nor passed at the end.
    package var undecided: Int
    /// Requests that the canary got from the onset until it was rolled back, in the middle of those that were.
    package var medianExposed: Double?
  }

  /// A share of runs with its 95 % confidence interval.
  ///
  /// Source: E. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
  package struct Share: Encodable, Hashable, Sendable {
    package var value, low, high: Double

    package init(_ count: Int, of runs: Int) {
      let (n, z) = (Double(runs), 1.959963984540054)
      value = Double(count) / n
      let middle = (value + z * z / (2 * n)) / (1 + z * z / n)
      let reach = z / (1 + z * z / n) * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
      low = count == 0 ? 0 : max(0, middle - reach)
      high = count == runs ? 1 : min(1, middle + reach)
    }
  }

  /// Something that is promised, and whether it was kept.
  package struct Goal: Encodable, Hashable, Sendable {
    package var promise: String
    package var found: Share
    package var isKept: Bool
  }

  package func cell(_ traffic: String, _ ratio: Double, _ rule: LabRule, from onset: LabOnset = .start) -> Cell? {
    cells.first {
      $0.traffic == traffic && $0.ratio == ratio && $0.onset == onset.rawValue && $0.rule == rule.rawValue
    }
  }

  /// The promises of the default rule that these cells can show. A rate is kept where the interval does not exclude it.
  package var goals: [Goal] {
    var goals: [Goal] = []
    for kind in LabTraffic.Kind.allCases {
      guard let healthy = cell(kind.rawValue, 1, .headgate) else { continue }
      goals.append(
        Goal(
          promise: "healthy releases rolled back, \(kind.rawValue) errors: at most \(percent(alpha))",
          found: healthy.share, isKept: healthy.share.low <= alpha))
    }
    if let twice = cell(LabTraffic.Kind.independent.rawValue, 2, .headgate) {
      goals.append(
        Goal(promise: "twice as bad, found: at least 99%", found: twice.share, isKept: twice.share.high >= 0.99))
      goals.append(
        Goal(promise: "twice as bad, found while at 5%: at least 75%", found: twice.at5, isKept: twice.at5.high >= 0.75)
      )
    }
    for split in splits where split.requests != SplitLab.Belonging.people.rawValue {
      let isHealthy = split.factor == 1
      goals.append(
        Goal(
          promise: isHealthy
            ? "split as set held, \(split.requests): at most 1%"
            : "split \(split.factor) times what was set found, \(split.requests): at least 99%",
          found: split.held, isKept: isHealthy ? split.held.low <= 0.01 : split.held.high >= 0.99))
    }
    for onset in LabOnset.allCases where onset != .start {
      guard let late = cell(LabTraffic.Kind.independent.rawValue, 2, .headgate, from: onset) else { continue }
      let least = onset == .during50 ? 0.95 : 0.99
      goals.append(
        Goal(
          promise: "twice as bad since \(onset.rawValue) and not before, found: at least \(percent(least))",
          found: late.share, isKept: late.share.high >= least))
    }
    return goals
  }

  private func percent(_ share: Double) -> String {
    let hundredths = Int((share * 10_000).rounded())
    return hundredths % 100 == 0 ? "\(hundredths / 100)%" : "\(Double(hundredths) / 100)%"
  }
}
