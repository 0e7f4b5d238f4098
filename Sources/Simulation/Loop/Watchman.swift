import Engine
import PipelineModel

/// Watches over a simulation: counts, and asks the world after each step what must never be otherwise.
struct Watchman {
  var facts = 0
  var violations: [String] = []
  private(set) var highest = Weight.none
  /// Requests that reached the candidate, preview left out.
  private(set) var exposed = 0.0
  private(set) var wasHeld = false
  /// Gates that have said something other than pass, and were not overridden, since the stage began.
  private var openGates: Set<GateSite> = []

  mutating func passed(_ time: Interval, _ world: World) {
    let share = (world.weights.max() ?? .none).fraction
    exposed += world.traffic * share * time.seconds
  }

  /// The weight is one the plan names, or nothing.
  mutating func saw(_ weight: Weight, _ plan: Plan, _ route: Int) {
    highest = max(highest, weight)
    let isNamed = weight == .none || plan.moves.contains { $0.contains(.shift(route: route, weight)) }
    if !isNamed { violations.append("weight \(weight) on \(plan.routes[route]) is none the plan names") }
  }

  mutating func check(_ reaction: Reaction, _ run: Run, _ world: World) {
    facts += 1
    for decision in reaction.decisions {
      switch decision {
      case .concluded(let site, .pass, _), .overrode(let site, _): openGates.remove(site)
      case .concluded(let site, _, _), .awaitsEvidence(let site, _): openGates.insert(site)
      case .held: wasHeld = true
      case .passed(let stage): passedStage(stage, run)
      case .ended(let outcome): ended(outcome, world)
      default: break
      }
    }
  }

  /// Nothing is promoted on a missing or failed verdict.
  private mutating func passedStage(_ stage: Int, _ run: Run) {
    if !openGates.isEmpty { violations.append("stage \(run.plan.pipeline.stages[stage].name) passed without its gate") }
    openGates = []
  }

  /// After a rollback the candidate has no traffic.
  private mutating func ended(_ outcome: Outcome, _ world: World) {
    if outcome != .promoted, world.weights.contains(where: { $0 > .none }) {
      violations.append("\(outcome.phrase), and the candidate still has traffic")
    }
  }
}
