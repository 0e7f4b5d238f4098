import Analysis
import Engine
import PipelineModel
import Testing

// Gates whose metric compares both versions: evidence is carried from step to step, a split that is not the one that
// was set holds the run, and a fold of the same facts gives the same evidence.

struct ComparisonTests {
  private static let errors = comparison()

  private static func comparison(_ name: String = "errors", _ rule: Comparison = Comparison()) -> Metric {
    var metric = Metric(
      name: name, provider: "prom", query: Template(text: "q"), rule: .comparison(rule))
    metric.questions = [
      Question(.bad(.canary), Template(text: "q")), Question(.all(.canary), Template(text: "q")),
      Question(.bad(.control), Template(text: "q")), Question(.all(.control), Template(text: "q")),
    ]
    return metric
  }

  /// A look at 10 000 requests, `share` of them the canary's, 0.5 % bad times `ratio`.
  private static func look(_ share: Double, ratio: Double = 1, seen: Double? = nil) -> Reading {
    let (canary, control) = (10_000 * (seen ?? share), 10_000 * (1 - (seen ?? share)))
    return counts(canary * 0.005 * ratio, canary, control * 0.005, control)
  }

  private static func counts(_ e1: Double, _ n1: Double, _ e0: Double, _ n0: Double) -> Reading {
    let names = ["canary.bad", "canary.all", "control.bad", "control.all"]
    return .answer(.object(zip(names, [e1, n1, e0, n0]).map { .init(name: $0, value: .number($1)) }))
  }

  private static func rig(
    _ weights: [Int] = [5, 25], hold: Interval = .minutes(15), gate: Gate = Pipelines.gate(),
    metrics: [Metric] = [errors], onFailure: FailurePolicy = .rollback
  ) -> Rig {
    Rig([Pipelines.canary(weights, gate: gate, hold: hold, onFailure: onFailure)], metrics: metrics)
  }

  private func share(_ run: Run) -> Double { run.routes[0].wanted?.fraction ?? 0 }

  // MARK: Verdicts

  @Test func `a version three times as bad is rolled back at the first step`() throws {
    var rig = Self.rig()
    try rig.settle()
    var looks = 0
    while case .working = rig.run.phase, looks < 15 {
      try rig.look(Self.look(0.05, ratio: 3))
      looks += 1
    }
    #expect(rig.run.rollback != nil)
    #expect(looks < 10)
    #expect(rig.decisions.contains { if case .weighed(.move, 0, _) = $0 { true } else { false } })
  }

  @Test func `a version as good as the other goes on, and its evidence goes with it`() throws {
    var rig = Self.rig()
    try rig.settle()
    for _ in 0..<15 { try rig.look(Self.look(0.05)) }
    #expect(rig.run.pending.contains { $0.work == .setWeight(route: 0, .percent(25)) })
    try rig.settle()
    try rig.look(Self.look(0.25))
    #expect(rig.run.weighing(of: 0)?.look == 16)
  }

  @Test func `without enough to tell, the run is held and not promoted`() throws {
    var rig = Self.rig()
    try rig.settle()
    for _ in 0..<15 { try rig.look(Self.counts(0, 5, 0, 95)) }
    #expect(rig.run.working?.held == .gate(.move, .inconclusive))
  }

  @Test func `an undecided gate waits as long as it may`() throws {
    var gate = Pipelines.gate()
    gate.patience = .minutes(10)
    var rig = Self.rig(gate: gate)
    try rig.settle()
    for _ in 0..<24 { try rig.look(Self.counts(0, 5, 0, 95)) }
    #expect(rig.run.working?.held == nil)
    try rig.look(Self.counts(0, 5, 0, 95))
    #expect(rig.run.working?.held == .gate(.move, .inconclusive))
  }

  @Test func `looks without requests are no data`() throws {
    var rig = Self.rig()
    try rig.settle()
    try rig.look(Self.counts(0, 0, 5, 1000))
    try rig.look(.answer(.object([])))
    #expect(rig.decisions.suffix(1) == [.judged(.move, metric: 0, .noData)])
    #expect(rig.run.weighing(of: 0)?.look ?? 0 == 0)
  }

  private static func unraised(_ lacking: [String]) -> Reading {
    let counts: KeyValuePairs = ["canary.bad": 2.0, "canary.all": 500, "control.bad": 40, "control.all": 9500]
    return .answer(
      .object(counts.map { .init(name: $0.key, value: lacking.contains($0.key) ? .list([]) : .number($0.value)) }))
  }

  @Test(arguments: [["canary.bad"], ["control.bad"], ["canary.bad", "control.bad"]])
  func `a missing series of bad requests is no data, unless it is said to mean that there were none`(
    lacking: [String]
  ) throws {
    for (missing, judgement) in [(MissingCount.noData, Judgement.noData), (.zero, .inconclusive)] {
      var rig = Self.rig(metrics: [Self.comparison("errors", Comparison(missing: missing))])
      try rig.settle()
      try rig.look(Self.unraised(lacking))
      #expect(rig.decisions.contains(.judged(.move, metric: 0, judgement)))
    }
  }

