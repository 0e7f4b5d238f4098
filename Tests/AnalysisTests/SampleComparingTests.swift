import Analysis
import Foundation
import PipelineModel
import Testing

// Quantiles and means of single values: what they promise however often one looks, how they take what is no number, and
// that the verdict does not depend on how the looks are cut.

struct SampleComparingTests {
  static let quantile = SampleComparing(SampleComparison(.quantile(0.9), sharpestAt: 1000), share: 1)
  static let mean = SampleComparing(SampleComparison(.mean, detect: 1.3, sharpestAt: 1000), share: 1)
  static let both = [quantile, mean]

  /// Durations: lognormal, as sums of uniform numbers make it nearly.
  private static func values(_ count: Int, times factor: Double = 1, _ chance: inout Chance) -> [Double] {
    (0..<count).map { _ in
      var sum = -6.0
      for _ in 0..<12 { sum += chance.unit() }
      return factor * exp(0.5 * sum)
    }
  }

  private static func look(
    _ canary: Int, _ control: Int, times factor: Double = 1, _ chance: inout Chance
  ) -> SampleLook {
    SampleLook(
      canary: .init(values: values(canary, times: factor, &chance)), control: .init(values: values(control, &chance)))
  }

  /// The first verdict of sixty looks at 50 and 200 values.
  private static func verdict(_ comparing: SampleComparing, times factor: Double, seed: UInt64) -> Judgement {
    var chance = Chance(seed)
    var evidence = SampleEvidence()
    for _ in 0..<60 {
      let judgement = comparing.weigh(look(50, 200, times: factor, &chance), isAlone: false, &evidence)
      if judgement != .inconclusive { return judgement }
    }
    return .inconclusive
  }

  // MARK: Promises

  @Test(arguments: both)
  func `a version that is no worse is failed no more often than promised, however often one looks`(
    comparing: SampleComparing
  ) {
    let failed = (1...120 as ClosedRange<UInt64>).count { seed in
      var chance = Chance(seed)
      var evidence = SampleEvidence()
      return (0..<40).contains { _ in
        comparing.weigh(Self.look(50, 200, &chance), isAlone: false, &evidence) == .fail
      }
    }
    // 1 in 100 is promised; beyond 5 of 120 by chance once in a hundred times.
    #expect(failed <= 5, "\(failed) of 120")
  }

  @Test(arguments: both)
  func `a version as bad as must not pass does so no more often than promised`(comparing: SampleComparing) {
    let passed = (1...80 as ClosedRange<UInt64>).count {
      Self.verdict(comparing, times: comparing.rule.detect, seed: $0) == .pass
    }
    #expect(passed <= 10, "\(passed) of 80")
  }

  @Test(arguments: both)
  func `a version that is much worse is failed, one that is as good passes`(comparing: SampleComparing) {
    let failed = (1...50 as ClosedRange<UInt64>).count { Self.verdict(comparing, times: 2, seed: $0) == .fail }
    let passed = (1...50 as ClosedRange<UInt64>).count { Self.verdict(comparing, times: 1, seed: $0) == .pass }
    #expect(failed == 50)
    #expect(passed >= 40, "\(passed) of 50")
  }

  @Test func `where lower is worse, lower fails and higher passes`() {
    for measure in [SampleComparison.Measure.quantile(0.5), .mean] {
      let comparing = SampleComparing(
        SampleComparison(measure, worse: .lower, detect: 1.3, sharpestAt: 1000), share: 1)
      #expect(Self.verdict(comparing, times: 0.5, seed: 1) == .fail)
      #expect(Self.verdict(comparing, times: 1.5, seed: 1) == .pass)
    }
  }

  @Test(arguments: both)
  func `a smaller part of what may go wrong asks for more`(comparing: SampleComparing) {
    let part = SampleComparing(comparing.rule, share: 0.1)
    #expect(part.alpha < comparing.alpha)
    var chance = Chance(3)
    var (whole, tenth) = (SampleEvidence(), SampleEvidence())
    var looks = (whole: 0, tenth: 0)
    for _ in 0..<60 {
      let look = Self.look(50, 200, times: 1.4, &chance)
      if comparing.weigh(look, isAlone: false, &whole) != .fail { looks.whole += 1 }
      if part.weigh(look, isAlone: false, &tenth) != .fail { looks.tenth += 1 }
    }
    #expect(looks.whole <= looks.tenth)
  }

