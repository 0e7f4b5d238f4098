import Engine
import PipelineModel
import Simulation
import TestSupport
import Testing

// A pipeline in a world with faults comes to the end it must come to, in no time, and the same every time.

@Suite struct SimulatorTests {
  private let noisy = WorldModel(
    traffic: 200, stable: ["errors": .ratio(0.01)], takes: .init(router: .seconds(1), provider: .milliseconds(300)))

  // MARK: Chance

  @Test func `the same seed gives the same journal, byte for byte, and another seed another`() {
    let faults = [
      at(.minutes(2), .provider("metrics", .timeout, for: .minutes(1))),
      at(.minutes(5), .crash(downtime: .seconds(20))),
      at(.percent(50), .router("edge", .refuse, for: .seconds(30))),
    ]
    let first = simulate(.canary(), world: noisy, events: faults, seed: 11).entries.canonical
    #expect(first.count > 20)
    #expect(simulate(.canary(), world: noisy, events: faults, seed: 11).entries.canonical == first)
    #expect(simulate(.canary(), world: noisy, events: faults, seed: 12).entries.canonical != first)
  }

  @Test func `whether the journal is kept changes nothing`() {
    let scenario = Scenario(name: "test", pipeline: "", seed: 3, world: noisy)
    let plan = Plan(.canary())
    var kept = Simulator(scenario, plan: plan, parameters: [])
    var unkept = Simulator(scenario, plan: plan, parameters: [], keepsJournal: false)
    let (first, second) = (kept.simulate(), unkept.simulate())
    #expect(first.took == second.took)
    #expect(first.facts == second.facts)
    #expect(first.exposed == second.exposed)
    #expect(unkept.entries.isEmpty)
    #expect(kept.entries.count == first.facts)
  }

  // MARK: Releases

  @Test func `a good release is promoted through every weight`() {
    let (result, entries) = simulate(.canary())
    #expect(result.outcome == .promoted)
    #expect(result.violations == [])
    #expect(result.highest == .all)
    #expect(entries.weights(Plan(.canary())) == [.percent(5), .percent(25), .percent(50), .all])
  }

  @Test func `a bad release is taken back at its first step`() {
    let (result, _) = simulate(.canary(), world: .healthy(canary: 0.2))
    #expect(result.outcome == .rolledBack)
    #expect(result.highest == .percent(5))
    #expect(result.violations == [])
  }

  @Test func `a release that turns bad at 50 percent is taken back from there`() {
    let turn = at(.percent(50), after: .seconds(30), .canary(["errors": .become(.constant(0.3))]))
    let (result, _) = simulate(.canary(), events: [turn])
    #expect(result.outcome == .rolledBack)
    #expect(result.highest == .percent(50))
  }

  @Test func `a verification of a day takes a day of the world's time and none of ours`() {
    let watch = Watch(gate: Gate(metrics: [0], every: .minutes(5), atLeast: 200), hold: .hours(24))
    let stage = Stage(name: "observation", work: .verify(watch))
    var pipeline = Pipeline.canary()
    pipeline = Pipeline(name: "verify", target: pipeline.target, metrics: pipeline.metrics, stages: [stage])
    var world = WorldModel.healthy()
    world.preview = 100
    let (result, _) = simulate(pipeline, world: world)
    #expect(result.outcome == .promoted)
    #expect(result.took >= .hours(24))
    #expect(result.took < .hours(24) + .minutes(1))
    #expect(result.facts > 280)
  }

  @Test func `traffic that reached the candidate is counted`() {
    var world = WorldModel.healthy()
    world.takes = .init(deploy: .zero)
    let (result, _) = simulate(.canary(), world: world)
    // Three minutes at each of 5, 25, 50 and 100 % of 200 a second.
    #expect(abs(result.exposed - 200 * 180 * 1.8) < 1)
  }

  // MARK: Faults

  @Test func `without data nothing is promoted`() {
    for fault in ScenarioEvent.ProviderFault.allCases where fault != .stale {
      let (result, _) = simulate(.canary(), events: [at(.zero, .provider("metrics", fault, for: nil))])
      #expect(result.outcome == .rolledBack, "\(fault)")
      #expect(result.violations == [])
    }
  }

  @Test func `a provider that comes back is asked again, and the run goes on`() {
    for fault in ScenarioEvent.ProviderFault.allCases {
      let (result, _) = simulate(.canary(), events: [at(.minutes(4), .provider("metrics", fault, for: .minutes(3)))])
      #expect(result.outcome == .promoted, "\(fault)")
      #expect(result.violations == [])
    }
  }

