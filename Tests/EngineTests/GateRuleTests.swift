import Engine
import PipelineModel
import Testing

// The rules of gates, as a run follows them.

struct GateRuleTests {
  @Test func `a good canary is promoted, step by step`() throws {
    var rig = Rig([Pipelines.canary([5, 25, 50, 100])])
    try rig.play()
    #expect(rig.run.outcome == .promoted)
    let weights = rig.effects.compactMap { if case .setWeight(_, let weight) = $0.work { weight } else { nil } }
    #expect(weights == [.percent(5), .percent(25), .percent(50), .percent(100)])
    #expect(rig.now == Rig.noon + .minutes(20))
  }

  @Test func `the first failing look rolls back in the same step, and its siblings are stopped`() throws {
    var rig = Rig(
      [Pipelines.canary(gate: Pipelines.gate([0, 1]))], metrics: [Pipelines.errors, Pipelines.metric("p95")])
    try rig.settle()
    try rig.look(.good, metric: 1)
    try rig.look(.bad, metric: 0)
    #expect(rig.run.rollback?.cause == .gate(.move, .fail))
    let reports = try #require(rig.reaction.reports)
    #expect(reports.map(\.verdict) == [.fail, .stopped])
    #expect(reports.map(\.passes) == [0, 1])
    #expect(rig.reaction.effects.map(\.work) == [.setWeight(route: 0, .none)])
    #expect(!rig.run.pending.contains { $0.isLook })
  }

  @Test func `the third failure fails where two are allowed`() throws {
    var rig = Rig([Pipelines.canary(gate: Pipelines.gate(allow: Allowance(failures: 2)))])
    try rig.settle()
    try rig.look(.bad)
    try rig.look(.bad)
    #expect(rig.run.working != nil)
    try rig.look(.bad)
    #expect(rig.run.rollback != nil)
  }

