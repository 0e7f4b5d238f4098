import Analysis
import Foundation
import PipelineModel
import Testing

// Faults that begin late: what was good for long does not cover them, a step passes on its own evidence, and looking for
// them raises no more false alarms than promised.

struct LateFaultTests {
  private static let plain = CountTest(dispersion: .none)

  private static func look(_ e1: Double, _ n1: Double, _ e0: Double, _ n0: Double) -> CountLook {
    CountLook(canary: ArmCounts(bad: e1, all: n1), control: ArmCounts(bad: e0, all: n0))
  }

  /// 10 000 requests, half a percent bad, `share` of them and `ratio` times as bad the canary's.
  private static func look(_ share: Double, ratio: Double = 1, _ chance: inout Chance) -> CountLook {
    let (n1, n0) = (10_000 * share, 10_000 * (1 - share))
    return look(chance.poisson(n1 * 0.005 * ratio), n1, chance.poisson(n0 * 0.005), n0)
  }

  /// Six hours at 25 %, a look a minute.
  private static func longAndGood(_ chance: inout Chance) -> CountEvidence {
    var evidence = CountEvidence()
    for _ in 0..<360 { evidence.add(look(0.25, &chance), CountTest()) }
    return evidence
  }

  // MARK: Fail side

  @Test(arguments: 1...20)
  func `twice as bad from the next step on is failed within minutes, after six good hours`(seed: UInt64) {
    var chance = Chance(seed)
    var evidence = Self.longAndGood(&chance)
    evidence.beginStep()
    var looks = 0
    repeat {
      looks += 1
      evidence.add(Self.look(0.5, ratio: 2, &chance), CountTest())
    } while evidence.judgement(CountTest()) != .fail && looks < 100
    #expect(looks <= 10, "\(looks) looks")
  }

  @Test(arguments: 1...20)
  func `twice as bad in the middle of a step is failed within minutes, after six good hours of it`(seed: UInt64) {
    var chance = Chance(seed)
    var evidence = Self.longAndGood(&chance)
    var looks = 0
    repeat {
      looks += 1
      evidence.add(Self.look(0.25, ratio: 2, &chance), CountTest())
    } while evidence.judgement(CountTest()) != .fail && looks < 100
    #expect(looks <= 20, "\(looks) looks")
  }

  @Test func `the counts that are told are those since the fault began`() {
    var chance = Chance(4)
    let comparing = Comparing(Comparison(), share: 1)
    var evidence = Evidence()
    for _ in 0..<360 { _ = comparing.weigh(Self.look(0.25, &chance), isAlone: false, &evidence) }
    evidence.beginStep()
    let bad = Self.look(300, 5000, 25, 5000)
    // One look alone could be a burst.
    #expect(comparing.weigh(bad, isAlone: false, &evidence) == .inconclusive)
    var looks = 1.0
    repeat { looks += 1 } while comparing.weigh(bad, isAlone: false, &evidence) != .fail && looks < 10
    #expect(looks <= 6)
    let weighing = comparing.weighing(evidence)
    #expect(weighing.since == 361)
    #expect((weighing.canary.bad, weighing.control.bad) == (300 * looks, 25 * looks))
    #expect(weighing.atLeast > 1.5 && weighing.atLeast < 12)
  }

  // MARK: Promises

  /// Steps of a random length, the weight moving at each.
  private static func fails(_ seed: UInt64, looks: Int, _ test: CountTest) -> Bool {
    var chance = Chance(seed)
    var evidence = CountEvidence()
    var share = 0.05
    for _ in 0..<looks {
      if chance.unit() < 0.1 {
        evidence.beginStep()
        share = [0.05, 0.25, 0.5][Int(chance.next(3)) % 3]
      }
      evidence.add(look(share, &chance), test)
      if evidence.judgement(test) == .fail { return true }
    }
    return false
  }