  @Test func `a router that forgets is told again`() {
    let (result, entries) = simulate(
      .canary(), events: [at(.percent(25), after: .seconds(70), .router("edge", .forget, for: nil))])
    #expect(result.outcome == .promoted)
    #expect(result.violations == [])
    let told = entries.flatMap(\.decisions).contains {
      if case .reasserted(0, .percent(25)) = $0 { true } else { false }
    }
    #expect(told)
  }

  @Test func `a router that forgets while its weight is being set is told again, however slow it is`() {
    var world = WorldModel.healthy()
    world.takes.router = .seconds(20)
    let (result, entries) = simulate(
      .canary(), world: world, events: [at(.percent(25), after: .seconds(5), .router("edge", .forget, for: nil))])
    #expect(result.outcome == .promoted)
    let told = entries.flatMap(\.decisions).contains {
      if case .reasserted(0, .percent(25)) = $0 { true } else { false }
    }
    #expect(told)
  }

  @Test func `a rollback gets through a router that refuses for half an hour`() {
    let refuses = at(
      .percent(25), .router("edge", .refuse, for: .minutes(30)), .canary(["errors": .become(.constant(1))]))
    let (result, entries) = simulate(.canary(), events: [refuses])
    #expect(result.outcome == .rolledBack)
    #expect(result.violations == [])
    #expect(entries.flatMap(\.decisions).contains { if case .escalated = $0 { true } else { false } })
  }

  @Test func `a version that does not start ends the run before any traffic`() {
    let (result, _) = simulate(.blueGreen(), events: [at(.zero, .deployer("hosts", .fail, for: nil))])
    #expect(result.outcome == .failed)
    #expect(result.highest == Weight.none)
  }

  @Test func `a controller that is killed and comes back goes on, and a replay reaches the same state`() {
    for seconds in stride(from: 1, through: 900, by: 7) as StrideThrough<Int64> {
      for downtime in [Interval.zero, .minutes(4)] {
        let (result, entries) = simulate(.canary(), events: [at(.seconds(seconds), .crash(downtime: downtime))])
        #expect(result.outcome == .promoted, "killed after \(seconds) s for \(downtime)")
        #expect(result.violations == [])
        #expect(entries.weights(Plan(.canary())) == [.percent(5), .percent(25), .percent(50), .all])
      }
    }
  }

  @Test func `a wall clock that jumps, either way, moves no entry before another`() {
    for jump in [Interval.hours(-5), .hours(5), .minutes(-1)] {
      let (result, entries) = simulate(
        .canary(), events: [at(.minutes(4), .clockJump(jump)), at(.minutes(5), .crash(downtime: .seconds(3)))])
      #expect(result.outcome != nil)
      #expect(result.violations == [])
      #expect(entries.map(\.time) == entries.map(\.time).sorted())
    }
  }

  // MARK: People

  @Test func `people pause, resume and approve, at a time and while the controller is away`() {
    var pipeline = Pipeline.canary()
    let approval = Stage(name: "go", work: .approve(Approval(approvals: 2, expires: .hours(2))))
    pipeline = Pipeline(
      name: "approved", target: pipeline.target, metrics: pipeline.metrics, stages: [approval] + pipeline.stages)
    func act(_ kind: HumanAct.Kind, by name: String) -> ScenarioEvent.Happening { .act(HumanAct(kind: kind, by: name)) }
    let (result, entries) = simulate(
      pipeline,
      events: [
        at(.minutes(5), act(.approve, by: "ann")), at(.minutes(6), .crash(downtime: .minutes(10))),
        at(.minutes(7), act(.approve, by: "ann"), act(.approve, by: "bob")), at(.minutes(20), act(.pause, by: "ann")),
        at(.minutes(25), act(.resume, by: "ann")),
      ])
    #expect(result.outcome == .promoted)
    #expect(result.violations == [])
    #expect(result.took > .minutes(30))
    let people = entries.filter { $0.actor.kind == .person }.dropFirst().map { "\($0.actor.name) \($0.fact.kind)" }
    #expect(people == ["ann acted", "ann refused", "bob acted", "ann acted", "ann acted"])
  }

  @Test func `an abort takes the traffic back`() {
    let abort = at(.percent(50), after: .seconds(10), .act(HumanAct(kind: .abort, by: "ann")))
    let (result, _) = simulate(.canary(), events: [abort])
    #expect(result.outcome == .rolledBack)
    #expect(result.violations == [])
  }

  @Test func `going past every gate is no violation, since it is an act`() {
    let promote = at(.percent(5), after: .seconds(10), .act(HumanAct(kind: .promote, by: "ann", all: true)))
    let (result, _) = simulate(.canary(), world: .healthy(canary: 0.01), events: [promote])
    #expect(result.outcome == .promoted)
    #expect(result.violations == [])
  }
}
