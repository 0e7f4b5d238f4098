import Engine
import PipelineModel
import Testing

// A pause is not an amnesty: gates judge on, and deadlines stand. And it is a pause: nothing new is begun.

struct PauseTests {
  private let gate = Pipelines.gate()

  @Test func `a step gate judges on while paused, and rolls back`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    try rig.act(.pause)
    try rig.look(.bad)
    #expect(rig.run.rollback?.cause == .gate(.move, .fail))
  }

  @Test func `a background gate judges on while paused, and rolls back`() throws {
    var rig = Rig([Pipelines.canary(gate: nil, background: gate)])
    try rig.settle()
    try rig.act(.pause)
    try rig.look(.good, .background)
    try rig.look(.bad, .background)
    #expect(rig.run.rollback?.cause == .gate(.background, .fail))
  }

  @Test func `a background gate judges on while the run is held as inconclusive, and rolls back`() throws {
    var rig = Rig([Pipelines.canary(background: gate)])
    try rig.settle()
    for _ in 0..<5 {
      try rig.look(.good, .background)
      try rig.look(.between)
    }
    #expect(rig.run.working?.held == .gate(.move, .inconclusive))
    try rig.look(.bad, .background)
    #expect(rig.run.rollback?.cause == .gate(.background, .fail))
  }

  @Test func `a background gate judges on while people decide right after its stage, and rolls back`() throws {
    var rig = Rig([Pipelines.canary([50], background: gate), Pipelines.approve(), Pipelines.canary([100])])
    try rig.play(until: { $0.isAt(0, stage: 1) })
    try rig.look(.good, .background)
    #expect(rig.run.working?.stage == 1)
    try rig.look(.bad, .background)
    #expect(rig.run.rollback?.cause == .gate(.background, .fail))
    #expect(rig.run.rollback?.step == .shifting)
  }

  @Test func `once people have approved, the next stage brings its own gates`() throws {
    var rig = Rig([Pipelines.canary([50], background: gate), Pipelines.approve(1), Pipelines.canary([100])])
    try rig.play(until: { $0.isAt(0, stage: 1) })
    try rig.act(.approve(roles: ["manager"]))
    #expect(rig.run.working?.background == nil)
    #expect(!rig.run.pending.contains { $0.isLook })
  }

  @Test func `a hold that ends while paused is left when the run is resumed`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    try rig.act(.pause)
    for _ in 0..<8 { try rig.look(.good) }
    #expect(rig.run.isAt(1))
    try rig.act(.resume)
    #expect(rig.run.isAt(2))
    #expect(rig.reaction.effects.map(\.work) == [.setWeight(route: 0, .all)])
  }

  @Test func `a weight confirmed while paused is judged at once, and not raised`() throws {
    var rig = Rig([Pipelines.canary(background: gate)])
    try rig.act(.pause)
    try rig.settle()
    #expect(rig.run.isAt(1))
    #expect(Set(rig.reaction.effects.map(\.work)) == [.measure(.move, metric: 0), .measure(.background, metric: 0)])
    for _ in 0..<6 {
      try rig.look(.good, .background)
      try rig.look(.good)
    }
    #expect(rig.run.isAt(1))
  }

  @Test func `a check that ends while paused begins nothing until the run is resumed`() throws {
    var rig = Rig([Pipelines.check(), Pipelines.canary()])
    try rig.act(.pause)
    try rig.settle()
    #expect(rig.run.isAt(0))
    #expect(rig.run.pending.isEmpty)
    #expect(rig.run.alarm(after: rig.now) != nil)
    try rig.act(.resume)
    #expect(rig.run.isAt(0, stage: 1))
  }

  @Test func `approvals given while paused count when the run is resumed`() throws {
    var rig = Rig([Pipelines.approve(1), Pipelines.canary()])
    try rig.act(.pause)
    try rig.act(.approve(roles: ["manager"]))
    #expect(rig.run.isAt(0))
    #expect(rig.run.refusal(of: .approve(roles: ["manager"]), by: .person("bob")) != nil)
    try rig.act(.resume)
    #expect(rig.run.isAt(0, stage: 1))
  }

  @Test func `a deadline does not wait for a pause to end`() throws {
    var rig = Rig([Pipelines.canary(deadline: .minutes(20))], deadline: .minutes(60))
    try rig.settle()
    try rig.act(.pause)
    try rig.play()
    #expect(rig.run.withdrawn == .stageDeadline)
    #expect(rig.now == Rig.noon + .minutes(20))
  }

  @Test func `pausing twice and resuming what runs are refused`() throws {
    var rig = Rig([Pipelines.canary()])
    #expect(rig.run.refusal(of: .resume, by: .person("ann"))?.description == "it is not paused")
    try rig.act(.pause)
    #expect(rig.run.refusal(of: .pause, by: .person("ann"))?.description == "it is paused already")
  }
}
