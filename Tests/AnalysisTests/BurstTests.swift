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

  @Test(arguments: [0.0, 1e-5], [0, 4, 20])
  func `a version of which everything fails is found, however calm it is beside it, and whenever it begins`(
    beside: Double, since: Int
  ) {
    let test = CountTest()
    var (chance, evidence) = (Chance(7), CountEvidence())
    let found = (0..<45).first { look in
      if look % 15 == 0 { evidence.beginStep() }
      let share = [0.05, 0.25, 0.5][look / 15]
      let canary = ArmCounts(bad: look < since ? 0 : 10_000 * share, all: 10_000 * share)
      let control = ArmCounts(bad: chance.poisson(10_000 * (1 - share) * beside), all: 10_000 * (1 - share))
      evidence.add(CountLook(canary: canary, control: control), test)
      return evidence.judgement(test) == .fail
    }
    #expect(found.map { $0 >= since && $0 < since + 12 } == true, "\(found.map(String.init) ?? "never")")
  }

  @Test func `an outage of both at the very beginning blinds nobody`() {
    let test = CountTest()
    for (ratio, wanted) in [(2.0, Judgement.fail), (1, .pass)] {
      var (chance, evidence) = (Chance(3), CountEvidence())
      var said: Judgement?
      for look in 0..<45 where said != .fail {
        if look % 15 == 0 { evidence.beginStep() }
        let share = [0.05, 0.25, 0.5][look / 15]
        let blip = (1...2).contains(look) ? 10.0 : 1
        evidence.add(
          CountLook(
            canary: ArmCounts(bad: chance.poisson(50 * share * ratio * blip), all: 10_000 * share),
            control: ArmCounts(bad: chance.poisson(50 * (1 - share) * blip), all: 10_000 * (1 - share))), test)
        said = evidence.judgement(test)
      }
      #expect(said == wanted)
    }
  }

  private struct Mix: Sendable {
    /// Of the errors, in bursts of so many from some look on; the others by themselves.
    var share, size: Double
    var from = 0
  }

  @Test(arguments: [
    Mix(share: 0.1, size: 10), Mix(share: 0.2, size: 30), Mix(share: 0.07, size: 60), Mix(share: 1, size: 10, from: 22),
  ])
  private func `few large bursts among single errors, and bursts that begin late, fail hardly a healthy release`(
    mix: Mix
  ) {
    let test = CountTest()
    let failed = (1...600 as ClosedRange<UInt64>).count { seed in
      var chance = Chance(seed)
      func errors(_ mean: Double, _ look: Int) -> Double {
        let share = look < mix.from ? 0 : mix.share
        return chance.poisson(mean * (1 - share)) + chance.bursts(mean * share, of: mix.size)
      }
      var evidence = CountEvidence()
      return (0..<45).contains { look in
        if look % 15 == 0 { evidence.beginStep() }
        let share = [0.05, 0.25, 0.5][look / 15]
        evidence.add(
          CountLook(
            canary: ArmCounts(bad: errors(50 * share, look), all: 10_000 * share),
            control: ArmCounts(bad: errors(50 * (1 - share), look), all: 10_000 * (1 - share))), test)
        return evidence.judgement(test) == .fail
      }
    }
    // 1 % of 600 is 6; three standard deviations more is 13.
    #expect(failed <= 13, "\(failed) of 600")
  }

  @Test func `one look fails nothing, however bad it is, and a few that agree do`() {
    let test = CountTest()
    var evidence = CountEvidence()
    func add(bad: Double) {
      evidence.add(
        CountLook(canary: ArmCounts(bad: bad, all: 5000), control: ArmCounts(bad: 25, all: 5000)), test)
    }
    for look in 0..<30 { add(bad: 25 + Double(look * 7 % 11) - 5) }
    add(bad: 4000)
    #expect(evidence.judgement(test) != .fail)
    var more = 0
    while evidence.judgement(test) != .fail, more < 10 {
      add(bad: 4000)
      more += 1
    }
    #expect(more <= 4)
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
