import Analysis
import PipelineModel

/// How often rules roll back healthy releases, and how soon they catch bad ones, on the same synthetic traffic.
package struct AccuracyLab: Sendable {
  /// Rollouts for each kind of traffic and each ratio.
  package var seeds: Int
  package var firstSeed: UInt64
  /// In a look, both arms together.
  package var requests: Double
  package var base: Double
  package var alpha: Double
  package var ratios: [Double]
  package var kinds: [LabTraffic.Kind]
  /// Late ones are tried with releases that are at least half as bad again.
  package var onsets: [LabOnset]
  package var rules: [LabRule]
  package var splits: [SplitLab.Trial]

  static let weights = [0.05, 0.25, 0.5]
  static let looksPerStep = 15

  package init(
    seeds: Int = 4000, firstSeed: UInt64 = 1, requests: Double = 10_000, base: Double = 0.005, alpha: Double = 0.01,
    ratios: [Double] = [1, 1.2, 1.5, 2, 5], kinds: [LabTraffic.Kind] = LabTraffic.Kind.allCases,
    onsets: [LabOnset] = LabOnset.allCases, rules: [LabRule] = LabRule.allCases,
    splits: [SplitLab.Trial] = SplitLab.usual
  ) {
    self.seeds = seeds
    self.firstSeed = firstSeed
    self.requests = requests
    self.base = base
    self.alpha = alpha
    self.ratios = ratios
    self.kinds = kinds
    self.onsets = onsets
    self.rules = rules
    self.splits = splits
  }

  /// - Parameter progress: told of rollouts done, of all.
  package func run(_ progress: (Int64, Int64) -> Void = { _, _ in }) -> AccuracyReport {
    let all = Int64((kinds.count * scenarios.count + splits.count) * seeds)
    var done: Int64 = 0
    var cells: [AccuracyReport.Cell] = []
    for kind in kinds {
      for scenario in scenarios {
        var counts = rules.map { _ in Outcomes() }
        for seed in 0..<UInt64(seeds) {
          rollOut(kind, scenario, firstSeed &+ seed, &counts)
          done += 1
          if done % 64 == 0 { progress(done, all) }
        }
        for (rule, outcomes) in zip(rules, counts) { cells.append(outcomes.cell(kind, scenario, rule, seeds)) }
      }
    }
    let splits = SplitLab(seeds: seeds, firstSeed: firstSeed, requests: requests, trials: splits).run {
      done += 1
      if done % 64 == 0 { progress(done, all) }
    }
    return AccuracyReport(
      seeds: seeds, firstSeed: firstSeed, requests: requests, base: base, alpha: alpha, cells: cells, splits: splits)
  }

  /// How bad a release is, and from when on.
  struct Scenario {
    var ratio: Double
    var onset: LabOnset
  }

  private var scenarios: [Scenario] {
    onsets.flatMap { onset in
      ratios.filter { onset == .start || $0 >= 1.5 }.map { Scenario(ratio: $0, onset: onset) }
    }
  }

  private func rollOut(_ kind: LabTraffic.Kind, _ scenario: Scenario, _ seed: UInt64, _ counts: inout [Outcomes]) {
    let (ratio, onset) = (scenario.ratio, scenario.onset.look)
    let looks = Self.weights.count * Self.looksPerStep
    var traffic = LabTraffic(
      kind, requests: requests, base: base, ratio: ratio, looks: looks, seed: Self.seed(seed, kind, ratio))
    var trials = rules.map { LabTrial($0, base: base, alpha: alpha) }
    var isOver = rules.map { _ in false }
    var last = rules.map { _ in Judgement.inconclusive }
    var exposed = 0.0
    for look in 0..<looks {
      let step = look / Self.looksPerStep
      let seen = traffic.next(share: Self.weights[step], isFaulty: look >= onset)
      if look >= onset { exposed += seen.canary.all }
      let place = look % Self.looksPerStep
      for index in rules.indices where !isOver[index] {
        let isLast = place == Self.looksPerStep - 1
        last[index] = trials[index].judge(seen, beginsStep: place == 0, endsStep: isLast)
        if isLast, step == 0, last[index] == .pass { counts[index].passedAt5 += 1 }
        guard last[index] == .fail else { continue }
        isOver[index] = true
        if look >= onset { counts[index].rolledBack(at: step, exposed) } else { counts[index].falseAlarms += 1 }
      }
    }
    for index in rules.indices where !isOver[index] {
      if last[index] == .pass { counts[index].passed += 1 } else { counts[index].undecided += 1 }
    }
  }

  /// The seed of a rollout's traffic, which does not depend on what else is on trial.
  package static func seed(_ seed: UInt64, _ kind: LabTraffic.Kind, _ ratio: Double) -> UInt64 {
    seed &* 0x9E37_79B9_7F4A_7C15 ^ mark(kind.rawValue) ^ ratio.bitPattern
  }

  /// A number for a name, each its own: FNV-1a.
  private static func mark(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}

/// What became of the rollouts of one cell.
private struct Outcomes {
  var atStep = [0, 0, 0]
  var undecided = 0
  /// Let pass when the last step is over, and when the first is.
  var passed = 0
  var passedAt5 = 0
  /// Rolled back before anything was wrong.
  var falseAlarms = 0
  /// Requests that the canary got from the fault on.
  var exposed: [Double] = []

  mutating func rolledBack(at step: Int, _ requests: Double) {
    atStep[step] += 1
    exposed.append(requests)
  }

  func cell(
    _ kind: LabTraffic.Kind, _ scenario: AccuracyLab.Scenario, _ rule: LabRule, _ runs: Int
  ) -> AccuracyReport.Cell {
    let sorted = exposed.sorted()
    return AccuracyReport.Cell(
      traffic: kind.rawValue, ratio: scenario.ratio, onset: scenario.onset.rawValue, rule: rule.rawValue, runs: runs,
      rolledBack: exposed.count, falseAlarms: falseAlarms,
      share: AccuracyReport.Share(exposed.count, of: runs), at5: AccuracyReport.Share(atStep[0], of: runs),
      at25: AccuracyReport.Share(atStep[1], of: runs), at50: AccuracyReport.Share(atStep[2], of: runs),
      undecided: undecided, passed: AccuracyReport.Share(passed, of: runs),
      passedAt5: AccuracyReport.Share(passedAt5, of: runs),
      medianExposed: sorted.isEmpty ? nil : sorted[sorted.count / 2])
  }
}