  @Test func `a look due exactly at the end of the hold is waited for`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    for _ in 0..<4 { try rig.look(.good) }
    #expect(rig.run.alarm(after: rig.now) == Rig.noon + Pipelines.canary().deadline)
    rig.now = Rig.noon + .minutes(5)
    try rig.apply(.timePassed)
    #expect(rig.run.isAt(1))
    try rig.look(.bad)
    #expect(rig.run.rollback != nil)
  }

  @Test func `looks in a hold are as many as the gate says`() throws {
    for (every, delay, hold) in [(60, 60, 300), (60, 0, 300), (70, 10, 299), (45, 45, 300), (300, 300, 300)] {
      let gate = Gate(metrics: [0], every: .seconds(Int64(every)), delay: .seconds(Int64(delay)), atLeast: 1)
      var rig = Rig([Pipelines.canary([100], gate: gate, hold: .seconds(Int64(hold)))])
      try rig.play()
      let looks = rig.decisions.count { if case .judged = $0 { true } else { false } }
      #expect(Int64(looks) == gate.looks(in: .seconds(Int64(hold))), "every \(every) delay \(delay) hold \(hold)")
    }
  }

  @Test(arguments: [Reading.nothing, .error, .answer(.number(.nan)), .answer(.null), .answer(.text("<html>"))])
  func `without evidence it stays, says so once, and is rolled back at the deadline`(reading: Reading) throws {
    var rig = Rig([Pipelines.canary(deadline: .minutes(20))], deadline: .minutes(60))
    try rig.play { _, _ in reading }
    #expect(rig.run.outcome == .rolledBack)
    #expect(rig.run.withdrawn == .stageDeadline)
    #expect(rig.decisions.count { if case .awaitsEvidence = $0 { true } else { false } } == 1)
    #expect(!rig.decisions.contains { if case .concluded(_, .pass, _) = $0 { true } else { false } })
  }

  @Test func `evidence that comes late lets it go on`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.play { _, now in now < Rig.noon + .minutes(8) ? .error : .good }
    #expect(rig.run.outcome == .promoted)
    #expect(rig.decisions.contains(.awaitsEvidence(.move, .error)))
  }

  @Test(arguments: [Reading.error, .nothing])
  func `who cannot see takes no step, and goes on with the next answer`(_ reading: Reading) throws {
    var rig = Rig([Pipelines.canary()])
    let blind = Rig.noon + .minutes(5)..<Rig.noon + .minutes(7)
    try rig.play { _, now in blind.contains(now) ? reading : .good }
    #expect(rig.run.outcome == .promoted)
    #expect(rig.decisions.contains { if case .awaitsEvidence(.move, _) = $0 { true } else { false } })
  }

  @Test func `what is not to be missed keeps nobody waiting`() throws {
    var rig = Rig([Pipelines.canary()], metrics: [Pipelines.metric("errors") { $0.onError = .ignore }])
    let blind = Rig.noon + .minutes(5)..<Rig.noon + .minutes(7)
    try rig.play { _, now in blind.contains(now) ? .error : .good }
    #expect(rig.run.outcome == .promoted)
    #expect(!rig.decisions.contains { if case .awaitsEvidence = $0 { true } else { false } })
  }

  @Test func `missing data may count as a failure, and the report names the metric that failed`() throws {
    var rig = Rig([Pipelines.canary()], metrics: [Pipelines.metric("errors") { $0.onNoData = .fail }])
    try rig.settle()
    for _ in 0..<4 { try rig.look(.nothing) }
    #expect(rig.run.working != nil)
    try rig.look(.nothing)
    #expect(rig.run.rollback?.cause == .gate(.move, .fail))
    #expect(rig.reaction.reports?.map(\.verdict) == [.fail])
  }

  @Test func `too little evidence at the end fails under that policy, and the report names the metric`() throws {
    var rig = Rig(
      [Pipelines.canary(gate: Pipelines.gate([0, 1], atLeast: 5))],
      metrics: [Pipelines.metric("errors") { $0.onNoData = .fail }, Pipelines.metric("p95")])
    try rig.settle()
    for index in 0..<5 {
      try rig.look(.good, metric: 1)
      try rig.look(index == 0 ? .nothing : .good)
    }
    #expect(rig.run.rollback?.cause == .gate(.move, .fail))
    #expect(rig.reaction.reports?.map(\.verdict) == [.fail, .stopped])
  }

  @Test func `ignored silence leaves the others to carry the gate`() throws {
    let quiet = Pipelines.metric("p95") { $0.onNoData = .ignore }
    var rig = Rig([Pipelines.canary(gate: Pipelines.gate([0, 1]))], metrics: [Pipelines.errors, quiet])
    try rig.play { metric, _ in metric == 0 ? .good : .nothing }
    #expect(rig.run.outcome == .promoted)
    var alone = Rig([Pipelines.canary()], metrics: [quiet])
    try alone.play { _, _ in .nothing }
    #expect(alone.run.outcome == .rolledBack)
  }

  @Test func `a dry run says what it would have decided, and decides nothing`() throws {
    let dry = Pipelines.metric("p95") { $0.dryRun = true }
    var rig = Rig([Pipelines.canary(gate: Pipelines.gate([0, 1]))], metrics: [Pipelines.errors, dry])
    try rig.play { metric, _ in metric == 0 ? .good : .bad }
    #expect(rig.run.outcome == .promoted)
    let reports = rig.decisions.compactMap { if case .concluded(_, .pass, let reports) = $0 { reports } else { nil } }
    #expect(reports.map { $0.map(\.verdict) } == [[.pass, .fail], [.pass, .fail]])
  }

  @Test func `an inconclusive gate holds the run, and a failure still rolls it back`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    for _ in 0..<5 { try rig.look(.between) }
    #expect(rig.run.working?.held == .gate(.move, .inconclusive))
    try rig.look(.good)
    #expect(rig.run.working?.held != nil)
    try rig.look(.bad)
    #expect(rig.run.rollback?.cause == .gate(.move, .fail))
  }

  @Test func `an inconclusive gate may roll back instead, whatever is done about failures`() throws {
    var rig = Rig([Pipelines.canary(onFailure: .hold, onInconclusive: .rollback)])
    try rig.settle()
    for _ in 0..<5 { try rig.look(.between) }
    #expect(rig.run.rollback?.cause == .gate(.move, .inconclusive))
  }

  @Test func `a failure that holds is said once, however long it lasts`() throws {
    let gate = Pipelines.gate()
    var rig = Rig([Pipelines.canary(gate: gate, background: gate, onFailure: .hold)])
    try rig.settle()
    for _ in 0..<4 {
      try rig.look(.bad)
      try rig.look(.bad, .background)
    }
    #expect(rig.decisions.count { if case .concluded = $0 { true } else { false } } == 2)
    #expect(rig.run.working?.held == .gate(.background, .fail))
  }
}

extension Reaction {
  /// What each metric had to say when a gate concluded.
  var reports: [MetricReport]? {
    for case .concluded(_, _, let reports) in decisions { return reports }
    return nil
  }
}
