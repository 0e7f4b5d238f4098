import Analysis
import Foundation
import PipelineModel
import Testing

// Services without errors: they pass once it is known that next to nothing is bad, and not before; errors of one arm alone
// are weighed with what that arm shows of bursts.

struct NegligibleTests {
  private static let test = CountTest(negligible: NegligibleRate(limit: 0.0001))

  private static func look(_ e1: Double, _ n1: Double, _ e0: Double, _ n0: Double) -> CountLook {
    CountLook(canary: ArmCounts(bad: e1, all: n1), control: ArmCounts(bad: e0, all: n0))
  }

  @Test func `without errors on both sides it passes after as many requests as are planned, and not before`() {
    let alone = NegligibleRate(limit: 0.0001)
    let plain = CountTest(dispersion: .none, negligible: alone)
    for (test, dispersion) in [(plain, 1), (Self.test, CountTest.dispersionOfQuiet)] {
      let needed = alone.requestsToPass(rate: 0, beta: 0.05, over: dispersion)
      #expect(needed > 40_000 * dispersion && needed < 70_000 * dispersion)
      var evidence = CountEvidence()
      var requests = 0.0
      repeat {
        evidence.add(Self.look(0, 500, 0, 9500), test)
        requests += 500
      } while evidence.judgement(test) == .inconclusive && requests < 1e6
      #expect(evidence.judgement(test) == .pass)
      #expect((requests / needed - 1).magnitude < 0.05, "\(requests) of \(needed)")
    }
  }

  @Test func `without requests it never passes`() {
    var evidence = CountEvidence()
    for _ in 0..<1000 { evidence.add(Self.look(0, 0, 0, 1e6), Self.test) }
    #expect(evidence.judgement(Self.test) == .inconclusive)
  }

  @Test(arguments: [1.0, 2, 5])
  func `one whose share is not negligible passes no more often than promised`(times: Double) {
    // As bad as must be detected, so that the comparison with the control does not pass it either.
    let passed = (1...1000 as ClosedRange<UInt64>).count { seed in
      var chance = Chance(seed)
      var evidence = CountEvidence()
      return (0..<100).contains { _ in
        let look = Self.look(chance.poisson(0.2 * times), 2000, chance.poisson(0.1 * times), 2000)
        evidence.add(look, CountTest(alpha: 1e-12, dispersion: .none, negligible: NegligibleRate(limit: 0.0001)))
        return evidence.judgement(Self.test) == .pass
      }
    }
    // 5 % of 1000 is 50; three standard deviations more is 71.
    #expect(passed <= 71, "\(passed) of 1000")
  }

  /// A share that is not negligible, in bursts; nothing is wrong with the control.
  @Test(arguments: [(1.0, 3.0), (3, 10), (3, 30), (10, 30)])
  func `quiet between bursts does not pass for negligible more often than promised`(times: Double, size: Double) {
    let passed = (1...1000 as ClosedRange<UInt64>).count { seed in
      var chance = Chance(seed)
      var evidence = CountEvidence()
      return (0..<200).contains { _ in
        evidence.add(Self.look(chance.bursts(0.5 * times, of: size), 5000, 0, 5000), Self.test)
        return evidence.judgement(Self.test) == .pass
      }
    }
    #expect(passed <= 71, "\(passed) of 1000")
  }

  @Test func `many more errors than beside it fail, however few they are`() {
    var evidence = CountEvidence()
    for _ in 0..<40 { evidence.add(Self.look(2, 50_000, 1, 950_000), Self.test) }
    #expect(evidence.judgement(Self.test) == .fail)
  }

  @Test func `that it passed since next to nothing is bad is on record`() {
    let comparing = Comparing(Comparison(), share: 1)
    var evidence = Evidence()
    #expect(comparing.weigh(Self.look(1, 1_000_000, 0, 1_000_000), isAlone: false, &evidence) == .pass)
    #expect(comparing.weighing(evidence).isNegligible)
    #expect(comparing.weighing(evidence).below == .infinity)
  }

  @Test(arguments: [0.0, 1e12, .nan, .infinity, -1])
  func `counts of any size, and none, leave numbers`(requests: Double) {
    let rate = NegligibleRate(limit: 0.0001)
    for bad in [0, requests / 2, requests, requests * 2] {
      #expect(rate.logEvidence(ArmCounts(bad: bad, all: requests)).isFinite)
    }
  }

  // MARK: Bursts of one arm

  @Test func `errors that come one by one beside none at all are failed after a few`() {
    var evidence = CountEvidence()
    var errors = 0.0
    while evidence.judgement(CountTest()) != .fail, errors < 100 {
      evidence.add(Self.look(1, 500, 0, 9500), CountTest())
      errors += 1
    }
    #expect(errors <= 12, "\(errors) errors")
  }

  @Test func `one burst beside none at all is one event, and fails nothing`() {
    var evidence = CountEvidence()
    for look in 0..<30 { evidence.add(Self.look(look == 10 ? 12 : 0, 5000, 0, 5000), CountTest()) }
    #expect(evidence.judgement(CountTest()) != .fail)
    #expect(evidence.dispersion(CountTest()) > 4)
  }

  @Test func `what the canary shows does not change how bursty the control is`() {
    var (calm, wild) = (CountEvidence(), CountEvidence())
    for look in 0..<40 {
      let control = 40 + Double(look * 7 % 11)
      calm.add(Self.look(5, 1000, control, 9000), CountTest())
      wild.add(Self.look(look % 4 == 0 ? 20 : 0, 1000, control, 9000), CountTest())
    }
    #expect(calm.dispersion(CountTest()) == wild.dispersion(CountTest()))
  }
}
