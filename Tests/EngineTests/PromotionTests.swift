import Engine
import PipelineModel
import Testing

// Going past a gate is an act, and the record says what the gate said.

struct PromotionTests {
  @Test func `promoting before the time is over records the gate as stopped`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    try rig.look(.good)
    try rig.act(.promote(.step))
    #expect(rig.reaction.overrode == [.init(.move, .stopped)])
    #expect(rig.reaction.reports?.map(\.passes) == [1])
    #expect(rig.run.isAt(2))
    #expect(!rig.run.pending.contains { $0.isLook })
  }

  @Test func `promoting past an inconclusive gate records that`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    for _ in 0..<5 { try rig.look(.between) }
    try rig.act(.promote(.step))
    #expect(rig.reaction.overrode == [.init(.move, .inconclusive)])
    #expect(rig.reaction.reports == nil)
    #expect(rig.run.isAt(2))
    #expect(rig.run.working?.held == nil)
  }

  @Test func `promoting past a gate that lacks evidence records what it lacked`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    for _ in 0..<6 { try rig.look(.error) }
    try rig.act(.promote(.step))
    #expect(rig.reaction.overrode == [.init(.move, .error)])
  }

  @Test func `promoting past a failed gate records the failure`() throws {
    var rig = Rig([Pipelines.canary(onFailure: .hold)])
    try rig.settle()
    try rig.look(.bad)
    #expect(rig.run.working?.held == .gate(.move, .fail))
    try rig.act(.promote(.step))
    #expect(rig.reaction.overrode == [.init(.move, .fail)])
    #expect(rig.run.isAt(2))
  }

  @Test func `a gate that passed while the run was paused needs no overruling`() throws {
    var rig = Rig([Pipelines.canary()])
    try rig.settle()
    try rig.act(.pause)
    for _ in 0..<6 { try rig.look(.good) }
    try rig.act(.promote(.step))
    #expect(rig.reaction.overrode.isEmpty)
    #expect(rig.reaction.decisions.contains { if case .concluded(.move, .pass, _) = $0 { true } else { false } })
    #expect(rig.run.paused)
  }

  @Test func `past a failed background gate, what was forgiven does not hold the run again, but more does`() throws {
    var rig = Rig([Pipelines.canary(background: Pipelines.gate(), onFailure: .hold)])
    try rig.settle()
    try rig.look(.bad, .background)
    #expect(rig.run.working?.held == .gate(.background, .fail))
    try rig.act(.promote(.step))
    #expect(rig.reaction.overrode == [.init(.move, .stopped), .init(.background, .fail)])
    try rig.settle()
    try rig.look(.good, .background)
    #expect(rig.run.working?.held == nil)
    try rig.look(.bad, .background)
    #expect(rig.run.working?.held == .gate(.background, .fail))
  }

  @Test func `leaving a stage early records its background gate too`() throws {
    var rig = Rig([Pipelines.canary([100], background: Pipelines.gate())])
    try rig.settle()
    try rig.act(.promote(.step))
    #expect(rig.reaction.overrode == [.init(.move, .stopped), .init(.background, .stopped)])
    #expect(rig.run.outcome == .promoted)
  }

  @Test func `promote all goes past every gate and hold, each in the record, and sets every weight`() throws {
    var rig = Rig([Pipelines.canary([5, 25, 100], background: Pipelines.gate()), Pipelines.verify()])
    try rig.settle()
    try rig.act(.promote(.all))
    #expect(rig.reaction.overrode == [.init(.move, .stopped), .init(.background, .stopped)])
    try rig.play { _, _ in .bad }
    #expect(rig.run.outcome == .promoted)
    #expect(rig.now == Rig.noon)
    #expect(rig.effects.weights == [.percent(5), .percent(25), .percent(100)])
    #expect(rig.decisions.count { if case .overrode = $0 { true } else { false } } == 5)
  }

  @Test func `promote all leaves checks and approvals standing`() throws {
    var rig = Rig([Pipelines.canary(), Pipelines.check(), Pipelines.approve(1), Pipelines.verify()])
    try rig.act(.promote(.all))
    try rig.play(until: { $0.isAt(0, stage: 2) })
    #expect(rig.decisions.contains(.passed(stage: 1)))
    try rig.act(.approve(roles: ["manager"]))
    #expect(rig.run.outcome == .promoted)
  }

  @Test func `a failed check still fails after promote all`() throws {
    var rig = Rig([Pipelines.canary(), Pipelines.check()])
    try rig.act(.promote(.all))
    try rig.play(until: { $0.isAt(0, stage: 1) })
    try rig.apply(.checked(try #require(rig.run.pending.first).id, status: 1, output: ""))
    #expect(rig.run.rollback != nil)
  }

  @Test func `nothing is promoted while a change is under way, nor past an approval`() throws {
    let shifting = Rig([Pipelines.canary()])
    #expect(
      shifting.run.refusal(of: .promote(.step), by: .person("ann"))?.description
        == "a change is under way and must come to its end first")
    let approving = Rig([Pipelines.approve()])
    #expect(
      approving.run.refusal(of: .promote(.step), by: .person("ann"))?.description
        == "it waits for an approval; use approve")
    var twice = Rig([Pipelines.canary()])
    try twice.act(.promote(.all))
    #expect(
      twice.run.refusal(of: .promote(.all), by: .person("ann"))?.description == "it goes past every gate already")
  }

  @Test func `a shift that failed is not gone past but asked for again, and then its step is watched`() throws {
    for promotion in [Act.Promotion.step, .all] {
      var rig = Rig([Pipelines.canary(background: Pipelines.gate(), onFailure: .hold)])
      try rig.fail(.rejected)
      #expect(rig.run.working?.held != nil)
      try rig.act(.promote(promotion))
      #expect(rig.run.isAt(0))
      #expect(rig.run.working?.held == nil)
      #expect(rig.run.pending.map(\.work) == [.setWeight(route: 0, .percent(5))])
      #expect(rig.run.routes[0].confirmed == false)
    }
  }

  @Test func `the step after a shift that failed first is watched, with the background gate`() throws {
    var rig = Rig([Pipelines.canary(background: Pipelines.gate(), onFailure: .hold)])
    try rig.fail(.rejected)
    try rig.act(.promote(.step))
    try rig.play(until: { $0.isAt(1) })
    #expect(rig.run.working?.background != nil)
    try rig.look(.bad, .background)
    #expect(rig.run.working?.held == .gate(.background, .fail))
  }

  @Test func `approvals are of different people who hold the role, and not of the requester where excluded`() throws {
    var rig = Rig([Pipelines.approve(2, excludeRequester: true), Pipelines.canary()])
    func refusal(_ name: String, _ roles: [String]) -> String? {
      rig.run.refusal(of: .approve(roles: roles), by: .person(name))?.description
    }
    #expect(refusal("ann", ["manager"]) == "ann started the run and may not approve it")
    #expect(refusal("bob", ["developer"]) == "bob holds none of the roles asked for: manager")
    try rig.act(.approve(roles: ["manager"]), by: "bob")
    #expect(refusal("bob", ["manager"]) == "bob has approved already")
    #expect(rig.run.isAt(0))
    try rig.act(.approve(roles: ["manager", "developer"]), by: "cid")
    #expect(rig.run.isAt(0, stage: 1))
  }

  @Test func `a rejected or lapsed approval ends a run that changed nothing`() throws {
    var rejected = Rig([Pipelines.approve(), Pipelines.canary()])
    try rejected.act(.reject)
    #expect(rejected.run.outcome == .failed)
    var lapsed = Rig([Pipelines.approve(), Pipelines.canary()])
    try lapsed.play()
    #expect(lapsed.run.outcome == .failed)
    #expect(lapsed.run.withdrawn == .expired)
    #expect(lapsed.now == Rig.noon + .hours(24))
  }
}

/// What a gate said when a person went past it.
struct Overruled: Equatable {
  var site: GateSite
  var verdict: Verdict
  init(_ site: GateSite, _ verdict: Verdict) {
    self.site = site
    self.verdict = verdict
  }
}

extension Reaction {
  var overrode: [Overruled] {
    decisions.compactMap { if case .overrode(let site, let verdict) = $0 { Overruled(site, verdict) } else { nil } }
  }
}

extension [Effect] {
  /// The weights asked for, in order.
  var weights: [Weight] { compactMap { if case .setWeight(_, let weight) = $0.work { weight } else { nil } } }
}
