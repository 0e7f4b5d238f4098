import Analysis
import PipelineModel
import Testing

// No false green, over gates, metrics and looks that a seeded generator makes up.

struct NoFalseGreenTests {
  @Test(arguments: UInt64(1)...20)
  func `a gate passes on evidence only`(seed: UInt64) {
    var chance = SplitMix(seed: seed)
    for _ in 0..<2000 {
      let metrics = (0..<Int.random(in: 1...4, using: &chance)).map { _ in Metric(random: &chance) }
      let gate = Gate(random: &chance, metrics.count)
      let tallies = metrics.map { _ in Tally(random: &chance) }
      guard gate.verdict(tallies, of: metrics.map(\.stakes)) == .pass else { continue }
      let deciding = zip(metrics, tallies).filter { $0.0.decides }
      let carrying = deciding.filter { !($0.0.isExcused(gate, $0.1)) }
      #expect(!carrying.isEmpty, "seed \(seed)")
      for (metric, tally) in carrying {
        #expect(tally.evidence >= gate.atLeast, "seed \(seed)")
        #expect(tally.passes > 0, "seed \(seed)")
        #expect(Int(tally.failures) <= gate.allow.failures, "seed \(seed)")
        #expect(!gate.isFailed(by: metric.stakes, tally), "seed \(seed)")
      }
    }
  }

  @Test(arguments: UInt64(1)...20)
  func `no run of missing data and errors ever passes`(seed: UInt64) {
    var chance = SplitMix(seed: seed)
    for _ in 0..<2000 {
      let metrics = (0..<Int.random(in: 1...4, using: &chance)).map { _ in Metric(random: &chance) }
      let gate = Gate(random: &chance, metrics.count)
      let tallies = metrics.map { _ in Tally(random: &chance, among: [.noData, .error]) }
      #expect(gate.verdict(tallies, of: metrics.map(\.stakes)) != .pass, "seed \(seed)")
    }
  }
}

extension Metric {
  init(random chance: inout SplitMix) {
    self.init(
      name: "m", provider: "p", query: Template(text: "q"), rule: .threshold(.init(pass: value < 1)),
      critical: Int.random(in: 0..<5, using: &chance) > 0, dryRun: Int.random(in: 0..<5, using: &chance) == 0,
      onNoData: .allCases.randomElement(using: &chance) ?? .hold,
      onError: .allCases.randomElement(using: &chance) ?? .hold)
  }

  /// Left out for want of evidence, as its policies allow.
  fileprivate func isExcused(_ gate: Gate, _ tally: Tally) -> Bool {
    switch tally.standing(atLeast: gate.atLeast, allow: gate.allow) {
    case .noData: onNoData == .ignore
    case .error: onError == .ignore
    case .pass, .fail, .inconclusive, .stopped: false
    }
  }
}

extension Gate {
  init(random chance: inout SplitMix, _ metrics: Int) {
    self.init(
      metrics: Array(0..<metrics), every: .minutes(1), atLeast: .random(in: 1...6, using: &chance),
      allow: Allowance(
        failures: .random(in: 0...3, using: &chance),
        failuresInARow: Bool.random(using: &chance) ? .random(in: 0...2, using: &chance) : nil,
        inconclusive: .random(in: 0...3, using: &chance),
        inconclusiveInARow: Bool.random(using: &chance) ? .random(in: 0...2, using: &chance) : nil,
        noDataInARow: .random(in: 0...4, using: &chance), errorsInARow: .random(in: 0...4, using: &chance)))
  }
}

extension Tally {
  init(random chance: inout SplitMix, among judgements: [Judgement] = Judgement.allCases) {
    self.init()
    // Mostly passes, or hardly any gate would.
    let weighted = judgements + (judgements.contains(.pass) ? Array(repeating: .pass, count: 8) : [])
    for _ in 0..<Int.random(in: 0...12, using: &chance) {
      record(weighted.randomElement(using: &chance) ?? .noData, value: nil)
    }
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers from the same seed, on every machine.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
