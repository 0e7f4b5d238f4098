import Analysis
import Foundation
import PipelineModel
import Testing

// Properties of the comparison of counts: what it may be told, what it must not say, and what it promises.

struct CountEvidenceTests {
  private static let plain = CountTest(dispersion: .none)

  private static func look(_ e1: Double, _ n1: Double, _ e0: Double, _ n0: Double) -> CountLook {
    CountLook(canary: ArmCounts(bad: e1, all: n1), control: ArmCounts(bad: e0, all: n0))
  }

  // MARK: Cutting

  @Test(arguments: 1...20)
  func `how looks are cut does not matter while the split stays`(seed: UInt64) {
    var chance = Chance(seed)
    let whole = Self.look(37, 5000, 410, 95_000)
    var pieces = CountEvidence()
    var (left1, left0, leftShare) = (whole.canary.bad, whole.control.bad, 1.0)
    for _ in 0..<Int(chance.next(20)) {
      let share = leftShare * chance.unit() / 3
      let (e1, e0) = ((left1 * chance.unit() / 2).rounded(), (left0 * chance.unit() / 2).rounded())
      pieces.add(Self.look(e1, 5000 * share, e0, 95_000 * share), Self.plain)
      (left1, left0, leftShare) = (left1 - e1, left0 - e0, leftShare - share)
    }
    pieces.add(Self.look(left1, 5000 * leftShare, left0, 95_000 * leftShare), Self.plain)
    var once = CountEvidence()
    once.add(whole, Self.plain)
    for (cut, uncut) in [(pieces.run, once.run), (pieces.step, once.step)] {
      #expect((cut.logFail(Self.plain, over: 1) - uncut.logFail(Self.plain, over: 1)).magnitude < 1e-9)
      #expect((cut.logPass(Self.plain, over: 1) - uncut.logPass(Self.plain, over: 1)).magnitude < 1e-9)
      #expect(cut.atLeast(0.01, over: 1) == uncut.atLeast(0.01, over: 1))
    }
    // A fault may have begun with any of the pieces: what that adds is bounded by what is staked on the first look.
    let (cut, uncut) = (pieces.logEvidence(Self.plain), once.logEvidence(Self.plain))
    #expect((cut.pass - uncut.pass).magnitude < 1e-9)
    #expect(cut.fail >= pieces.run.logFail(Self.plain, over: 1) + log(0.7) - 1e-9)
  }

  @Test func `the order of looks does not matter`() {
    let looks = [Self.look(3, 500, 40, 9500), Self.look(12, 2500, 30, 7500), Self.look(0, 50, 9, 950)]
    var (there, back) = (CountEvidence(), CountEvidence())
    for look in looks { there.add(look, Self.plain) }
    for look in looks.reversed() { back.add(look, Self.plain) }
    #expect((there.run.logFail(Self.plain, over: 1) - back.run.logFail(Self.plain, over: 1)).magnitude < 1e-12)
    #expect((there.logEvidence(Self.plain).pass - back.logEvidence(Self.plain).pass).magnitude < 1e-12)
  }

  // MARK: No evidence

  static let silent: [CountLook] = [
    look(0, 0, 10, 9500), look(5, 500, 0, 0), look(0, 0, 0, 0), look(.nan, 500, 1, 500), look(1, .nan, 1, 500),
    look(1, 500, .infinity, 500), look(-1, 500, 1, 500), look(1, 500, 1, -500),
  ]

  @Test(arguments: silent)
  func `a look with an empty arm, or counts that are none, changes nothing`(look: CountLook) {
    var evidence = CountEvidence()
    evidence.add(Self.look(4, 500, 40, 9500), Self.plain)
    let before = evidence.logEvidence(Self.plain)
    let isTaken = evidence.add(look, Self.plain)
    #expect(!isTaken)
    #expect(evidence.logEvidence(Self.plain) == before)
    #expect((evidence.run.looks, evidence.skipped) == (1, 1))
  }

  @Test(arguments: 1...20)
  func `without a bad request anywhere, and none that is negligible, nothing is ever decided`(seed: UInt64) {
    var chance = Chance(seed)
    var evidence = CountEvidence()
    for _ in 0..<200 {
      evidence.add(Self.look(0, chance.next(1e6), 0, chance.next(1e6)), CountTest())
      #expect(evidence.judgement(CountTest()) == .inconclusive)
    }
  }

  // MARK: Numbers

