import Analysis
import Foundation
import PipelineModel
import Testing

// Guard rails, the split of the traffic, plans, objectives and budgets.

struct GuardTests {
  private func look(_ e1: Double, _ n1: Double, _ e0: Double, _ n0: Double) -> CountLook {
    CountLook(canary: ArmCounts(bad: e1, all: n1), control: ArmCounts(bad: e0, all: n0))
  }

  // MARK: Guard rails

  @Test func `a release that fails every request is stopped after a few of them`() {
    let limit = RateLimit(limit: 0.05, alpha: 0.001)
    #expect(!limit.isBroken(by: ArmCounts(bad: 1, all: 1)))
    #expect(limit.isBroken(by: ArmCounts(bad: 4, all: 4)))
    #expect(limit.isBroken(by: ArmCounts(bad: 6, all: 10)))
  }

  @Test(arguments: [0.0, 10, 1e6, 1e12])
  func `a release within the limit stays`(requests: Double) {
    let limit = RateLimit(limit: 0.05, alpha: 0.001)
    #expect(!limit.isBroken(by: ArmCounts(bad: requests * 0.05, all: requests)))
    #expect(!limit.isBroken(by: ArmCounts(bad: .nan, all: requests)))
  }

  @Test func `a limit is broken by chance no more often than promised`() {
    let limit = RateLimit(limit: 0.02, alpha: 0.01)
    var broken = 0
    for seed in 1...2000 as ClosedRange<UInt64> {
      var chance = Chance(seed)
      var counts = ArmCounts()
      for _ in 0..<60 {
        counts.all += 200
        counts.bad += chance.poisson(4)
        if limit.isBroken(by: counts) {
          broken += 1
          break
        }
      }
    }
    #expect(broken <= 38, "\(broken) of 2000")
  }

  @Test func `what was good beside the control does not make up for what is bad without it`() {
    let comparing = Comparing(Comparison(limit: 0.1), share: 1)
    var evidence = Evidence()
    for _ in 1...100 {
      #expect(comparing.weigh(look(40, 10_000, 40, 10_000), isAlone: false, &evidence) != .fail)
    }
    #expect(comparing.weigh(look(1300, 10_000, 0, 0), isAlone: true, &evidence) == .fail)
  }

  @Test func `a canary alone passes within the limit, and not above it`() {
    let comparing = Comparing(Comparison(limit: 0.1), share: 1)
    var evidence = Evidence()
    _ = comparing.weigh(look(0, 1_000_000, 0, 1_000_000), isAlone: false, &evidence)
    #expect(comparing.weigh(look(0, 1, 0, 0), isAlone: true, &evidence) == .inconclusive)
    #expect(comparing.weigh(look(2, 9, 0, 0), isAlone: true, &evidence) == .inconclusive)
    #expect(comparing.weigh(look(0, 100, 0, 0), isAlone: true, &evidence) == .pass)
  }

  // MARK: The split

  @Test func `a canary without a request where a share was set is noticed after some looks`() {
    var split = SampleRatio()
    split.add(canary: 0, control: 1000, share: 0.05)
    // As many requests may belong to a dozen people.
    #expect(!split.isOff)
    for _ in 0..<14 { split.add(canary: 0, control: 1000, share: 0.05) }
    #expect(split.isOff)
    #expect(split.share == 0)
  }

  @Test(arguments: [0.01, 0.05, 0.25, 0.5])
  func `a split as it was set, or rounded by the router, is no news`(share: Double) {
    for seed in 1...200 as ClosedRange<UInt64> {
      var chance = Chance(seed)
      var split = SampleRatio()
      for _ in 0..<30 {
        split.add(canary: chance.poisson(300 * share * 1.05), control: chance.poisson(300 * (1 - share)), share: share)
      }
      #expect(!split.isOff)
    }
  }

  @Test func `half the share that was set is noticed, and so is twice`() {
    for factor in [0.5, 2] {
      var split = SampleRatio()
      for _ in 0..<10 { split.add(canary: 500 * factor, control: 9500, share: 0.05) }
      #expect(split.isOff)
    }
  }

  /// The first look, of 15 each at 5, 25 and 50 %, at which the split is found to be off; 10 000 requests a look.
  private static func found(_ seed: UInt64, visits size: Double, factor: Double, tolerance: Double) -> Int? {
    var chance = Chance(seed)
    var evidence = Evidence()
    return (0..<45).first { look in
      let share = [0.05, 0.25, 0.5][look / 15]
      let sent = min(1, share * factor)
      evidence.checkSplit(
        RequestSplit(
          canary: chance.bursts(10_000 * sent, of: size), control: chance.bursts(10_000 * (1 - sent), of: size)),
        at: Weight(basisPoints: Int(share * 10_000)), tolerance: tolerance)
      return evidence.split.isOff
    }
  }

