import Analysis
import Engine
import PipelineModel
import Testing

// Error budgets: what a run is for decides what a spent budget lets through, and that it was spent outlives the run.

struct BudgetTests {
  private static let objective = Objective(name: "availability", target: 0.999)

  private static let metric: Metric = {
    var metric = Metric(
      name: "budget", provider: "prom", query: Template(text: "q"), rule: .budget(objective, .feature))
    metric.questions = [
      Question(.badOver(objective.window), Template(text: "q")),
      Question(.allOver(objective.window), Template(text: "q")),
    ]
    return metric
  }()

  private static let watch = Watch(gate: Gate(metrics: [0], every: .minutes(1)), hold: .minutes(1))

  private static func left(_ share: Double) -> Reading {
    .answer(
      .object([
        .init(name: "bad.\(objective.window)", value: .number((1 - share) * 1000)),
        .init(name: "all.\(objective.window)", value: .number(1_000_000)),
      ]))
  }

  private static func rig(_ change: ChangeKind? = nil, spent: [String] = [], number: Int64 = 1) -> Rig {
    Rig(
      [Stage(name: "budget", work: .verify(watch)), Pipelines.canary(gate: nil)], metrics: [metric], number: number,
      change: change, spent: spent)
  }

  private static func fleet(after rig: Rig, _ fleet: Fleet = Fleet()) -> Fleet {
    var fleet = fleet
    fleet.begun(rig.run.id, on: Pipelines.target)
    if let outcome = rig.run.outcome { fleet.ended(rig.run, outcome) }
    return fleet
  }

  @Test func `a spent budget ends a feature before anything moves, and the target remembers`() throws {
    var rig = Self.rig()
    try rig.look(Self.left(-0.2))
    #expect(rig.run.outcome == .failed)
    #expect(Self.fleet(after: rig).record(of: Pipelines.target).spent == ["availability"])
  }

  @Test(arguments: [ChangeKind.emergency, .security, .reliability])
  func `an exception goes ahead, and the target remembers all the same`(change: ChangeKind) throws {
    var rig = Self.rig(change)
    try rig.look(Self.left(-0.2))
    #expect(rig.run.pending.contains { $0.work == .setWeight(route: 0, .percent(5)) })
    try rig.act(.abort)
    while rig.run.outcome == nil { try rig.settle() }
    #expect(Self.fleet(after: rig).record(of: Pipelines.target).spent == ["availability"])
  }

  @Test func `what the target remembers holds the next feature until half is rebuilt`() throws {
    var next = Self.rig(spent: ["availability"])
    try next.look(Self.left(0.4))
    #expect(next.run.outcome == .failed)
    #expect(
      next.decisions.contains(
        .budgeted(.move, metric: 0, BudgetLook(left: 0.4, ruling: .rebuilding, change: .feature))))
    #expect(Self.fleet(after: next).record(of: Pipelines.target).spent == ["availability"])
    var last = Self.rig(spent: ["availability"])
    try last.look(Self.left(0.6))
    #expect(last.run.routes[0].wanted == .percent(5))
    try last.play()
    #expect(last.run.outcome == .promoted)
    #expect(Self.fleet(after: last).record(of: Pipelines.target).spent.isEmpty)
  }

  @Test func `a run that looked at no budget leaves the memory as it was`() throws {
    let fleet = Fleet([TargetRecord(target: Pipelines.target, spent: ["availability"])])
    var rig = Rig([Pipelines.canary(gate: nil)], spent: ["availability"])
    try rig.play()
    #expect(rig.run.outcome == .promoted)
    #expect(Self.fleet(after: rig, fleet).record(of: Pipelines.target).spent == ["availability"])
  }

  @Test func `taken back long after, a run does not bring back what it knew then`() throws {
    var old = Self.rig()
    try old.look(Self.left(0.9))
    try old.play()
    let fleet = Fleet([TargetRecord(target: Pipelines.target, spent: ["availability"])])
    try old.act(.rollback)
    while old.run.outcome != .rolledBack { try old.settle() }
    #expect(Self.fleet(after: old, fleet).record(of: Pipelines.target).spent == ["availability"])
  }

  @Test func `a run that waited for its turn begins with what is known then`() throws {
    var rig = Rig(
      [Stage(name: "budget", work: .verify(Self.watch)), Pipelines.canary(gate: nil)], metrics: [Self.metric],
      queued: true)
    let fleet = Fleet([TargetRecord(target: Pipelines.target, spent: ["availability"])])
    try rig.apply(fleet.turn(of: rig.run))
    try rig.look(Self.left(0.4))
    #expect(rig.run.outcome == .failed)
    try Folding.check(rig)
  }
}