  // MARK: Cutting

  @Test(arguments: both, 1...5)
  func `how looks are cut does not change what all of them say`(comparing: SampleComparing, seed: UInt64) {
    var chance = Chance(seed)
    let canary = Self.values(400, times: 1.2, &chance)
    let control = Self.values(1600, &chance)
    var once = SampleEvidence()
    let whole = comparing.weigh(
      SampleLook(canary: .init(values: canary), control: .init(values: control)), isAlone: false, &once)
    var pieces = SampleEvidence()
    var cut = Judgement.inconclusive
    for piece in 0..<20 {
      let look = SampleLook(
        canary: .init(values: Array(canary[(piece * 20)..<(piece * 20 + 20)])),
        control: .init(values: Array(control[(piece * 80)..<(piece * 80 + 80)])))
      cut = comparing.weigh(look, isAlone: false, &pieces)
    }
    #expect(cut == whole)
    #expect(comparing.weighing(once).strength == comparing.weighing(pieces).strength)
  }

  // MARK: Nothing to say

  @Test(arguments: both)
  func `an empty arm says nothing, and too few values are undecided`(comparing: SampleComparing) {
    var chance = Chance(1)
    var evidence = SampleEvidence()
    let nothing = SampleLook(canary: .init(values: []), control: .init(values: [1, 2]))
    #expect(comparing.weigh(nothing, isAlone: false, &evidence) == .noData)
    #expect(evidence.skipped == 1)
    #expect(comparing.weigh(Self.look(99, 500, times: 50, &chance), isAlone: false, &evidence) == .inconclusive)
    #expect(comparing.weighing(evidence).strength == nil)
    #expect(comparing.weigh(Self.look(1, 1, times: 50, &chance), isAlone: false, &evidence) == .fail)
  }

  @Test(arguments: both)
  func `alone it says what it said`(comparing: SampleComparing) {
    var chance = Chance(1)
    var evidence = SampleEvidence()
    let said = comparing.weigh(Self.look(500, 500, times: 3, &chance), isAlone: false, &evidence)
    let nothing = SampleLook(canary: .init(values: [1]), control: .init(values: []))
    #expect(comparing.weigh(nothing, isAlone: true, &evidence) == said)
    #expect(evidence.looks == 1)
  }

  @Test(arguments: both, [0.0, 1e-300, 1, 1e12, 1e300])
  func `values of any size give a verdict and finite numbers, also when all are the same`(
    comparing: SampleComparing, size: Double
  ) {
    var evidence = SampleEvidence()
    let same = SampleLook(
      canary: .init(values: [Double](repeating: size, count: 200)),
      control: .init(values: [Double](repeating: size, count: 200)))
    #expect(comparing.weigh(same, isAlone: false, &evidence) != .fail)
    var chance = Chance(7)
    var varied = SampleEvidence()
    let spread = SampleLook(
      canary: .init(values: Self.values(500, times: size, &chance)),
      control: .init(values: Self.values(500, times: size, &chance)))
    #expect(comparing.weigh(spread, isAlone: false, &varied) != .fail)
  }

  @Test func `a mean keeps its digits where the values are large and differ little`() {
    var evidence = SampleEvidence()
    var chance = Chance(5)
    func around(_ middle: Double) -> SampleLook.Arm { .init(values: (0..<400).map { _ in middle + chance.unit() }) }
    let look = SampleLook(canary: around(1e9), control: around(1e9))
    _ = Self.mean.weigh(look, isAlone: false, &evidence)
    guard case .bounds(let atLeast, let below)? = evidence.strength else {
      Issue.record("no bounds")
      return
    }
    #expect(atLeast > 1 - 1e-9 && below < 1 + 1e-9)
  }

  // MARK: Late faults

  @Test(arguments: both)
  func `what was good for long does not cover what is bad in a later step`(comparing: SampleComparing) {
    var chance = Chance(11)
    var evidence = SampleEvidence()
    for _ in 0..<120 { _ = comparing.weigh(Self.look(50, 50, &chance), isAlone: false, &evidence) }
    #expect(comparing.judgement(evidence) == .pass)
    evidence.beginStep()
    var looks = 0
    repeat {
      looks += 1
      #expect(comparing.weigh(Self.look(50, 50, times: 2, &chance), isAlone: false, &evidence) != .pass)
    } while comparing.judgement(evidence) != .fail && looks < 60
    #expect(looks <= 20, "\(looks) looks")
    let weighing = comparing.weighing(evidence)
    #expect(weighing.since == 121)
    #expect(weighing.canary.count == Double(50 * looks))
  }