  @Test(arguments: [1.0, 10, 50, 200])
  func `requests that come in visits hold hardly a healthy run`(size: Double) {
    let held = (1...500 as ClosedRange<UInt64>).count {
      Self.found($0, visits: size, factor: 1, tolerance: SampleRatio.usualTolerance) != nil
    }
    // 1 % is 5; three standard deviations more is 12.
    #expect(held <= 12, "\(held) of 500")
  }

  @Test(arguments: [(1.0, 0.5), (1, 1.6), (50, 0.5), (50, 1.6)])
  func `a router that sends another share is found, visits or not`(size: Double, factor: Double) {
    for seed in 1...100 as ClosedRange<UInt64> {
      let look = Self.found(seed, visits: size, factor: factor, tolerance: SampleRatio.usualTolerance)
      #expect(look ?? .max < (size > 1 ? 45 : 15), "seed \(seed)")
    }
  }

  @Test func `a split may be as far off as is tolerated`() {
    for seed in 1...100 as ClosedRange<UInt64> {
      #expect(Self.found(seed, visits: 1, factor: 1.4, tolerance: 3) == nil, "seed \(seed)")
    }
  }

  @Test func `a flag's share is not checked by requests, unless the pipeline says how far off it may be`() {
    var metric = Metric(name: "m", provider: "p", query: Template(text: "q"), rule: .comparison(Comparison()))
    #expect(metric.splitTolerance(isFlag: false) == nil)
    metric.questions = [Question(.all(.canary), Template(text: "q")), Question(.all(.control), Template(text: "q"))]
    #expect(metric.splitTolerance(isFlag: false) == 1.25)
    #expect(metric.splitTolerance(isFlag: true) == nil)
    metric.split = .tolerating(2)
    #expect(metric.splitTolerance(isFlag: true) == 2)
    metric.split = .off
    #expect(metric.splitTolerance(isFlag: false) == nil)
  }

  @Test(arguments: [0.0, 1, .nan, -1])
  func `at no share and at the whole there is no split to check`(share: Double) {
    var split = SampleRatio()
    split.add(canary: 1000, control: 0, share: share)
    #expect(!split.isOff)
    #expect(split.share == nil)
  }

  // MARK: Planning

  @Test(arguments: [
    (0.05, [1286, 371, 117, 42, 15]), (0.25, [368, 118, 44, 20, 11]), (0.5, [318, 113, 49, 26, 16]),
  ])
  func `the errors a decision needs are those of the table`(share: Double, errors: [Int]) {
    let ratios = [1.5, 2, 3, 5, 10]
    #expect(ratios.map { Int(DecisionPlan.errorsToFail(share: share, ratio: $0).rounded()) } == errors)
  }

  @Test func `what is tolerated can never be failed`() {
    #expect(DecisionPlan.errorsToFail(share: 0.05, ratio: 1.25, tolerate: 1.25) == .infinity)
  }

  // MARK: Objectives

  @Test func `three nines over thirty days may fail for 43.2 minutes`() {
    let objective = Objective(name: "availability", target: 0.999)
    #expect(objective.allowedOutage == .milliseconds(2_592_000))
    #expect((objective.burn(0.0144) - 14.4).magnitude < 1e-9)
    #expect(objective.budgetLeft(bad: 0, all: 1000) == 1)
    #expect((objective.budgetLeft(bad: 5, all: 10_000) ?? 0) - 0.5 < 1e-9)
    #expect(objective.budgetLeft(bad: 0, all: 0) == nil)
  }

  @Test func `a burn rule fires only when both windows exceed its factor`() {
    let rule = Objective.defaultRules[0]
    #expect(rule.fires(long: 15, short: 15) == true)
    #expect(rule.fires(long: 15, short: 2) == false)
    #expect(rule.fires(long: 2, short: 15) == false)
    #expect(rule.fires(long: .nan, short: 15) == nil)
  }

  @Test(arguments: ChangeKind.allCases)
  func `features wait below a quarter, and nothing but exceptions go when nothing is left`(change: ChangeKind) {
    let policy = BudgetPolicy()
    #expect(policy.allows(change, left: 0.6) == .allowed)
    #expect(policy.allows(change, left: 0.2) == (change == .feature ? .frozen : .allowed))
    #expect(policy.allows(change, left: -0.1) == (change == .feature ? .exhausted : .allowed))
    #expect(policy.allows(change, left: 0.4, wasExhausted: true) == (change == .feature ? .rebuilding : .allowed))
    #expect(policy.allows(change, left: 0.5, wasExhausted: true) == .allowed)
    #expect(policy.allows(change, left: nil) == (change == .feature ? .unknown : .allowed))
  }
}
