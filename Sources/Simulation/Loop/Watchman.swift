package import Engine
package import PipelineModel

/// Watches over one run: counts, and asks the world after each step what must never be otherwise.
///
/// Knows the plan, what was written down and what the routers have; nothing of how the engine comes to its decisions.
package struct Watchman: Sendable {
  package private(set) var facts = 0
  package internal(set) var violations: [String] = []
  package private(set) var highest = Weight.none
  /// Requests that reached the candidate, preview left out.
  package private(set) var exposed = 0.0
  package private(set) var wasHeld = false
  /// Gates that must still say pass, or be overridden, before the run may go on.
  private var openGates = Sites()
  private var stage: Int?
  private var isUnguarded = false
  private var isGoingBack = false
  /// How many of its planned weights each route has had; routes that had none may be missing.
  private var reached: [Int] = []

  private struct Sites: OptionSet {
    var rawValue: UInt8
    static let move = Sites(rawValue: 1)
    static let background = Sites(rawValue: 2)

    init(rawValue: UInt8) { self.rawValue = rawValue }
    init(_ site: GateSite) { self = site == .move ? .move : .background }
  }

  package init() {}

  package mutating func passed(_ time: Interval, traffic: Double, _ weights: [Weight]) {
    let share = (weights.max() ?? .none).fraction
    exposed += traffic * share * time.seconds
  }

  /// A router has a weight now, because the run asked for it.
  package mutating func saw(_ weight: Weight, _ plan: Plan, _ route: Int) {
    highest = max(highest, weight)
    if weight == .none {
      if !isGoingBack { violations.append("the traffic was taken from \(plan.routes[route]) without a rollback") }
      return
    }
    if isGoingBack { violations.append("weight \(weight) on \(plan.routes[route]) after the rollback began") }
    while reached.count <= route { reached.append(0) }
    let count = reached[route]
    if count > 0, plan.weight(count - 1, of: route) == weight { return }
    if plan.weight(count, of: route) == weight { return reached[route] += 1 }
    let isNamed = plan.moves.contains { $0.contains(.shift(route: route, weight)) }
    violations.append(
      "weight \(weight) on \(plan.routes[route]) \(isNamed ? "out of order" : "is none the plan names")")
  }

  /// However a run ends, no copies go anywhere after it, and no header picks a version.
  package mutating func left(_ mirrors: [Weight], _ headers: [HeaderMatch?], _ plan: Plan, at outcome: Outcome) {
    for route in plan.routes.indices {
      if mirrors[route] > .none { violations.append("\(outcome.phrase), and \(plan.routes[route]) is still mirrored") }
      if headers[route] != nil {
        violations.append("\(outcome.phrase), and \(plan.routes[route]) still has its header route")
      }
    }
  }

  /// The run took in a fact, and concluded something from it.
  package mutating func check(_ fact: Fact, _ decisions: [Decision], _ plan: Plan, _ weights: [Weight]) {
    facts += 1
    if case .acted(.promote(.all)) = fact { isUnguarded = true }
    for decision in decisions {
      switch decision {
      case .concluded(let site, .pass, _), .overrode(let site, _): openGates.remove(Sites(site))
      case .concluded(let site, _, _), .awaitsEvidence(let site, _): open(site)
      case .moved(let stage, let move): moved(stage, move, plan)
      case .held: wasHeld = true
      case .rollbackBegan: isGoingBack = true
      case .passed(let stage): passedStage(stage, plan)
      case .ended(let outcome): ended(outcome, plan, weights)
      default: break
      }
    }
  }

  private mutating func open(_ site: GateSite) {
    if !isUnguarded { openGates.insert(Sites(site)) }
  }

  /// No step begins before the gate of the one before has passed.
  private mutating func moved(_ stage: Int, _ move: Int, _ plan: Plan) {
    if openGates.contains(.move), !isUnguarded {
      violations.append("stage \(plan.pipeline.stages[stage].name) went past the gate of move \(move - 1)")
    }
    openGates.remove(.move)
    if plan.gate(.move, stage: stage, move: move) != nil { open(.move) }
    if self.stage != stage, plan.gate(.background, stage: stage, move: move) != nil { open(.background) }
    self.stage = stage
  }

  /// Nothing is promoted on a missing or failed verdict.
  private mutating func passedStage(_ stage: Int, _ plan: Plan) {
    if !openGates.isEmpty, !isUnguarded {
      violations.append("stage \(plan.pipeline.stages[stage].name) passed without its gate")
    }
    openGates = []
  }

  /// After a rollback the candidate has no traffic; a promoted version has all that was planned.
  private mutating func ended(_ outcome: Outcome, _ plan: Plan, _ weights: [Weight]) {
    if outcome != .promoted, weights.contains(where: { $0 > .none }) {
      violations.append("\(outcome.phrase), and the candidate still has traffic")
    }
    guard outcome == .promoted else { return }
    for route in plan.routes.indices where plan.weight(route < reached.count ? reached[route] : 0, of: route) != nil {
      violations.append("promoted, and \(plan.routes[route]) has not had every weight")
    }
  }
}

extension Plan {
  /// The weights a route is to have, one after the other; `nil` after the last.
  fileprivate func weight(_ number: Int, of route: Int) -> Weight? {
    var left = number
    for moves in moves {
      for case .shift(route, let weight) in moves {
        if left == 0 { return weight }
        left -= 1
      }
    }
    return nil
  }
}
