import Engine
import PipelineModel
import Testing

// One run in flight for each target, and what each target runs. Runs here are real ones, played to their ends.

struct FleetTests {
  private let target = Pipelines.target
  private var fleet = Fleet()

  @Test mutating func `on a free target a run starts at once, on a busy one the policy says`() throws {
    #expect(try admission(.refuse) == .now)
    fleet.started(RunID(1), on: target, queued: false)
    #expect(fleet.active(on: target) == RunID(1))
    #expect(refusal()?.contains("run 1 of checkout in production is in flight") == true)
    #expect(try admission(.queue) == .queued)
    #expect(try admission(.supersede) == .instead(of: [RunID(1)]))
  }

  @Test mutating func `the newest replaces the one in flight and all that wait`() throws {
    fleet.started(RunID(1), on: target, queued: false)
    fleet.started(RunID(2), on: target, queued: true)
    #expect(try admission(.supersede) == .instead(of: [RunID(1), RunID(2)]))
  }

  @Test mutating func `those that wait begin in their order, once the target is free`() throws {
    fleet.started(RunID(1), on: target, queued: false)
    fleet.started(RunID(2), on: target, queued: true)
    fleet.started(RunID(3), on: target, queued: true)
    #expect(fleet.next(on: target) == nil)
    fleet.ended(try run(1, ending: .promoted), .promoted)
    #expect(fleet.next(on: target) == RunID(2))
    fleet.begun(RunID(2), on: target)
    #expect(fleet.next(on: target) == nil)
    fleet.ended(try run(2, ending: .promoted), .promoted)
    #expect(fleet.next(on: target) == RunID(3))
  }

  @Test mutating func `a target of another environment is free`() throws {
    fleet.started(RunID(1), on: target, queued: false)
    let staging = Target(service: "checkout", environment: "staging")
    #expect(try fleet.admission(of: "v2", to: staging, policy: .refuse, again: false) == .now)
  }

  @Test mutating func `a version that was rolled back is not started again unless somebody insists`() throws {
    fleet.ended(try run(1, ending: .rolledBack), .rolledBack)
    #expect(refusal()?.contains("was rolled back before") == true)
    #expect(try fleet.admission(of: "v2", to: target, policy: .queue, again: true) == .now)
    #expect(try fleet.admission(of: "v3", to: target, policy: .queue, again: false) == .now)
    fleet.ended(try run(2, ending: .promoted), .promoted)
    #expect(try admission(.refuse) == .now)
  }

  @Test mutating func `an aborted or superseded version may come again`() throws {
    for cause in [Fact.acted(.abort), .superseded(by: RunID(9))] {
      var rig = Rig([Pipelines.canary()])
      try rig.settle()
      try rig.apply(cause)
      try rig.settle()
      fleet.ended(rig.run, .rolledBack)
      #expect(try admission(.refuse) == .now)
    }
  }

  @Test mutating func `slots alternate, and a rollback leaves the live one live`() throws {
    let routes = [Pipelines.edge]
    #expect(fleet.slots(for: routes, of: target) == [.green])
    fleet.ended(try run(1, ending: .promoted, slot: .green), .promoted)
    #expect(fleet.slots(for: routes, of: target) == [.blue])
    fleet.ended(try run(2, ending: .rolledBack, slot: .blue), .rolledBack)
    #expect(fleet.slots(for: routes, of: target) == [.blue])
    fleet.ended(try run(3, ending: .promoted, slot: .blue), .promoted)
    #expect(fleet.slots(for: routes, of: target) == [.green])
  }

  @Test mutating func `a route left with less than all of its traffic keeps its live slot`() throws {
    var rig = Rig([Pipelines.canary([50])])
    try rig.play()
    fleet.ended(rig.run, .promoted)
    #expect(fleet.slots(for: [Pipelines.edge], of: target) == [.green])
  }

  @Test mutating func `a version that never got all of the traffic does not become the stable one`() throws {
    fleet.ended(try run(1, ending: .promoted), .promoted)
    var rig = Rig([Pipelines.canary(), Pipelines.canary([50], route: Pipelines.west)], number: 2)
    try rig.play()
    fleet.ended(rig.run, .promoted)
    #expect(fleet.record(of: target).stable.map(\.run) == [RunID(1)])
    #expect(fleet.slots(for: [Pipelines.edge, Pipelines.west], of: target) == [.blue, .green])
    #expect(fleet.refusalOfRollback(of: RunID(2), on: target)?.description.contains("never got all traffic") == true)
  }

  // MARK: Routes

  private static let search = Target(service: "search", environment: "production")

  @Test mutating func `a route that a run of another target moves is busy too`() throws {
    fleet.started(RunID(1), on: target, moving: [Pipelines.west, Pipelines.edge], queued: false)
    #expect(try admission(.queue, to: Self.search, moving: [Pipelines.edge]) == .queued)
    #expect(try admission(.supersede, to: Self.search, moving: [Pipelines.edge]) == .instead(of: [RunID(1)]))
    #expect(throws: Refusal.self) { try admission(.refuse, to: Self.search, moving: [Pipelines.edge]) }
    do {
      _ = try admission(.refuse, to: Self.search, moving: [Pipelines.edge])
    } catch let refusal as Refusal {
      #expect(refusal.description.contains("run 1 of checkout in production moves route edge/checkout now"))
      #expect(refusal.description.contains("headgate abort 1"))
    }
    #expect(try admission(.refuse, to: Self.search, moving: [RouteName(router: "edge", route: "search")]) == .now)
  }

