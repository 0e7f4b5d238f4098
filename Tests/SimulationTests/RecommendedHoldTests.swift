import Engine
import PipelineModel
import PipelineSyntax
import Simulation
import Testing

// What a plan promises of a comparison comes about: the engine, in virtual time and with errors that come by chance,
// decides within the hold that is recommended, however few looks the gate had in the one that was written.

struct RecommendedHoldTests {
  private static let hold = Interval.minutes(20)
  private static let seeds = 1...30 as ClosedRange<UInt64>
  /// Beside what nine in ten would be, three standard deviations less.
  private static let nearlyAll = 22

  private static let errors: Metric = {
    var metric = Metric(
      name: "errors", provider: "metrics", query: Template(parts: []),
      rule: .comparison(Comparison(requests: 400, usualRate: 0.005)))
    metric.questions = [.bad(.canary), .all(.canary), .bad(.control), .all(.control)].map {
      Question($0, Template(parts: []))
    }
    return metric
  }()

  /// 5 % for a hold, then all of it.
  private static func pipeline(_ hold: Interval, every: Interval) -> Pipeline {
    let gate = Gate(metrics: [0], every: every)
    let steps = [
      Canary.Step(weight: .percent(5), hold: hold, gate: gate), Canary.Step(weight: .all, hold: .minutes(1)),
    ]
    let canary = Canary(route: RouteName(router: "edge", route: "shop"), deploy: nil, steps: steps)
    return Pipeline(
      name: "shop", target: Target(service: "shop", environment: "production"), metrics: [errors],
      stages: [Stage(name: "canary", work: .canary(canary))])
  }

  private static func decision(_ pipeline: Pipeline) throws -> StepDecision {
    try #require(PlanReport(pipeline).stages.first?.steps.first?.decisions.first)
  }

  /// How many rollouts end like that, by the gate and not by the deadline, where the new version has so many times the errors.
  private static func count(_ outcome: Outcome, _ pipeline: Pipeline, ratio: Double) -> Int {
    let world = WorldModel(
      traffic: 400, stable: ["errors": .ratio(0.005)], canary: ["errors": .become(.ratio(0.005 * ratio))])
    return seeds.count { seed in
      let result = simulate(pipeline, world: world, seed: seed).result
      return result.outcome == outcome && !result.wasHeld
    }
  }

  @Test(arguments: [1, 2, 3, 5, 8, 12] as [Int64])
  func `within the recommended hold versions are decided, as good as the other and as bad as must be seen`(
    looks: Int64
  ) throws {
    let every = Interval.milliseconds(Self.hold.milliseconds / looks)
    let decision = try Self.decision(Self.pipeline(Self.hold, every: every))
    let recommended = try #require(decision.recommendedHold)
    let longer = Self.pipeline(recommended, every: every)
    #expect(try Self.decision(longer).fits(recommended) == true)
    #expect(Self.count(.promoted, longer, ratio: 1) >= Self.nearlyAll, "\(recommended)")
    #expect(Self.count(.rolledBack, longer, ratio: 2) >= Self.nearlyAll, "\(recommended)")
  }

  @Test(arguments: [1, 2, 3] as [Int64])
  func `where few looks tell too little of bursts, looking as often as is said decides within the same time`(
    looks: Int64
  ) throws {
    let every = Interval.milliseconds(Self.hold.milliseconds / looks)
    let decision = try Self.decision(Self.pipeline(Self.hold, every: every))
    #expect(decision.fits(Self.hold) == false)
    let oftener = Self.pipeline(Self.hold, every: try #require(decision.oftener))
    #expect(Self.count(.promoted, oftener, ratio: 1) >= Self.nearlyAll)
    #expect(Self.count(.rolledBack, oftener, ratio: 2) >= Self.nearlyAll)
  }

  @Test(arguments: [3, 5, 8, 12, 40] as [Int64])
  func `when the look comes that is expected to tell, about half of them are decided`(looks: Int64) throws {
    let every = Interval.milliseconds(Self.hold.milliseconds / looks)
    let decision = try Self.decision(Self.pipeline(Self.hold, every: every))
    let toPass = try #require(decision.timeToPass)
    let passed = Self.count(.promoted, Self.pipeline(toPass, every: every), ratio: 1)
    #expect(passed >= 8, "\(passed) at \(toPass)")
    let toFail = try #require(decision.timeToFail)
    let failed = Self.count(.rolledBack, Self.pipeline(toFail, every: every), ratio: 2)
    #expect(failed >= 8, "\(failed) at \(toFail)")
  }
}
