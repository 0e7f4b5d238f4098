import Engine
import PipelineModel
import Testing

// Outcomes that come late, twice or wrongly; routers that forget; looks that are slow or were missed.

struct EffectTests {
  @Test func `an outcome that comes twice is ignored`() throws {
    var rig = Rig([Pipelines.canary()])
    let shift = try #require(rig.run.pending.first)
    try rig.settle()
    let before = rig.run
    try rig.apply(.shifted(shift.id))
    #expect(rig.run == before)
    #expect(rig.reaction.decisions == [.ignored])
  }

  @Test func `a look answered after its gate was left is ignored`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    let look = try #require(rig.run.pending.first)
    try rig.act(.promote(.step))
    try rig.apply(.measured(look.id, .bad))
    #expect(rig.reaction.decisions == [.ignored])
  }

  @Test func `an outcome nobody asked for, or of another kind, is not of this run`() throws {
    var rig = Rig([Pipelines.canary()])
    let shift = try #require(rig.run.pending.first)
    let before = rig.run
    #expect(throws: IllegalTransition.self) { try rig.apply(.shifted(EffectID(99))) }
    #expect(throws: IllegalTransition.self) { try rig.apply(.shifted(EffectID(0))) }
    #expect(throws: IllegalTransition.self) { try rig.apply(.measured(shift.id, .good)) }
    #expect(throws: IllegalTransition.self) { try rig.apply(.deployed(shift.id)) }
    #expect(throws: IllegalTransition.self) { try rig.apply(.checked(shift.id, status: 0, output: "")) }
    #expect(throws: IllegalTransition.self) { try rig.apply(.drifted(route: 5, found: .none)) }
    #expect(rig.run == before)
  }

  @Test func `a router that forgot its weight is told again`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    try rig.apply(.drifted(route: 0, found: .none))
    #expect(rig.reaction.effects.map(\.work) == [.setWeight(route: 0, .percent(5))])
    #expect(rig.reaction.decisions == [.reasserted(route: 0, .percent(5))])
    try rig.apply(.drifted(route: 0, found: .none))
    #expect(rig.reaction.decisions == [.ignored])
    try rig.settle()
    #expect(rig.run.routes[0].confirmed)
    #expect(rig.run.isAt(1))
  }

  @Test func `a route found as it should be is left alone`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    try rig.apply(.drifted(route: 0, found: .percent(5)))
    #expect(rig.reaction.decisions == [.ignored])
  }

  @Test func `a run does not go on, nor end, while a router has not got its weight back`() throws {
    var rig = Rig([Pipelines.canary([100])])
    try rig.settle()
    for _ in 0..<4 { try rig.look(.good) }
    try rig.apply(.drifted(route: 0, found: .none))
    try rig.look(.good)
    #expect(rig.run.isAt(1))
    #expect(rig.run.refusal(of: .promote(.step), by: .person("ann")) != nil)
    try rig.settle()
    #expect(rig.run.outcome == .promoted)
  }

  @Test func `a drift on an earlier stage's route is mended while people are asked, and waited for`() throws {
    var rig = Rig([Pipelines.canary([50]), Pipelines.approve(1)])
    try rig.play(until: { $0.isAt(0, stage: 1) })
    try rig.apply(.drifted(route: 0, found: .none))
    try rig.act(.approve(roles: ["manager"]))
    #expect(rig.run.outcome == nil)
    try rig.settle()
    #expect(rig.run.outcome == .promoted)
  }

  @Test func `a route that was given up and is held heals when it is found wrong`() throws {
    var rig = Rig([Pipelines.canary(onFailure: .hold)])
    try rig.fail(.rejected)
    try rig.apply(.drifted(route: 0, found: .none))
    #expect(rig.reaction.effects.map(\.work) == [.setWeight(route: 0, .percent(5))])
    try rig.settle()
    #expect(rig.run.routes[0].confirmed)
    #expect(rig.run.working?.held != nil)
  }

  @Test func `a drift found after the end changes nothing`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.play()
    let before = rig.run
    try rig.apply(.drifted(route: 0, found: .none))
    #expect(rig.run == before)
  }

  @Test func `a failure of the old weight does not fail the new one`() throws {
    var rig = Rig([Pipelines.canary([5, 25])])
    try rig.settle()
    try rig.apply(.drifted(route: 0, found: .none))
    let old = try #require(rig.reaction.effects.first)
    try rig.act(.rollback)
    try rig.apply(.failed(old.id, Failure(.rejected, "no")))
    #expect(rig.reaction.decisions == [.ignored])
    #expect(rig.run.pending.map(\.work) == [.setWeight(route: 0, .none)])
  }

  @Test func `a slow provider is asked less often, never in a burst`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    try rig.look(.good, late: .seconds(90))
    #expect(rig.run.pending.map(\.notBefore) == [Rig.noon + .minutes(3)])
  }

  @Test func `looks missed while nobody drove are not made up for`() throws {
    var rig = Rig([Pipelines.canary(hold: .hours(4))])
    try rig.settle()
    try rig.look(.good)
    try rig.look(.good, late: .hours(2))
    #expect(rig.run.pending.map(\.notBefore) == [Rig.noon + .minutes(123)])
    #expect(rig.decisions.count { if case .judged = $0 { true } else { false } } == 2)
  }

  @Test func `a look asked for is the last thing a reaction asks, and never one already given up`() throws {
    var rig = Rig([Pipelines.canary([5, 25, 100], background: Pipelines.gate()), Pipelines.verify()])
    var unasked = 0
    try rig.play { _, _ in .good }
    rig = try rig.folded { run, reaction in unasked += reaction.effects.count { !run.awaits($0.id) } }
    #expect(unasked == 0)
  }

  @Test func `a check is tried again under a new key as often as it says, then its stage has failed`() throws {
    var rig = Rig([Pipelines.check(retries: 2), Pipelines.canary()])
    for retry in 0..<2 {
      let check = try #require(rig.run.pending.first)
      rig.now = max(rig.now, check.notBefore)
      try rig.apply(.checked(check.id, status: 1, output: "red"))
      #expect(rig.run.pending.first?.id != check.id)
      #expect(rig.run.pending.first?.attempt == retry + 2)
    }
    let last = try #require(rig.run.pending.first)
    try rig.apply(.checked(last.id, status: 3, output: "red"))
    #expect(rig.run.outcome == .failed)
    #expect(rig.run.withdrawn == .check(last.id, status: 3))
  }

  @Test func `a failed check may hold, and a person may go past it`() throws {
    var rig = Rig([Pipelines.check(onFailure: .hold), Pipelines.canary()])
    let check = try #require(rig.run.pending.first)
    try rig.apply(.checked(check.id, status: 1, output: ""))
    #expect(rig.run.working?.held == .check(check.id, status: 1))
    #expect(rig.run.isAt(0))
    try rig.act(.promote(.step))
    #expect(rig.run.isAt(0, stage: 1))
  }

  @Test func `held by its background gate in the middle of a shift, it stays when the shift is done`() throws {
    var rig = Rig([Pipelines.canary(gate: nil, background: Pipelines.gate(), onFailure: .hold)])
    try rig.settle()
    try rig.act(.promote(.step))
    try rig.look(.bad, .background)
    #expect(rig.run.working?.held == .gate(.background, .fail))
    try rig.settle()
    #expect(rig.run.isAt(2))
    #expect(rig.run.working?.held != nil)
    try rig.act(.promote(.step))
    #expect(rig.run.isAt(3))
  }

  @Test func `a waiting run begins with what its target runs then`() throws {
    var rig = Rig([Pipelines.canary()], queued: true)
    #expect(rig.run.pending.isEmpty)
    #expect(rig.run.refusal(of: .pause, by: .person("ann")) != nil)
    try rig.apply(.begun(stable: "v1.5", slots: [.blue]))
    #expect(rig.run.start.stable == "v1.5")
    #expect(rig.run.start.slots == [.blue])
    #expect(rig.run.isAt(0))
    #expect(throws: IllegalTransition.self) { try rig.apply(.begun(stable: nil, slots: [.blue])) }
    var other = Rig([Pipelines.canary()], queued: true)
    #expect(throws: IllegalTransition.self) { try other.apply(.begun(stable: nil, slots: [])) }
  }
}

extension Rig {
  /// The same facts folded again from the start, `visit` seeing each state with what led to it.
  func folded(_ visit: (Run, Reaction) throws -> Void = { _, _ in }) throws -> Rig {
    var copy = self
    copy.reaction = Reaction()
    copy.decisions = []
    copy.effects = []
    copy.run = Run(
      id: run.id, plan: run.plan, start: start, by: run.startedBy, at: run.startedAt, into: &copy.reaction)
    copy.decisions += copy.reaction.decisions
    copy.effects += copy.reaction.effects
    for (fact, principal, instant) in facts {
      copy.reaction.clear()
      try copy.run.apply(fact, by: principal, at: instant, into: &copy.reaction)
      copy.decisions += copy.reaction.decisions
      copy.effects += copy.reaction.effects
      try visit(copy.run, copy.reaction)
    }
    return copy
  }
}
