import Engine
import PipelineModel
import Testing

// Taking traffic back: at any moment, until it is done, and loudly when it is not.

struct RollbackTests {
  @Test func `abort before anything moved just ends`() throws {
    var rig = Rig([Pipelines.check(), Pipelines.canary()])
    let check = try #require(rig.run.pending.first)
    try rig.act(.abort)
    #expect(rig.run.outcome == .aborted)
    #expect(rig.reaction.effects.map(\.work) == [.cancelCheck(check.id)])
  }

  @Test func `a step or command that came to nothing, and is not begun again, is ended`() throws {
    for kind in [Failure.Kind.rejected, .misconfigured] {
      var rig = Rig([Pipelines.step(), Pipelines.canary()])
      let step = try #require(rig.run.pending.first)
      try rig.fail(kind)
      #expect(rig.reaction.effects.map(\.work) == [.cancelStep(step.id, stage: 0)])
      #expect(rig.run.outcome == .failed)
      var other = Rig([Pipelines.check(onFailure: .hold), Pipelines.canary()])
      let check = try #require(other.run.pending.first)
      try other.fail(kind)
      #expect(other.reaction.effects.map(\.work) == [.cancelCheck(check.id)])
    }
  }

  @Test func `a backend that asks to be left alone is, on the way forward, and not when traffic is taken back`() throws
  {
    let busy = { (id: EffectID) in
      Fact.failed(id, Failure(.transient, "429", retryAfter: .minutes(1)))
    }
    var rig = Rig([Pipelines.canary()])
    let shift = try #require(rig.run.pending.first)
    try rig.apply(busy(shift.id))
    #expect(rig.run.pending.map(\.notBefore) == [rig.now + .minutes(1)])
    let kept = Entry(time: rig.now, run: rig.run.id, fact: busy(shift.id))
    #expect(String(decoding: kept.canonical, as: UTF8.self).contains(#""retryAfter":60000"#))
    try rig.settle()
    try rig.act(.abort)
    let back = try #require(rig.run.pending.first)
    try rig.apply(busy(back.id))
    #expect(try #require(rig.run.pending.first).notBefore < rig.now + .seconds(2))
  }

  @Test func `a step whose runner does not answer is asked for again, and ended after the last try or with its stage`()
    throws
  {
    var rig = Rig([Pipelines.step(), Pipelines.canary()])
    let step = try #require(rig.run.pending.first)
    for _ in 1..<Backoff.tries {
      try rig.fail()
      #expect(rig.reaction.effects.map(\.work) == [.step(stage: 0)])
    }
    var late = rig
    try rig.fail()
    #expect(rig.reaction.effects.map(\.work) == [.cancelStep(step.id, stage: 0)])
    late.now = late.now + .hours(100)
    try late.apply(.failed(step.id, Failure(.transient, "no answer within 15m")))
    #expect(late.reaction.effects.map(\.work) == [.cancelStep(step.id, stage: 0)])
    #expect(late.run.outcome == .failed)
  }

  @Test(arguments: [Act.abort, .rollback])
  func `abort and rollback take traffic back at any moment`(act: Act) throws {
    for moment in 1...12 {
      var rig = Rig([Pipelines.canary([5, 25, 100]), Pipelines.approve(), Pipelines.verify()])
      try rig.play(until: { run in run.working.map { $0.stage * 6 + $0.move >= moment } ?? true })
      guard rig.run.working != nil else { continue }
      try rig.act(act)
      #expect(rig.reaction.effects.map(\.work) == [.setWeight(route: 0, .none)], "moment \(moment)")
      try rig.settle()
      #expect(rig.run.outcome == .rolledBack)
    }
  }