  @Test(arguments: [1.0, 1e3, 1e6, 1e9, 1e12])
  func `counts up to a million million give finite numbers, and the right verdict`(scale: Double) {
    var (bad, good) = (CountEvidence(), CountEvidence())
    for _ in 0..<50 {
      bad.add(Self.look(3 * scale, 20 * scale, 19 * scale, 380 * scale), Self.plain)
      good.add(Self.look(scale, 20 * scale, 19 * scale, 380 * scale), Self.plain)
    }
    for evidence in [bad, good] {
      let (fail, pass) = evidence.logEvidence(Self.plain)
      #expect(fail.isFinite && pass.isFinite)
    }
    #expect(bad.judgement(Self.plain) == .fail)
    #expect(good.judgement(Self.plain) == .pass)
    #expect(bad.run.atLeast(0.01, over: 1) >= 1.6 && bad.run.atLeast(0.01, over: 1) <= 3)
    #expect(good.run.atMost(0.01, over: 1) <= 1.6)
  }

  @Test func `an outage common to both arms is nobody's fault`() {
    var evidence = CountEvidence()
    for _ in 0..<30 { evidence.add(Self.look(50, 500, 950, 9500), Self.plain) }
    #expect(evidence.judgement(Self.plain) == .pass)
  }

  // MARK: Promises

  /// Healthy releases, looked at 45 times while the weight moves 5 → 25 → 50.
  @Test func `a healthy release is failed no more often than promised`() {
    let alarms = Self.rollouts(2000, ratio: 1, test: CountTest(dispersion: .none)).count { $0 == .fail }
    // 1 % of 2000 is 20; four standard deviations more is 38.
    #expect(alarms <= 38, "\(alarms) of 2000")
  }

  @Test func `a release that is as bad as must be detected passes no more often than promised`() {
    let test = CountTest(alpha: 1e-12, dispersion: .none)
    let passes = Self.rollouts(2000, ratio: 2, test: test).count { $0 == .pass }
    #expect(passes <= 140, "\(passes) of 2000")
  }

  /// The few that are not are passed first, which β allows.
  @Test func `a release twice as bad is found`() {
    let found = Self.rollouts(500, ratio: 2, test: CountTest(dispersion: .none)).count { $0 == .fail }
    #expect(found >= 470, "\(found) of 500")
  }

  /// The first decision of each rollout, if there was one.
  private static func rollouts(_ count: UInt64, ratio: Double, test: CountTest) -> [Judgement] {
    (1...count).map { seed in
      var chance = Chance(seed)
      var evidence = CountEvidence()
      for look in 0..<45 {
        let share = [0.05, 0.25, 0.5][look / 15]
        let (n1, n0) = (2000 * share, 2000 * (1 - share))
        evidence.add(Self.look(chance.poisson(n1 * 0.005 * ratio), n1, chance.poisson(n0 * 0.005), n0), test)
        let judgement = evidence.judgement(test)
        if judgement != .inconclusive { return judgement }
      }
      return .inconclusive
    }
  }

  // MARK: What others missed

  /// 7 of 10 intervals at a hundred times the errors; Kayenta's judge passes it (spinnaker/spinnaker#6278).
  @Test func `seven of ten intervals a hundred times worse are failed`() throws {
    let known = try Vectors.load("kayenta.json")["known_shortcomings_from_issues"].list
    for vector in known.prefix(2) {
      for test in [Self.plain, CountTest()] { #expect(Self.verdict(on: vector, test) == .fail, "\(vector["id"].text)") }
    }
  }

  /// The canary has a third of the control's errors, spread otherwise (spinnaker/kayenta#780).
  @Test func `a release with fewer errors than its control is never failed`() throws {
    let vector = try Vectors.load("kayenta.json")["known_shortcomings_from_issues"][2]
    #expect(Self.verdict(on: vector, Self.plain) == .pass)
    #expect(Self.verdict(on: vector, CountTest()) != .fail)
  }

  /// Each interval's value as its errors among 10 000 requests of an arm.
  private static func verdict(on vector: JSON, _ test: CountTest) -> Judgement {
    var evidence = CountEvidence()
    for (canary, control) in zip(vector["experiment"].numbers, vector["control"].numbers) {
      evidence.add(look(canary, 10_000, control, 10_000), test)
      if evidence.judgement(test) == .fail { return .fail }
    }
    return evidence.judgement(test)
  }
}
