import Analysis
import Engine
import PipelineModel
import Testing

// Ramps of flags and flags that are switched off instead of a rollback: the cases that the table of transitions shows
// one step of are played here to their ends.

struct RampTests {
  @Test func `a ramp takes the same moves as a canary without a deployment`() {
    let ramp = Plan(Pipeline(name: "r", target: Pipelines.target, stages: [Pipelines.ramp([1, 100])]))
    let canary = Plan(Pipeline(name: "c", target: Pipelines.target, stages: [Pipelines.canary([1, 100])]))
    #expect(ramp.moves == canary.moves)
    #expect(ramp.routes == [Pipelines.flag])
    #expect(ramp.isRamp)
    #expect(ramp.lane == Target(service: "flag:new-checkout", environment: "production"))
    #expect(!canary.isRamp)
    #expect(canary.lane == Pipelines.target)
  }

  @Test func `a killed flag ends its ramp, which never asks for more of it again`() throws {
    var rig = Rig([Pipelines.ramp([1, 10, 100])])
    try rig.play(until: { $0.isAt(3) })
    let asked = rig.effects.count
    try rig.apply(.overruled(route: 0, found: Weight.none, because: "killed by ann"))
    #expect(rig.run.rollback?.cause == .overruled(found: Weight.none, because: "killed by ann"))
    try rig.play()
    #expect(rig.run.outcome == .rolledBack)
    for effect in rig.effects.dropFirst(asked) where !effect.isLook {
      #expect(effect.work == .setWeight(route: 0, .none))
    }
  }

  @Test func `an edited flag holds its ramp for a person, who may go on with it`() throws {
    var rig = Rig([Pipelines.ramp([1, 100])])
    try rig.settle()
    try rig.apply(.overruled(route: 0, found: .percent(30), because: "changed by ann"))
    #expect(rig.run.working?.held == .overruled(found: .percent(30), because: "changed by ann"))
    try rig.act(.promote(.step))
    try rig.play()
    #expect(rig.run.outcome == .promoted)
  }

  @Test func `a flag found at another share is not set again, as a router's weight would be`() throws {
    var rig = Rig([Pipelines.ramp([1, 100])])
    try rig.settle()
    try rig.apply(.drifted(route: 0, found: .percent(30)))
    #expect(rig.run.working?.held != nil)
    #expect(!rig.reaction.effects.contains { !$0.isLook })
  }

  @Test func `what others do to a flag the run has not touched yet is told by the flag when it is asked`() throws {
    var rig = Rig([Pipelines.approve(1), Pipelines.ramp()])
    try rig.apply(.overruled(route: 0, found: Weight.none, because: "killed by ann"))
    #expect(rig.reaction.decisions == [.ignored])
    try rig.act(.approve(roles: ["manager"]), by: "bob")
    try rig.fail(.rejected)
    try rig.play()
    #expect(rig.run.outcome == .rolledBack)
    #expect(rig.run.routes[0].wanted == Weight.none)
  }

  // MARK: Switching off instead of rolling back

  private static let flag = RouteName.flag("search", in: "production")

  private static func remedied(background: Gate? = nil) -> Rig {
    Rig([Pipelines.canary(background: background, switchesOff: flag)])
  }

  @Test func `a failed gate switches the flag off, and the step is judged anew from there`() throws {
    var rig = Self.remedied()
    try rig.settle()
    try rig.look(.good)
    try rig.look(.bad)
    #expect(rig.run.working?.remedied == .gate(.move, .fail))
    try rig.settle()
    #expect(rig.run.switchedOff == [Self.flag])
    #expect(rig.run.judging(at: .move)?.tallies.map(\.failures) == [0])
    let watching = try #require(rig.run.working?.watching(at: .move))
    #expect(watching.until == rig.now + .minutes(5))
    try rig.play()
    #expect(rig.run.outcome == .promoted)
  }

  @Test func `what fails with the flag off is rolled back`() throws {
    var rig = Self.remedied()
    try rig.settle()
    try rig.look(.bad)
    try rig.settle()
    try rig.look(.bad)
    #expect(rig.run.rollback?.cause == .gate(.move, .fail))
    try rig.play()
    #expect(rig.run.outcome == .rolledBack)
    #expect(rig.effects.count { if case .switchOff = $0.work { true } else { false } } == 1)
  }

  @Test func `a flag that cannot be switched off leaves the rollback`() throws {
    var rig = Self.remedied()
    try rig.settle()
    try rig.look(.bad)
    try rig.fail(.rejected)
    try rig.play()
    #expect(rig.run.outcome == .rolledBack)
  }

  @Test func `while the flag is being switched off nothing advances, and no gate decides`() throws {
    var rig = Self.remedied(background: Pipelines.gate())
    try rig.settle()
    try rig.look(.bad)
    try rig.look(.bad, .background)
    try rig.look(.bad)
    #expect(rig.run.working?.move == 1)
    #expect(rig.run.rollback == nil)
    #expect(rig.run.pending.count { if case .switchOff = $0.work { true } else { false } } == 1)
  }

  @Test func `a deadline waits for no flag`() throws {
    var rig = Self.remedied()
    try rig.settle()
    try rig.look(.bad)
    try rig.wait(.hours(200))
    #expect(rig.run.rollback?.cause == .stageDeadline)
  }

  @Test func `a rollback, an approval, a check fail as ever: only a gate's failure switches a flag off`() throws {
    var rig = Self.remedied()
    try rig.fail(.rejected)
    #expect(rig.run.rollback != nil)
    #expect(rig.run.switchedOff.isEmpty)
  }

  @Test func `another run that changes what is measured makes the step begin anew`() throws {
    var rig = Rig([Pipelines.ramp([1, 100], background: Pipelines.gate())])
    try rig.settle()
    try rig.look(.good)
    try rig.apply(.rebaselined(by: RunID(2)))
    #expect(rig.reaction.decisions == [.beganAnew])
    #expect(rig.run.judging(at: .move)?.tallies.map(\.passes) == [0])
    #expect(rig.run.judging(at: .background)?.tallies.map(\.passes) == [0])
    try rig.play()
    #expect(rig.run.outcome == .promoted)
  }
}