  @Test func `a rollback waits for nobody`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    try rig.look(.bad)
    for act in [Act.pause, .resume, .promote(.all), .promote(.step), .abort, .rollback, .reject] {
      let refusal = rig.run.refusal(of: act, by: .person("ann"))
      #expect(refusal?.description == "it is rolling back, and a rollback waits for nobody")
    }
  }

  @Test func `it keeps trying, calls a person after five tries, and again after ten`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    try rig.look(.bad)
    for attempt in 1...12 {
      try rig.fail(attempt % 2 == 0 ? .transient : .misconfigured)
      let calls = rig.reaction.decisions.count { if case .escalated = $0 { true } else { false } }
      #expect(calls == (attempt % 5 == 0 ? 1 : 0), "attempt \(attempt)")
      #expect(rig.run.pending.map(\.work) == [.setWeight(route: 0, .none)])
    }
    #expect(rig.run.rollback?.isEscalated == true)
    try rig.settle()
    #expect(rig.run.outcome == .rolledBack)
  }

  @Test func `it tries again after 1, 2, 4, 8, 16 and then every 30 seconds, and up to half a second`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    try rig.look(.bad)
    let id = try #require(rig.run.pending.first).id
    for seconds in [1, 2, 4, 8, 16, 30, 30, 30] as [Int64] {
      try rig.fail()
      let again = try #require(rig.run.pending.first)
      #expect(again.id == id)
      let wait = again.notBefore - rig.now
      #expect(Interval.seconds(seconds) <= wait && wait <= .seconds(seconds) + .milliseconds(500))
    }
  }

  @Test func `the same seed waits the same, another seed waits differently`() throws {
    func waits(_ seed: UInt64) throws -> [Timestamp] {
      var rig = Rig([Pipelines.canary()], seed: seed)
      for _ in 0..<4 { try rig.fail() }
      return rig.effects.map(\.notBefore)
    }
    #expect(try waits(1) == waits(1))
    #expect(try waits(1) != waits(2))
  }

  @Test func `on the way forward a transient failure is tried five times, then the stage has failed`() throws {
    var rig = Rig([Pipelines.canary()])
    let first = try #require(rig.run.pending.first)
    for attempt in 2...5 {
      try rig.fail()
      #expect(rig.run.pending.map(\.id) == [first.id])
      #expect(rig.run.pending.first?.attempt == attempt)
    }
    try rig.fail()
    #expect(rig.run.rollback?.cause == .effect(first.id, Failure(.transient, "no")))
  }

  @Test(arguments: [Failure.Kind.rejected, .misconfigured])
  func `what will stay wrong is not tried again`(kind: Failure.Kind) throws {
    var rig = Rig([Pipelines.canary()])
    try rig.fail(kind)
    #expect(rig.run.rollback != nil)
  }

  @Test func `several routes are taken back at once, the last moved first`() throws {
    var rig = Rig([Pipelines.canary(), Pipelines.canary(route: Pipelines.west)])
    try rig.play(until: { $0.isAt(1, stage: 1) })
    try rig.look(.bad)
    #expect(rig.reaction.effects.map(\.work) == [.setWeight(route: 1, .none), .setWeight(route: 0, .none)])
    try rig.settle()
    #expect(rig.run.outcome == nil)
    try rig.settle()
    #expect(rig.run.outcome == .rolledBack)
  }

  @Test func `a bad release never reaches the second region`() throws {
    var rig = Rig([Pipelines.canary(), Pipelines.verify(), Pipelines.canary(route: Pipelines.west)])
    try rig.play { _, now in now > Rig.noon + .minutes(25) ? .bad : .good }
    #expect(rig.run.outcome == .rolledBack)
    #expect(!rig.effects.contains { if case .setWeight(1, _) = $0.work { true } else { false } })
    #expect(rig.run.routes[1].wanted == nil)
  }

  @Test func `what was deployed is taken down once the traffic is back, and only the taking down gives up`() throws {
    var rig = Rig([Pipelines.canary(deploy: "kube")])
    try rig.play(until: { $0.isAt(2) })
    try rig.look(.bad)
    try rig.settle()
    #expect(rig.run.rollback?.step == .cleaning)
    #expect(rig.reaction.effects.map(\.work) == [.retire(stage: 0, .candidate)])
    for _ in 0..<5 { try rig.fail(.misconfigured) }
    #expect(rig.reaction.decisions.contains { if case .abandoned = $0 { true } else { false } })
    #expect(rig.run.outcome == .rolledBack)
  }

  @Test func `a route that drifts while cleaning up is not abandoned`() throws {
    var rig = Rig([Pipelines.canary(deploy: "kube")])
    try rig.play(until: { $0.isAt(2) })
    try rig.look(.bad)
    try rig.settle()
    try rig.apply(.drifted(route: 0, found: .percent(5)))
    let told = try #require(rig.reaction.effects.first)
    // The candidate stays up until the router has confirmed that it has no traffic.
    #expect(rig.run.pending.map(\.id) == [told.id])
    for _ in 0..<7 { try rig.fail() }
    #expect(rig.run.pending.map(\.id) == [told.id])
    try rig.settle()
    #expect(rig.reaction.effects.map(\.work) == [.retire(stage: 0, .candidate)])
    try rig.settle()
    #expect(rig.run.outcome == .rolledBack)
  }

  @Test func `what was only deployed is taken down, and the run has failed rather than rolled back`() throws {
    var rig = Rig([Pipelines.canary(deploy: "kube")])
    try rig.fail(.rejected)
    #expect(rig.reaction.effects.map(\.work) == [.retire(stage: 0, .candidate)])
    try rig.settle()
    #expect(rig.run.outcome == .failed)
  }

  @Test func `blue-green: before the old version is down, switching back is one step`() throws {
    var rig = Rig([Pipelines.blueGreen()])
    try rig.play(until: { $0.isAt(4) })
    try rig.act(.rollback)
    #expect(rig.reaction.effects.map(\.work) == [.setWeight(route: 0, .none)])
  }

  @Test func `blue-green: once the old version is down it comes back before the traffic does`() throws {
    var rig = Rig([Pipelines.blueGreen(), Pipelines.verify()])
    try rig.play(until: { $0.isAt(0, stage: 1) })
    try rig.act(.rollback)
    #expect(rig.reaction.effects.map(\.work) == [.deploy(stage: 0, .stable)])
    for _ in 0..<6 { try rig.fail() }
    #expect(rig.run.rollback?.isEscalated == true)
    try rig.settle()
    #expect(rig.reaction.effects.map(\.work) == [.setWeight(route: 0, .none)])
    try rig.settle()
    #expect(rig.reaction.effects.map(\.work) == [.retire(stage: 0, .candidate)])
    try rig.settle()
    #expect(rig.run.outcome == .rolledBack)
  }

  @Test func `a version that failed to come up again is brought up under another key`() throws {
    var rig = Rig([Pipelines.blueGreen(), Pipelines.verify()])
    try rig.play(until: { $0.isAt(0, stage: 1) })
    try rig.act(.rollback)
    let first = try #require(rig.run.pending.first)
    try rig.fail(.rejected)
    let second = try #require(rig.run.pending.first)
    #expect(second.work == first.work)
    #expect(second.id != first.id)
    #expect(second.attempt == 2)
    // It may still be coming up under this one.
    try rig.fail(.transient)
    #expect(rig.run.pending.map(\.id) == [second.id])
    for _ in 0..<3 { try rig.fail(.rejected) }
    #expect(rig.run.rollback?.isEscalated == true)
    try rig.settle()
    #expect(rig.reaction.effects.map(\.work) == [.setWeight(route: 0, .none)])
  }

  @Test func `a version that does not come up holds up only the routes that need it`() throws {
    var rig = Rig([Pipelines.blueGreen(), Pipelines.canary(route: Pipelines.west)])
    try rig.play(until: { $0.isAt(1, stage: 1) })
    try rig.look(.bad)
    let works = rig.reaction.effects.map(\.work)
    #expect(works == [.deploy(stage: 0, .stable), .setWeight(route: 1, .none)])
    let (restore, west) = (try #require(rig.run.pending.first), try #require(rig.run.pending.last))
    try rig.settle(west)
    #expect(rig.reaction.effects.isEmpty)
    try rig.settle(restore)
    #expect(rig.reaction.effects.map(\.work) == [.setWeight(route: 0, .none)])
    try rig.settle()
    try rig.settle()
    #expect(rig.run.outcome == .rolledBack)
  }

  @Test func `blue-green: what ran before the first run is not known, so it stays up for a rollback`() throws {
    var rig = Rig([Pipelines.blueGreen(), Pipelines.verify()], stable: nil)
    try rig.play(until: { $0.isAt(0, stage: 1) })
    #expect(rig.decisions.contains(.skipped(stage: 0, move: 5)))
    #expect(!rig.effects.contains { $0.work == .retire(stage: 0, .stable) })
    try rig.act(.rollback)
    #expect(rig.reaction.effects.map(\.work) == [.setWeight(route: 0, .none)])
  }

  @Test func `blue-green: an old version that will not go down is left, and the run is promoted`() throws {
    var rig = Rig([Pipelines.blueGreen()])
    try rig.play(until: { $0.isAt(5) })
    try rig.fail(.misconfigured)
    #expect(rig.run.outcome == .promoted)
    #expect(rig.reaction.decisions.contains { if case .abandoned = $0 { true } else { false } })
  }

  @Test func `a promoted run can be rolled back, and by a newer run it cannot`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.play()
    try rig.apply(.superseded(by: RunID(2)))
    #expect(rig.run.outcome == .promoted)
    #expect(rig.reaction.decisions == [.ignored])
    try rig.act(.rollback)
    #expect(rig.reaction.effects.map(\.work) == [.setWeight(route: 0, .none)])
    try rig.settle()
    #expect(rig.run.outcome == .rolledBack)
  }

  @Test func `a promoted run that changed nothing has nothing to take back`() throws {
    var rig = Rig([Pipelines.check()])
    try rig.settle()
    #expect(rig.run.outcome == .promoted)
    #expect(rig.run.refusal(of: .rollback, by: .person("ann")) != nil)
  }

  @Test func `a run is superseded whatever it does`() throws {
    var queued = Rig([Pipelines.canary()], queued: true)
    try queued.apply(.superseded(by: RunID(2)))
    #expect(queued.run.outcome == .aborted)
    var paused = Rig([Pipelines.canary()])
    try paused.settle()
    try paused.act(.pause)
    try paused.apply(.superseded(by: RunID(2)))
    #expect(paused.run.rollback?.cause == .superseded(by: RunID(2)))
  }

  @Test func `a deadline takes traffic back though the stage holds on failure`() throws {
    var rig = Rig([Pipelines.canary(onFailure: .hold)])
    try rig.play { _, _ in .bad }
    #expect(rig.run.outcome == .rolledBack)
    #expect(rig.decisions.contains(.held(.gate(.move, .fail))))
  }
}