  @Test func `counters that are never raised hold the run, and promote nothing`() throws {
    var rig = Self.rig()
    try rig.settle()
    for _ in 0..<30 { try rig.look(Self.unraised(["canary.bad"])) }
    #expect(rig.run.working != nil)
    #expect(share(rig.run) == 0.05)
  }

  // MARK: Late faults

  @Test func `a version that turns bad with a later step is rolled back, and does not pass on what was good`() throws {
    var rig = Self.rig([5, 25], hold: .minutes(60))
    try rig.settle()
    for _ in 0..<60 { try rig.look(Self.look(0.05)) }
    try rig.settle()
    #expect(share(rig.run) == 0.25)
    var looks = 0
    while case .working = rig.run.phase, looks < 15 {
      try rig.look(Self.look(0.25, ratio: 2))
      looks += 1
    }
    #expect(rig.run.rollback != nil)
    #expect(looks < 10, "\(looks)")
    try Folding.check(rig)
  }

  @Test func `a step that shows nothing is undecided, whatever the step before has shown`() throws {
    var rig = Self.rig()
    try rig.settle()
    for _ in 0..<15 { try rig.look(Self.look(0.05)) }
    try rig.settle()
    for _ in 0..<15 { try rig.look(Self.counts(0, 2, 0, 6)) }
    #expect(rig.run.working?.held == .gate(.move, .inconclusive))
  }

  @Test func `a second stage that moves traffic begins its evidence anew, and shares what may go wrong with the first`()
    throws
  {
    let gate = Pipelines.gate()
    let stages = ["one", "two"].map { name in
      var stage = Pipelines.canary([5, 25], gate: gate, hold: .minutes(15))
      stage.name = name
      return stage
    }
    var rig = Rig(stages, metrics: [Self.errors])
    let alone = Rig([stages[0]], metrics: [Self.errors])
    #expect(rig.run.comparing(0)?.test.alpha == (alone.run.comparing(0)?.test.alpha).map { $0 / 2 })
    while rig.run.working?.stage == 0 {
      if rig.run.pending.contains(where: { !$0.isLook }) { try rig.settle() }
      try rig.look(Self.look(share(rig.run)))
    }
    #expect(rig.run.working?.stage == 1)
    #expect(rig.run.weighing(of: 0) == nil)
  }

  @Test func `a watch between stages that move traffic is a round of its own where nothing was compared before`() {
    var watch = Pipelines.verify()
    watch.name = "watch"
    let compares = Pipelines.canary([5, 25], gate: Pipelines.gate(), hold: .minutes(15))
    var moves = Pipelines.canary([5], gate: nil)
    moves.name = "moves"
    let alpha = { (stages: [Stage]) in Rig(stages, metrics: [Self.errors]).run.comparing(0)?.test.alpha }
    #expect(alpha([moves, watch, compares]) == alpha([compares]).map { $0 / 2 })
    #expect(alpha([compares, watch]) == alpha([compares]))
  }

  @Test func `alone at the whole traffic the limit judges`() throws {
    let metrics = [Self.comparison("errors", Comparison(limit: 0.02))]
    for (rate, isGood) in [(0.005, true), (0.2, false)] {
      var rig = Self.rig([100], metrics: metrics)
      try rig.settle()
      for _ in 0..<15 where rig.run.working != nil { try rig.look(Self.counts(10_000 * rate, 10_000, 0, 0)) }
      #expect((rig.run.outcome == .promoted) == isGood)
    }
  }

  // MARK: Split

  @Test func `traffic that is not split as it was set holds the run, once`() throws {
    var rig = Self.rig()
    try rig.settle()
    for _ in 0..<6 where rig.run.working?.held == nil { try rig.look(Self.look(0.05, seen: 0.001)) }
    #expect(rig.run.working?.held == .split(wanted: .percent(5), found: Weight(basisPoints: 10)))
    let holds = rig.decisions.count { if case .held = $0 { true } else { false } }
    #expect(holds == 1)
  }

  /// Rules about values that ask for the requests beside them.
  private static let valued: [Metric.Rule] = [
    .relative(Relative(threshold: .init(pass: .binary(.less, .value, .number(1e9))), minimum: 10)),
    .samples(SampleComparison(.mean)), .samples(SampleComparison(.quantile(0.9))), .rankSum(RankSum()),
  ]

  private static func valued(_ rule: Metric.Rule) -> Metric {
    var metric = Metric(name: "m", provider: "prom", query: Template(text: "q"), rule: rule)
    metric.questions = [Question.Role.value(.canary), .all(.canary), .value(.control), .all(.control)].map {
      Question($0, Template(text: "q"))
    }
    return metric
  }

  /// 10 000 requests, so many of them the canary's, and fifty values of each.
  private static func valuedLook(_ canary: Double) -> Reading {
    let values = Answer.list((0..<50).map { .number(Double($0 + 1)) })
    return .answer(
      .object([
        .init(name: "canary", value: values), .init(name: "canary.all", value: .number(canary)),
        .init(name: "control", value: values), .init(name: "control.all", value: .number(10_000 - canary)),
      ]))
  }

