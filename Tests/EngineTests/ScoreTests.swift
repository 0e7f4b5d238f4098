import Analysis
import Engine
import PipelineModel
import Testing

// Gates that make one score of metrics compared by ranks, and gates about single values, through the run's machine.

struct ScoreTests {
  private static func metric(_ name: String, _ rule: Metric.Rule) -> Metric {
    var metric = Metric(name: name, provider: "prom", query: Template(text: "q"), rule: rule)
    metric.questions = [
      Question(.value(.canary), Template(text: "q")), Question(.value(.control), Template(text: "q")),
    ]
    return metric
  }

  private static let ranked = [
    metric("errors", .rankSum(RankSum(direction: .increase, groups: ["errors"]))),
    metric("p99", .rankSum(RankSum(direction: .increase, groups: ["latency"]))), Pipelines.errors,
  ]

  private static func series(_ canary: Double, _ control: Double = 100, count: Int = 40) -> Reading {
    func points(_ base: Double) -> Answer { .list((0..<count).map { .number(base + Double($0 * 7 % count)) }) }
    return .answer(
      .object([.init(name: "canary", value: points(canary)), .init(name: "control", value: points(control))]))
  }

  private static func rig(
    _ scoring: Scoring = Scoring(), _ metrics: [Int] = [0, 1], onError: MissingPolicy = .hold
  ) -> Rig {
    var all = ranked
    for index in all.indices { all[index].onError = onError }
    let gate = Gate(metrics: metrics, every: .minutes(1), score: scoring)
    return Rig([Pipelines.canary([5, 50], gate: gate, hold: .minutes(3))], metrics: all)
  }

  private static func round(_ rig: inout Rig, _ first: Reading, _ second: Reading) throws {
    try rig.look(first, metric: 0)
    if rig.run.working != nil { try rig.look(second, metric: 1) }
  }

  private func scores(_ rig: Rig) -> [Double?] {
    rig.decisions.compactMap { if case .scored(_, let report) = $0 { report.summary } else { nil } }
  }

  @Test func `a score below what is marginal takes the run back at once`() throws {
    var rig = Self.rig()
    try rig.settle()
    try Self.round(&rig, Self.series(500), Self.series(100))
    #expect(scores(rig) == [50])
    #expect(rig.run.rollback != nil)
    let concluded = rig.decisions.contains { if case .concluded(.move, .fail, _) = $0 { true } else { false } }
    #expect(concluded)
  }

  @Test func `a full score at the end of the hold lets the run go on`() throws {
    var rig = Self.rig()
    try rig.settle()
    for _ in 0..<3 { try Self.round(&rig, Self.series(100), Self.series(100)) }
    #expect(scores(rig) == [100, 100, 100])
    #expect(rig.run.pending.contains { $0.work == .setWeight(route: 0, .percent(50)) })
  }

  @Test func `a marginal score early is forgiven, at the end it is for a person`() throws {
    let scoring = Scoring(pass: 95, marginal: 40)
    var rig = Self.rig(scoring)
    try rig.settle()
    for _ in 0..<2 { try Self.round(&rig, Self.series(500), Self.series(100)) }
    #expect(rig.run.working?.held == nil)
    var good = rig
    try Self.round(&good, Self.series(100), Self.series(100))
    #expect(good.run.pending.contains { $0.work == .setWeight(route: 0, .percent(50)) })
    try Self.round(&rig, Self.series(500), Self.series(100))
    #expect(rig.run.working?.held == .gate(.move, .inconclusive))
  }

  @Test func `without data, or an answer, it stays and never passes`() throws {
    for nothing in [Self.series(100, count: 0), .failure(Failure(.transient, "no answer"))] {
      var rig = Self.rig()
      try rig.settle()
      for _ in 0..<6 { try Self.round(&rig, nothing, Self.series(100)) }
      #expect(rig.run.working != nil)
      #expect(rig.run.routes[0].wanted == .percent(5))
    }
  }

  @Test func `a question that nobody answers is left out where the metric says so`() throws {
    var rig = Self.rig(Scoring(), [0, 1], onError: .ignore)
    try rig.settle()
    try Self.round(&rig, .failure(Failure(.transient, "no")), Self.series(500))
    #expect(rig.run.rollback != nil || rig.run.working != nil)
    #expect(rig.decisions.contains { if case .scored(_, let report) = $0 { report.summary != nil } else { false } })
  }

  @Test func `other metrics of the gate decide beside the score`() throws {
    var rig = Self.rig(Scoring(), [0, 1, 2])
    try rig.settle()
    try Self.round(&rig, Self.series(100), Self.series(100))
    try rig.look(.bad, metric: 2)
    #expect(rig.run.rollback != nil)
  }

  @Test func `a fold of the same facts makes the same scores`() throws {
    var rig = Self.rig(Scoring(pass: 95, marginal: 40))
    try rig.settle()
    for _ in 0..<2 { try Self.round(&rig, Self.series(500), Self.series(100)) }
    try Folding.check(rig)
  }

  // MARK: Single values

  private static func sampled(_ rule: SampleComparison) -> Rig {
    Rig(
      [Pipelines.canary([5, 50], gate: Gate(metrics: [0], every: .minutes(1)), hold: .minutes(5))],
      metrics: [metric("duration", .samples(rule))])
  }

  @Test(arguments: [SampleComparison(.quantile(0.9), sharpestAt: 500), SampleComparison(.mean, sharpestAt: 500)])
  func `single values that are worse take the run back, and evidence goes from step to step`(
    rule: SampleComparison
  ) throws {
    var bad = Self.sampled(rule)
    try bad.settle()
    for _ in 0..<5 where bad.run.working != nil { try bad.look(Self.series(900, 100, count: 200)) }
    #expect(bad.run.rollback != nil)
    #expect(bad.decisions.contains { if case .sampled(.move, 0, _) = $0 { true } else { false } })
    var good = Self.sampled(rule)
    try good.settle()
    for _ in 0..<5 { try good.look(Self.series(100, 100, count: 200)) }
    #expect(good.run.pending.contains { $0.work == .setWeight(route: 0, .percent(50)) })
    try good.settle()
    try good.look(Self.series(100, 100, count: 200))
    #expect(good.run.sampleWeighing(of: 0)?.look == 6)
    try Folding.check(good)
  }

  @Test func `looks without values are no data, and too few never pass`() throws {
    var rig = Self.sampled(SampleComparison(.mean))
    try rig.settle()
    try rig.look(Self.series(100, count: 0))
    #expect(rig.decisions.suffix(1) == [.judged(.move, metric: 0, .noData)])
    for _ in 0..<6 { try rig.look(Self.series(100, 100, count: 3)) }
    #expect(rig.run.working?.held == .gate(.move, .inconclusive))
  }
}

/// A fold of what a rig was told comes to the same state, and concludes the same.
enum Folding {
  static func check(_ rig: Rig) throws {
    var reaction = Reaction()
    var decisions: [Decision] = []
    var again = Run(
      id: rig.run.id, plan: rig.run.plan, start: rig.start, by: .person("ann"), at: Rig.noon, into: &reaction)
    decisions += reaction.decisions
    for (fact, by, at) in rig.facts {
      reaction.clear()
      try again.apply(fact, by: by, at: at, into: &reaction)
      decisions += reaction.decisions
    }
    #expect(again == rig.run)
    #expect(decisions == rig.decisions)
  }
}
