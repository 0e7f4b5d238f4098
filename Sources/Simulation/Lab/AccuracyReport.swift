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
    /// The first share that is set; then 5, 25 and 50 % as far as they are more.
    package var from: Double
    package var isPromised: Bool
    package var held: Share
    /// Held while the canary had the first share.
    package var atFirst: Share
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
    /// Let pass when the last step is over, and when the first is.
    package var passed: Share
    package var passedAt5: Share
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
    package var verdict: Verdict

    /// Where the interval holds the promised rate, nobody can tell.
    package enum Verdict: String, Encodable, Hashable, Sendable { case kept, broken, open }

    init(_ promise: String, _ found: Share, atMost limit: Double) {
      self.promise = promise
      self.found = found
      verdict = found.high <= limit ? .kept : found.low > limit ? .broken : .open
    }

    init(_ promise: String, _ found: Share, atLeast limit: Double) {
      self.promise = promise
      self.found = found
      verdict = found.low >= limit ? .kept : found.high < limit ? .broken : .open
    }
  }

  package func cell(_ traffic: String, _ ratio: Double, _ rule: LabRule, from onset: LabOnset = .start) -> Cell? {
    cells.first {
      $0.traffic == traffic && $0.ratio == ratio && $0.onset == onset.rawValue && $0.rule == rule.rawValue
    }
  }

  /// The promises of the default rule that these cells can show.
  package var goals: [Goal] {
    LabTraffic.Kind.allCases.filter(\.isPromised).compactMap(healthy) + detected + splits.compactMap(split) + late
  }

  private func healthy(_ kind: LabTraffic.Kind) -> Goal? {
    cell(kind.rawValue, 1, .headgate).map {
      Goal("healthy releases rolled back, \(kind.rawValue) errors: at most \(percent(alpha))", $0.share, atMost: alpha)
    }
  }

  private var detected: [Goal] {
    guard let twice = cell(LabTraffic.Kind.independent.rawValue, 2, .headgate) else { return [] }
    return [
      Goal("twice as bad, found: at least 99%", twice.share, atLeast: 0.99),
      Goal("twice as bad, found while at 5%: at least 75%", twice.at5, atLeast: 0.75),
    ]
  }

  private func split(_ split: Split) -> Goal? {
    guard split.isPromised else { return nil }
    return split.factor == 1
      ? Goal(
        "split as set held, \(split.requests), from \(percent(split.from)) on: at most 1%", split.held, atMost: 0.01)
      : Goal(
        "split \(split.factor) times what was set found, \(split.requests): at least 99%", split.held, atLeast: 0.99)
  }

  private var late: [Goal] {
    LabOnset.allCases.filter { $0 != .start }.compactMap { onset in
      let least = onset == .during50 ? 0.95 : 0.99
      return cell(LabTraffic.Kind.independent.rawValue, 2, .headgate, from: onset).map {
        Goal(
          "twice as bad since \(onset.rawValue) and not before, found: at least \(percent(least))", $0.share,
          atLeast: least)
      }
    }
  }

  private func percent(_ share: Double) -> String {
    let hundredths = Int((share * 10_000).rounded())
    return hundredths % 100 == 0 ? "\(hundredths / 100)%" : "\(Double(hundredths) / 100)%"
  }
}
