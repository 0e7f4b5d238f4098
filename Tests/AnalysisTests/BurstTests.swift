import Analysis
import Foundation
import PipelineModel
import Testing

// Errors that come in bursts: a healthy release is rolled back no more often than promised, however large the bursts are,
// and one that is twice as bad is still found where they come one by one.

struct BurstTests {
  /// Whether a rollout of 45 looks at 5, 25 and 50 % is rolled back while at 5 %, and ever; 10 000 requests a look, 0.5 %
  /// bad.
  private static func rollOut(_ seed: UInt64, ratio: Double, size: Double) -> (at5: Bool, ever: Bool) {
    var chance = Chance(seed)
    var evidence = CountEvidence()
    let test = CountTest()
    for look in 0..<45 {
      if look % 15 == 0 { evidence.beginStep() }
      let share = [0.05, 0.25, 0.5][look / 15]
      let counts = CountLook(
        canary: ArmCounts(bad: chance.bursts(50 * share * ratio, of: size), all: 10_000 * share),
        control: ArmCounts(bad: chance.bursts(50 * (1 - share), of: size), all: 10_000 * (1 - share)))
      evidence.add(counts, test)
      if evidence.judgement(test) == .fail { return (look < 15, true) }
    }
    return (false, false)
  }

  @Test(arguments: [1.0, 3, 10, 30])
  func `a healthy release is failed no more often than promised`(size: Double) {
    let failed = (1...1000 as ClosedRange<UInt64>).count { Self.rollOut($0, ratio: 1, size: size).ever }
    // 1 % of 1000 is 10; three standard deviations more is 20.
    #expect(failed <= 20, "\(failed) of 1000")
  }

  @Test func `what is asked because of bursts does not hide a release that is twice as bad, errors coming one by one`()
  {
    let rollouts = (1...500 as ClosedRange<UInt64>).map { Self.rollOut($0, ratio: 2, size: 1) }
    #expect(rollouts.count { $0.ever } >= 495)
    // Three quarters of 500 is 375; three standard deviations less is 346.
    #expect(rollouts.count { $0.at5 } >= 346)
  }

  /// The mean of an increment over bursts whose sizes vary as waiting times do is at most 1 for every alternative, whatever
  /// the canary's share, when the evidence is divided as it is.
  @Test(arguments: [0.01, 0.05, 0.25, 0.5, 0.75, 0.99])
  func `an increment over bursts is at most 1 in the mean`(share: Double) {
    for ratio in [1.25, 1.5, 2, 3, 5, 10] {
      // The sizes' mean is m, so the dispersion index is 2m; m cancels.
      let divisor = 2 * BurstReach.of(ratio)
      let (canary, control) = (log(ratio) - log1p(share * (ratio - 1)), -log1p(share * (ratio - 1)))
      #expect(canary < divisor)
      #expect(share / (1 - canary / divisor) + (1 - share) / (1 - control / divisor) <= 1 + 1e-12)
    }
  }

  /// A version as bad as must not pass whose errors come in bursts, beside one whose errors come one by one.
  @Test(arguments: [(0.05, 10.0), (0.5, 10), (0.5, 30)])
  func `the calm of the control does not speak for a canary with bursts`(share: Double, size: Double) {
    let test = CountTest(alpha: 1e-12, negligible: NegligibleRate(limit: 0.0001))
    let passed = (1...500 as ClosedRange<UInt64>).count { seed in
      var chance = Chance(seed)
      var evidence = CountEvidence()
      for _ in 0..<15 {
        let counts = CountLook(
          canary: ArmCounts(bad: chance.bursts(100 * share, of: size), all: 10_000 * share),
          control: ArmCounts(bad: chance.poisson(50 * (1 - share)), all: 10_000 * (1 - share)))
        evidence.add(counts, test)
      }
      return evidence.judgement(test) == .pass
    }
    // 5 % of 500 is 25; three standard deviations more is 39.
    #expect(passed <= 39, "\(passed) of 500")
  }

  /// In the middle of 300 runs, errors coming one by one.
  @Test(arguments: [1, 2, 3, 5, 8, 12, 40])
  func `plans reckon with the dispersion that a comparison has after so many looks`(looks: Int) {
    let found = (1...300 as ClosedRange<UInt64>).map { seed in
      var chance = Chance(seed)
      var evidence = CountEvidence()
      for _ in 0..<looks {
        let counts = CountLook(
          canary: ArmCounts(bad: chance.poisson(3), all: 500), control: ArmCounts(bad: chance.poisson(57), all: 9500))
        evidence.add(counts, CountTest())
      }
      return evidence.dispersion(CountTest())
    }.sorted()
    let planned = BurstOutlook(.estimated, control: 57, canary: 3).index(after: Double(looks))
    #expect(planned >= found[150] * 0.95 && planned <= found[150] * 1.35, "\(planned) for \(found[150])")
  }
}