  @Test mutating func `a run waits for its routes as it waits for its target`() throws {
    fleet.started(RunID(1), on: target, moving: [Pipelines.edge], queued: false)
    fleet.started(RunID(2), on: Self.search, moving: [Pipelines.edge], queued: true)
    #expect(fleet.next(on: Self.search) == nil)
    fleet.ended(try run(1, ending: .promoted), .promoted)
    #expect(fleet.targetsWithQueue == [Self.search])
    #expect(fleet.next(on: Self.search) == RunID(2))
    fleet.begun(RunID(2), on: Self.search, moving: [Pipelines.edge])
    #expect(fleet.targetsWithQueue.isEmpty)
    let refusal = fleet.refusalOfRollback(of: RunID(1), on: target, moving: [Pipelines.edge])
    #expect(refusal != nil)
  }

  @Test mutating func `a target freed by a person is free, and so are its routes`() throws {
    fleet.ended(try run(1, ending: .promoted), .promoted)
    fleet.ended(try run(2, ending: .promoted), .promoted)
    fleet.started(RunID(3), on: target, moving: [Pipelines.edge], queued: false)
    fleet.released(RunID(3), on: target)
    #expect(try admission(.refuse, to: Self.search, moving: [Pipelines.edge]) == .now)
    #expect(try fleet.admission(of: "v3", to: target, policy: .refuse, again: false) == .now)
    #expect(fleet.record(of: target).stable.map(\.run) == [RunID(2)])
  }

  private func admission(_ policy: BusyPolicy, to target: Target, moving routes: [RouteName]) throws -> Fleet.Admission
  {
    try fleet.admission(of: "v2", to: target, moving: routes, policy: policy, again: false)
  }

  @Test mutating func `the turn of a waiting run comes with the slots and the version of then`() throws {
    fleet.ended(try run(1, ending: .promoted, slot: .green), .promoted)
    let waiting = Rig([Pipelines.canary()], queued: true)
    #expect(fleet.turn(of: waiting.run) == .begun(stable: "v2", slots: [.blue]))
  }

  @Test mutating func `only the latest promoted run can be rolled back, while nothing else is in flight`() throws {
    fleet.ended(try run(1, ending: .promoted), .promoted)
    #expect(fleet.refusalOfRollback(of: RunID(1), on: target) != nil)
    fleet.ended(try run(2, ending: .promoted), .promoted)
    #expect(fleet.refusalOfRollback(of: RunID(1), on: target) != nil)
    #expect(fleet.refusalOfRollback(of: RunID(2), on: target) == nil)
    fleet.started(RunID(3), on: target, queued: false)
    #expect(fleet.refusalOfRollback(of: RunID(2), on: target)?.description.contains("run 3") == true)
  }

  @Test mutating func `once another run has used the slot there is nothing to go back to at once`() throws {
    fleet.ended(try run(1, ending: .promoted), .promoted)
    fleet.ended(try run(2, ending: .promoted), .promoted)
    fleet.ended(try run(3, ending: .rolledBack), .rolledBack)
    #expect(fleet.refusalOfRollback(of: RunID(2), on: target) != nil)
    #expect(fleet.record(of: target).stable.map(\.run) == [RunID(2)])
  }

  @Test mutating func `two bad versions cannot take turns`() throws {
    fleet.ended(try run(1, ending: .promoted), .promoted)
    fleet.ended(try run(2, ending: .promoted), .promoted)
    var rig = Rig([Pipelines.canary()], number: 2)
    try rig.play()
    try rig.act(.rollback)
    try rig.settle()
    fleet.ended(rig.run, .rolledBack)
    #expect(fleet.record(of: target).stable.map(\.run) == [RunID(1)])
    #expect(fleet.refusalOfRollback(of: RunID(1), on: target) != nil)
    #expect(fleet.record(of: target).reverted == ["v2"])
  }

  @Test mutating func `a run that changed nothing leaves everything as it was`() throws {
    fleet.ended(try run(1, ending: .promoted), .promoted)
    fleet.ended(try run(2, ending: .promoted), .promoted)
    let before = fleet.record(of: target)
    fleet.started(RunID(3), on: target, queued: false)
    var rig = Rig([Pipelines.check()], number: 3)
    try rig.act(.abort)
    fleet.ended(rig.run, .aborted)
    #expect(fleet.record(of: target) == before)
    #expect(fleet.active(on: target) == nil)
  }

  @Test mutating func `a fleet opened on its records is the fleet that left them`() throws {
    fleet.ended(try run(1, ending: .promoted), .promoted)
    fleet.ended(try run(2, ending: .rolledBack), .rolledBack)
    #expect(Fleet([fleet.record(of: target)]) == fleet)
  }

  private func admission(_ policy: BusyPolicy) throws -> Fleet.Admission {
    try fleet.admission(of: "v2", to: target, policy: policy, again: false)
  }

  private func refusal() -> String? {
    do {
      _ = try fleet.admission(of: "v2", to: target, policy: .refuse, again: false)
      return nil
    } catch {
      return error.description
    }
  }

  /// A canary of v2 played to that end.
  private func run(_ number: Int64, ending outcome: Outcome, slot: Slot = .green) throws -> Run {
    var rig = Rig([Pipelines.canary()], number: number, slot: slot)
    try rig.play { _, _ in outcome == .promoted ? .good : .bad }
    #expect(rig.run.outcome == outcome)
    return rig.run
  }
}