  @Test func `a healthy release is failed no more often than promised, however many steps and looks it has`() {
    let failed = (1...1500 as ClosedRange<UInt64>).count { Self.fails($0, looks: 80, Self.plain) }
    // 1 % of 1500 is 15; four standard deviations more is 30.
    #expect(failed <= 30, "\(failed) of 1500")
  }

  /// Looks without anything bad leave every e-value at 1, so what is left is the sum of the stakes.
  @Test(arguments: 1...50)
  func `all that is staked together is one at most, however the looks are cut into steps`(seed: UInt64) {
    var chance = Chance(seed)
    var evidence = CountEvidence()
    #expect(evidence.logEvidence(Self.plain).fail == 0)
    for _ in 0..<300 {
      if chance.unit() < 0.2 { evidence.beginStep() }
      evidence.add(Self.look(0, 500, 0, 9500), Self.plain)
      #expect(evidence.logEvidence(Self.plain).fail <= 1e-12)
    }
    #expect(evidence.logEvidence(Self.plain).fail > log(0.7))
  }

  // MARK: Pass side

  @Test(arguments: 1...20)
  func `a step does not pass on what the steps before have shown`(seed: UInt64) {
    var chance = Chance(seed)
    var evidence = Self.longAndGood(&chance)
    #expect(evidence.judgement(CountTest()) == .pass)
    evidence.beginStep()
    #expect(evidence.judgement(CountTest()) != .pass)
    evidence.add(Self.look(1, 500, 1, 500), CountTest())
    #expect(evidence.judgement(CountTest()) != .pass)
  }

  @Test func `one that turns as bad as must be detected passes no more often than promised`() {
    let test = CountTest(alpha: 1e-12, dispersion: .none)
    let passed = (1...1000 as ClosedRange<UInt64>).count { seed in
      var chance = Chance(seed)
      var evidence = CountEvidence()
      for _ in 0..<50 { evidence.add(Self.look(0.25, &chance), test) }
      evidence.beginStep()
      return (0..<15).contains { _ in
        evidence.add(Self.look(0.5, ratio: 2, &chance), test)
        return evidence.judgement(test) == .pass
      }
    }
    // 5 % of 1000 is 50; three standard deviations more is 71.
    #expect(passed <= 71, "\(passed) of 1000")
  }

  // MARK: Guard rails

  @Test func `a canary alone that leaves its limit late is failed, and does not pass while that is likely`() {
    let comparing = Comparing(Comparison(limit: 0.1), share: 1)
    var evidence = Evidence()
    for _ in 0..<60 {
      #expect(comparing.weigh(Self.look(50, 10_000, 0, 0), isAlone: true, &evidence) == .pass)
    }
    #expect(comparing.weigh(Self.look(16, 100, 0, 0), isAlone: true, &evidence) == .pass)
    #expect(comparing.weigh(Self.look(190, 1000, 0, 0), isAlone: true, &evidence) != .pass)
    #expect(comparing.weigh(Self.look(1900, 10_000, 0, 0), isAlone: true, &evidence) == .fail)
    let weighing = comparing.weighing(evidence)
    #expect(weighing.isBeyondLimit)
    #expect(weighing.since > 60)
    #expect(weighing.canary.all <= 11_100)
    #expect(weighing.control == ArmCounts())
  }

  @Test func `a limit is broken by chance no more often than promised, with late starts too`() {
    let comparing = Comparing(Comparison(confidence: 0.9, limit: 0.02), share: 1)
    let broken = (1...1000 as ClosedRange<UInt64>).count { seed in
      var chance = Chance(seed)
      var evidence = Evidence()
      return (0..<100).contains { look in
        if look % 15 == 0 { evidence.beginStep() }
        let canary = Self.look(chance.poisson(4), 200, 0, 0)
        return comparing.weigh(canary, isAlone: true, &evidence) == .fail
      }
    }
    // The rail has a tenth of 10 %: 10 of 1000; four standard deviations more is 23.
    #expect(broken <= 23, "\(broken) of 1000")
  }
}