  @Test(arguments: both)
  func `steps without end are failed no more often than promised`(comparing: SampleComparing) {
    let failed = (1...60 as ClosedRange<UInt64>).count { seed in
      var chance = Chance(seed)
      var evidence = SampleEvidence()
      return (0..<40).contains { look in
        if look % 4 == 0 { evidence.beginStep() }
        return comparing.weigh(Self.look(50, 200, &chance), isAlone: false, &evidence) == .fail
      }
    }
    #expect(failed <= 4, "\(failed) of 60")
  }

  // MARK: Nothing positive

  @Test(arguments: [-3.0, 0])
  func `of a quantile that is not positive nothing is ever so many times as much`(middle: Double) {
    var chance = Chance(3)
    func around(_ middle: Double) -> SampleLook.Arm { .init(values: (0..<500).map { _ in middle + chance.unit() - 1 }) }
    for (canary, control) in [(middle, middle), (middle, 5), (5, middle), (middle * 2, middle)] {
      var evidence = SampleEvidence()
      for _ in 0..<10 {
        let look = SampleLook(canary: around(canary), control: around(control))
        #expect(Self.quantile.weigh(look, isAlone: false, &evidence) == .inconclusive)
      }
    }
  }

  // MARK: Memory

  @Test func `beyond twenty thousand values only some are kept, a fair sample of all`() {
    var chance = Chance(9)
    var evidence = SampleEvidence()
    for _ in 0..<100 {
      _ = Self.mean.weigh(Self.look(10, 10, &chance), isAlone: false, &evidence)
      #expect(evidence.run.canary.values.isEmpty)
    }
    var many = SampleEvidence()
    for _ in 0..<200 { _ = Self.quantile.weigh(Self.look(20, 1000, &chance), isAlone: false, &many) }
    #expect(many.run.control.moments.count == 200_000)
    #expect(many.run.control.values.count < 60_000)
    #expect(many.run.control.values == many.run.control.values.sorted())
    #expect(many.run.canary.values.count == 4000)
  }

  // MARK: Answers

  private func answer(_ parts: [(String, Answer)]) -> Answer {
    .object(parts.map { .init(name: $0.0, value: $0.1) })
  }

  @Test func `values come as lists or summed up; what is no number is left out`() throws {
    let list = Answer.list([.number(1), .null, .number(.nan), .number(3), .number(.infinity)])
    let look = try #require(try answer([("canary", list), ("control", .number(2))]).sampleLook)
    #expect(look.canary.values == [1, 3])
    #expect(look.control.moments.mean == 2)
    let sums = answer([
      ("canary.all", .number(4)), ("canary.sum", .number(8)), ("canary.squares", .number(20)),
      ("control.all", .number(2)), ("control.sum", .number(2)), ("control.squares", .number(2)),
    ])
    let summed = try #require(try sums.sampleLook).canary.moments
    #expect((summed.count, summed.mean) == (4, 2))
    #expect(try answer([("canary", .list([])), ("control", list)]).sampleLook == nil)
    #expect(try answer([("canary", .null), ("control", list)]).sampleLook == nil)
  }

  @Test func `an answer of the wrong shape is an error, and changes nothing`() {
    let judge = Judge(
      Metric(name: "m", provider: "p", query: Template(text: "q"), rule: .samples(SampleComparison(.mean))))
    var evidence = SampleEvidence()
    #expect(judge.weighSamples(.text("x"), isAlone: false, &evidence) == .error)
    let text = answer([("canary", .text("fast")), ("control", .number(1))])
    #expect(judge.weighSamples(text, isAlone: false, &evidence) == .error)
    let negative = answer([
      ("canary.all", .number(4)), ("canary.sum", .number(8)), ("canary.squares", .number(-20)),
      ("control", .number(1)),
    ])
    #expect(judge.weighSamples(negative, isAlone: false, &evidence) == .error)
    #expect(evidence == SampleEvidence())
  }
}
