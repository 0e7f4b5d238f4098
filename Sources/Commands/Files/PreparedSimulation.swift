import ControlAPI
import Engine
import Narrative
import PipelineModel
import Simulation

/// A scenario with its pipeline, ready to be run with any seed.
struct PreparedSimulation {
  let scenario: Scenario
  let path: String
  private let plan: Plan
  private let parameters: [Start.Binding]

  init(_ scenario: Scenario, _ pipeline: Pipeline, path: String, overriding: [String] = []) throws {
    self.scenario = scenario
    self.path = path
    plan = Plan(pipeline)
    var given = try Assignments(overriding)
    given.values.merge(scenario.parameters) { mine, _ in mine }
    if given.values["version"] == nil { given.values["version"] = "candidate" }
    parameters = try given.bound(to: pipeline)
  }

  /// One run, and nothing kept of it but what it came to.
  func report(seed: UInt64?) -> SimulationReport {
    var simulator = Simulator(scenario, plan: plan, parameters: parameters, seed: seed, keepsJournal: false)
    return report(simulator.simulate(), seed)
  }

  /// One run with its time line.
  func told(seed: UInt64?) throws -> (SimulationReport, [Sentence]) {
    var simulator = Simulator(scenario, plan: plan, parameters: parameters, seed: seed)
    let result = simulator.simulate()
    var chronicle = Chronicle(plan: plan)
    var sentences: [Sentence] = []
    for entry in simulator.entries { sentences += try chronicle.take(entry) }
    return (report(result, seed), sentences)
  }

  /// Time since the run's start, as the time lines of simulations show it: `01:25:30`, with days in front if there are.
  func elapsed(_ sentence: Sentence) -> String {
    let seconds = (sentence.time - Simulator.epoch).milliseconds / 1000
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let days = seconds >= 86_400 ? "\(seconds / 86_400)d " : ""
    return "\(days)\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }

  private func report(_ result: SimulationResult, _ seed: UInt64?) -> SimulationReport {
    SimulationReport(
      scenario: scenario.name, path: path, seed: seed ?? scenario.seed, outcome: result.outcome?.rawValue,
      seconds: result.took.seconds, stage: result.stage, highestWeight: result.highest.fraction * 100,
      exposedRequests: result.exposed.rounded(), disappointments: scenario.expect.disappointments(in: result))
  }
}

extension SimulationReport {
  func with(_ timeline: [TimelineLine]) -> SimulationReport {
    var report = self
    report.timeline = timeline
    return report
  }

  /// For people.
  var summary: [String] {
    let took = Interval(milliseconds: Int64(seconds * 1000)).rounded
    let outcome = outcome.flatMap(Outcome.init(rawValue:))?.phrase ?? "did not end"
    let head =
      "\(scenario): \(outcome) after \(took), at most \(Int(highestWeight)) % exposed, "
      + "\(Int(exposedRequests)) requests reached the new version (seed \(seed))"
    guard !disappointments.isEmpty else { return [Console.styled(head, .bold)] }
    return [Console.styled(head, .bold)] + disappointments.map { Console.styled("not as expected: \($0)", .red) }
  }
}
