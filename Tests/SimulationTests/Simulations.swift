import Engine
import PipelineModel
import Simulation
import TestSupport

/// Runs a pipeline in a world to its end.
func simulate(
  _ pipeline: Pipeline, world: WorldModel = .healthy(), events: [ScenarioEvent] = [], seed: UInt64 = 7
) -> (result: SimulationResult, entries: [Entry]) {
  let scenario = Scenario(name: "test", pipeline: "", seed: seed, world: world, events: events)
  let version = Start.Binding(name: "version", value: "v2")
  var simulator = Simulator(scenario, plan: Plan(pipeline), parameters: [version])
  let result = simulator.simulate()
  return (result, simulator.entries)
}

func at(_ after: Interval, _ happenings: ScenarioEvent.Happening...) -> ScenarioEvent {
  ScenarioEvent(trigger: .at(after), happenings: happenings)
}

func at(_ weight: Weight, after: Interval = .zero, _ happenings: ScenarioEvent.Happening...) -> ScenarioEvent {
  ScenarioEvent(trigger: .weight(weight, after: after), happenings: happenings)
}

extension [Entry] {
  /// As a journal would have them.
  var canonical: [[UInt8]] {
    map { entry in
      var writer = JournalWriter()
      entry.write(to: &writer)
      return writer.bytes
    }
  }

  var outcomes: [Outcome] {
    flatMap(\.decisions).compactMap { if case .ended(let outcome) = $0 { outcome } else { nil } }
  }

  /// The weights that were confirmed, in their order.
  func weights(_ plan: Plan) -> [Weight] {
    flatMap(\.decisions).compactMap { decision in
      if case .moved(let stage, let move) = decision, case .shift(_, let weight) = plan.moves[stage][move] {
        weight
      } else {
        nil
      }
    }
  }
}