  /// Whether a run whose looks are all the same is held for its split; its step is at 5 %.
  private static func isHeld(_ rig: inout Rig, after looks: Int, of look: Reading) throws -> Bool {
    for _ in 0..<looks where rig.run.working?.held == nil { try rig.look(look) }
    return if case .split? = rig.run.working?.held { true } else { false }
  }

  @Test(arguments: valued)
  func `every rule that asks for requests notices a stray split`(rule: Metric.Rule) throws {
    for (canary, isStray) in [(10.0, true), (510, false)] {
      var rig = Self.rig(metrics: [Self.valued(rule)])
      try rig.settle()
      #expect(try Self.isHeld(&rig, after: 6, of: Self.valuedLook(canary)) == isStray)
    }
  }

  @Test func `a series that reaches back to before the weight was set says nothing of the split`() throws {
    var metric = Self.valued(Self.valued[0])
    metric.range = .init(over: .minutes(9), step: .minutes(1))
    var rig = Self.rig(metrics: [metric])
    try rig.settle()
    #expect(try !Self.isHeld(&rig, after: 8, of: Self.valuedLook(0)))
    #expect(try Self.isHeld(&rig, after: 15, of: Self.valuedLook(0)))
  }

  @Test(arguments: [(Metric.Split?.none, true), (.off, false), (.tolerating(100), false), (.tolerating(2), true)])
  func `what of the split holds a run is as the metric says`(split: Metric.Split?, holds: Bool) throws {
    var metric = Self.errors
    metric.split = split
    var rig = Self.rig(metrics: [metric])
    try rig.settle()
    #expect(try Self.isHeld(&rig, after: 8, of: Self.look(0.05, seen: 0.01)) == holds)
  }

  @Test(arguments: [(Metric.Split?.none, false), (.tolerating(2), true)])
  func `a ramp of a flag is held for its split only where the metric says how far off it may be`(
    split: Metric.Split?, holds: Bool
  ) throws {
    var metric = Self.errors
    metric.split = split
    var rig = Rig([Pipelines.ramp([5, 100], gate: Pipelines.gate(), hold: .minutes(15))], metrics: [metric])
    try rig.settle()
    #expect(try Self.isHeld(&rig, after: 8, of: Self.look(0.05, seen: 0.01)) == holds)
  }

  @Test func `a split as it was set holds nothing`() throws {
    var rig = Self.rig()
    try rig.settle()
    for _ in 0..<10 { try rig.look(Self.look(0.05, seen: 0.053)) }
    #expect(rig.run.working?.held == nil)
  }

  // MARK: Acts

  @Test func `what a person went past is not held against the next step`() throws {
    var rig = Self.rig(onFailure: .hold)
    try rig.settle()
    for _ in 0..<15 where rig.run.working?.held == nil { try rig.look(Self.look(0.05, ratio: 4)) }
    #expect(rig.run.working?.held == .gate(.move, .fail))
    try rig.act(.promote(.step))
    try rig.settle()
    try rig.look(Self.look(0.25))
    #expect(rig.run.weighing(of: 0)?.look == 1)
    #expect(rig.run.working?.held == nil)
  }

  // MARK: Replay

  @Test func `a fold of the same facts gives the same evidence and says the same`() throws {
    var rig = Self.rig()
    try rig.settle()
    for look in 0..<12 { try rig.look(Self.look(0.05, ratio: look % 3 == 0 ? 2 : 0.8)) }
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

  @Test func `the verdict can be recomputed from what the journal keeps of the looks`() throws {
    var rig = Self.rig()
    try rig.settle()
    for _ in 0..<8 { try rig.look(Self.look(0.05, ratio: 1.4)) }
    let kept = try #require(rig.run.weighing(of: 0))
    let comparing = try #require(rig.run.comparing(0))
    var evidence = CountEvidence()
    for case (.measured(_, .answer(let answer)), _, _) in rig.facts {
      guard case .object(let members) = answer else { continue }
      let values = members.map { if case .number(let value) = $0.value { value } else { Double.nan } }
      evidence.add(
        CountLook(
          canary: ArmCounts(bad: values[0], all: values[1]), control: ArmCounts(bad: values[2], all: values[3])),
        comparing.test)
    }
    #expect((evidence.logEvidence(comparing.test).fail - kept.logFail).magnitude < 1e-4)
    #expect(evidence.run.looks == kept.look)
  }

  // MARK: Many metrics

  @Test(arguments: 1...6)
  func `comparisons share what may go wrong, and together never take more`(count: Int) {
    var metrics = (0..<count).map { Self.comparison("m\($0)", Comparison(share: Double($0 + 1))) }
    let taken = metrics.indices.map { 0.01 * metrics.shareOfError(of: $0) }.reduce(0, +)
    #expect((taken - 0.01).magnitude < 1e-12)
    metrics[0].critical = false
    let rest = metrics.indices.dropFirst().map { 0.01 * metrics.shareOfError(of: $0) }.reduce(0, +)
    #expect(rest <= 0.01 + 1e-12)
  }
}
