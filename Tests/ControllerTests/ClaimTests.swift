import Controller
import Engine
import PipelineModel
import Simulation
import TestSupport
import Testing

// What a run is said to be for: who may say so, and what a spent error budget does to those that are not; also when the
// controller dies in between.

@Suite struct ClaimTests {
  private static let objective = Objective(name: "availability", target: 0.99)

  private static let pipeline: Pipeline = {
    var budget = Metric(
      name: "budget", provider: "metrics", query: Template(text: "q"), rule: .budget(objective, .feature))
    budget.questions = [
      Question(.badOver(objective.window), Template(text: "q"), interval: objective.window),
      Question(.allOver(objective.window), Template(text: "q"), interval: objective.window),
    ]
    var pipeline = Pipeline.canary()
    pipeline.metrics.append(budget)
    let gate = Gate(metrics: [1], every: .minutes(1))
    pipeline.stages.insert(Stage(name: "budget", work: .verify(Watch(gate: gate, hold: .minutes(1)))), at: 0)
    return pipeline
  }()

  private func rig(_ store: MemoryStore = MemoryStore(), badShare: Double) throws -> Rig {
    var world = WorldModel.healthy()
    world.stable["budget"] = .constant(badShare)
    let rig = Rig(FixedCompiler(Self.pipeline), store: store, world: world)
    rig.roles = { $0.name == "ida" ? ["incident-commander"] : [] }
    rig.claims = [.emergency: ["incident-commander"]]
    try rig.open()
    return rig
  }

  private func start(_ version: String, _ change: ChangeKind? = nil) -> Request.Ask {
    .start(
      StartRequest(
        text: "canary", path: "canary.yaml", parameters: [.init(name: "version", value: version)], change: change))
  }

  private func refusal(
    _ change: ChangeKind, by name: String, reason: String?
  ) throws -> String? {
    let rig = try rig(badShare: 0)
    let asked = rig.store.ask(start("v2", change), by: .person(name), reason: reason)
    _ = try rig.step()
    return rig.store.answers[asked]?.refusal
  }

  @Test func `an emergency is claimed by those who may, with a reason`() throws {
    #expect(try refusal(.emergency, by: "ida", reason: "INC-7") == nil)
    #expect(
      try refusal(.emergency, by: "bob", reason: "INC-7")
        == "bob holds none of the roles that may start a run for emergency: incident-commander; `changes:` in "
        + "headgate.yaml names them")
    #expect(
      try refusal(.emergency, by: "ida", reason: " ")
        == "a run that is said to be for emergency needs a reason: say why with --reason")
    #expect(try refusal(.security, by: "bob", reason: "CVE-1") == nil)
    #expect(try refusal(.feature, by: "bob", reason: nil) == nil)
  }

  @Test func `what a run is for is in the journal`() throws {
    let rig = try rig(badShare: 0)
    rig.store.ask(start("v2", .emergency), by: .person("ida"), reason: "INC-7")
    _ = try rig.step()
    guard case .started(let start)? = try rig.store.entries(of: RunID(1)).first?.fact else {
      Issue.record("nothing was started")
      return
    }
    #expect(start.change == .emergency)
  }

  @Test func `a budget once spent stays spent for a new controller, until half of it is rebuilt`() throws {
    let store = MemoryStore()
    let first = try rig(store, badShare: 0.012)
    first.store.ask(start("v2"))
    try first.finish()
    #expect(try first.outcome(of: 1) == .failed)
    let second = try rig(store, badShare: 0.006)
    second.store.ask(start("v3"))
    try second.finish()
    #expect(store.targets.values.map(\.spent) == [["availability"]])
    #expect(try second.outcome(of: 2) == .failed)
    let third = try rig(store, badShare: 0.004)
    third.store.ask(start("v4"))
    try third.finish()
    #expect(store.targets.values.map(\.spent) == [[]])
    #expect(try third.outcome(of: 3) == .promoted)
  }
}
