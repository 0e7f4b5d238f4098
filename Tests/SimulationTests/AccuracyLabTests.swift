import Simulation
import Testing

// The lab in small: the same seeds give the same figures, the rules are told apart, and every rollout is counted once.

struct AccuracyLabTests {
  private static let lab = AccuracyLab(
    seeds: 60, ratios: [1, 2], kinds: [.independent, .outage],
    splits: [
      .init(requests: .fifties, factor: 1, tolerance: 1.25), .init(requests: .fifties, factor: 0.5, tolerance: 1.25),
      .init(requests: .people, factor: 1, tolerance: 1.25),
    ])
  private static let report = lab.run()

  @Test func `the same seeds give the same figures`() {
    #expect(Self.lab.run() == Self.report)
    var other = Self.lab
    other.firstSeed = 1000
    #expect(other.run() != Self.report)
  }

  @Test func `every rule judges every rollout`() {
    // Healthy, bad, and bad from either of two times on.
    #expect(Self.report.cells.count == 2 * 4 * LabRule.allCases.count)
    for cell in Self.report.cells {
      #expect(cell.runs == 60)
      let caught = cell.at5.value + cell.at25.value + cell.at50.value
      #expect((caught - cell.share.value).magnitude < 1e-12)
      #expect(cell.rolledBack + cell.falseAlarms + cell.undecided <= cell.runs)
    }
  }

  @Test func `healthy releases stay, and those twice as bad are found`() throws {
    for kind in ["independent", "outage"] {
      let healthy = try #require(Self.report.cell(kind, 1, .headgate))
      #expect(healthy.rolledBack <= 3)
    }
    let twice = try #require(Self.report.cell("independent", 2, .headgate))
    #expect(twice.rolledBack >= 58)
    #expect(twice.medianExposed ?? 0 > 0)
  }

  @Test func `a fault that begins at half the traffic is found then and not before`() throws {
    for onset in [LabOnset.at50, .during50] {
      let late = try #require(Self.report.cell("independent", 2, .headgate, from: onset))
      #expect(late.at50.value == late.share.value)
      #expect(late.rolledBack >= 57, "\(onset.rawValue)")
    }
  }

  @Test func `a plain threshold rolls healthy releases back, and an outage of both arms every one`() throws {
    let healthy = try #require(Self.report.cell("independent", 1, .threshold))
    #expect(healthy.rolledBack > 10)
    let outage = try #require(Self.report.cell("outage", 1, .threshold))
    #expect(outage.rolledBack >= 58)
  }

  @Test func `visits hold no run, half the share does, and people who stay are why flags are not checked`() {
    let held = Self.report.splits.map(\.held.value)
    #expect(held[0] <= 0.05)
    #expect(held[1] >= 0.95)
    #expect(held[2] > 0)
  }

  @Test func `progress is told up to the end`() {
    var last: Int64 = 0
    _ = AccuracyLab(seeds: 64, ratios: [1], kinds: [.independent], rules: [.zTest], splits: []).run { done, all in
      #expect(done > last && done <= all)
      last = done
    }
    #expect(last == 64)
  }

  @Test func `a share has its interval, also at nothing and at all`() {
    let half = AccuracyReport.Share(50, of: 100)
    #expect(half.low > 0.4 && half.low < 0.41 && half.high < 0.6 && half.high > 0.59)
    #expect(AccuracyReport.Share(0, of: 100).low == 0)
    #expect(AccuracyReport.Share(0, of: 100).high < 0.04)
    #expect(AccuracyReport.Share(100, of: 100).high == 1)
  }

  @Test func `a promise is kept or broken where the interval says so, and else nobody can tell`() {
    #expect(Self.report.goals.count == 8)
    #expect(!Self.report.goals.contains { $0.verdict == .broken })
    // Of 60 healthy rollouts none says that at most one in a hundred is rolled back.
    #expect(Self.report.goals.first?.verdict == .open)
    let thousands = AccuracyLab(seeds: 600, ratios: [1], kinds: [.independent], rules: [.headgate], splits: []).run()
    #expect(thousands.goals.map(\.verdict) == [.kept])
  }

  @Test func `kinds of traffic have chances of their own, also where their names begin alike`() throws {
    let kinds: [LabTraffic.Kind] = [.fewTens, .fewThirties, .clustered, .tens]
    #expect(Set(kinds.map { AccuracyLab.seed(1, $0, 2) }).count == kinds.count)
  }

  @Test func `a version whose errors come in bursts beside a calm one is seldom passed when it is twice as bad`() throws
  {
    let lopsided = AccuracyLab(
      seeds: 300, ratios: [2], kinds: [.lopsided], onsets: [.start], rules: [.headgate], splits: [])
    let cell = try #require(lopsided.run().cell(LabTraffic.Kind.lopsided.rawValue, 2, .headgate))
    // 5 % of 300 is 15; three standard deviations more is 27.
    #expect(cell.passedAt5.value * 300 <= 27)
  }
}
