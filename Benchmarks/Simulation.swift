import Engine
import PipelineModel
import Simulation

/// A canary of 4 steps × 15 looks through the engine and a simulated world, on one core, beside the bare loop of the same
/// looks in SimPy.
func measureSimulation() throws -> [Figure] {
  let small = try (0..<5).map { _ in try runsPerSecond(10_000) }.median
  let before = Machine.residentBytes
  let large = try runsPerSecond(100_000)
  let grown = Double(Machine.residentBytes - before) / 1e6
  var figures = [
    Figure(
      name: "simulation/100000 runs", value: large, unit: "runs/CPU-s", peer: ("10000 runs", small),
      goal: "ratio ~ 1"),
    Figure(name: "simulation/memory grown over 100000 runs", value: grown, unit: "MB", peer: nil, goal: "~ 0"),
  ]
  if let simpy = Peer.measure("simpy_canary.py") {
    figures.insert(
      Figure(
        name: "simulation/10000 runs", value: small, unit: "runs/CPU-s", peer: ("SimPy, bare loop", simpy),
        goal: "ratio >= 4"), at: 0)
  } else {
    figures.insert(
      Figure(name: "simulation/10000 runs", value: small, unit: "runs/CPU-s", peer: nil, goal: ">= 4 x SimPy"), at: 0)
  }
  return figures
}

private func runsPerSecond(_ count: Int) throws -> Double {
  let plan = Plan(pipeline)
  let world = WorldModel(traffic: 200, stable: ["errors": .normal(mean: 0.01, deviation: 0.002)])
  let scenario = Scenario(name: "good", pipeline: "", world: world)
  var promoted = 0
  let spent = Spent.on {
    for seed in 1...UInt64(count) {
      var simulator = Simulator(scenario, plan: plan, parameters: [], seed: seed, keepsJournal: false)
      if simulator.simulate().outcome == .promoted { promoted += 1 }
    }
  }
  guard promoted == count else { throw Unexpected("\(promoted) of \(count) runs were promoted") }
  return Double(count) / spent.cpu
}

private let pipeline: Pipeline = {
  let gate = Gate(metrics: [0], every: .minutes(1), atLeast: 10)
  let steps = [5, 25, 50, 100].map { Canary.Step(weight: .percent($0), hold: .minutes(15), gate: gate) }
  let metric = Metric(
    name: "errors", provider: "metrics", query: Template(text: "errors"),
    rule: .threshold(.init(pass: .binary(.less, .value, .number(0.5)))))
  let canary = Canary(route: RouteName(router: "edge", route: "checkout"), steps: steps)
  return Pipeline(
    name: "checkout", target: Target(service: "checkout", environment: "production"), metrics: [metric],
    stages: [Stage(name: "canary", work: .canary(canary))])
}()
