package import Controller
package import Engine
package import PipelineModel
package import Simulation

/// Carries out effects in simulated worlds, one for each target, in virtual time.
package final class WorldSink: EffectSink {
  /// An effect as its receiver saw it.
  package struct Performed: Hashable, Sendable {
    package var run: RunID
    package var key: String
    package var work: Effect.Work
    package var at: Timestamp
  }

  package var worlds: [Target: World] = [:]
  package private(set) var performed: [Performed] = []
  /// What watches over each run.
  package var watchmen: [RunID: Watchman] = [:]
  package var now = Timestamp(milliseconds: 0)
  /// The run that ramped each flag last.
  private var ramps: [FlagName: RunID] = [:]
  /// The process dies when it has begun so many more effects; `nil`: it does not.
  package var performsLeft: Int?
  /// Called for each answer, with the instant it comes.
  var answered: (Inbound, Timestamp) -> Void = { _, _ in }
  private let makeWorld: (Plan) -> World

  package init(_ makeWorld: @escaping (Plan) -> World) { self.makeWorld = makeWorld }

  package var isDead: Bool { performsLeft.map { $0 <= 0 } ?? false }

  package func perform(_ orders: [WorkOrder]) { orders.forEach(perform) }

  private func perform(_ order: WorkOrder) {
    guard !isDead else { return }
    performsLeft = performsLeft.map { $0 - 1 }
    performed.append(Performed(run: order.run, key: order.key, work: order.effect.work, at: now))
    withWorld(of: order.plan, order.start.target) { world in
      let answer = world.perform(order.effect, interval: order.interval, at: now)
      if case .setWeight(let route, let weight) = order.effect.work, world.weights[route] == weight {
        watchmen[order.run, default: Watchman()].saw(weight, order.plan, route)
      }
      if let answer { answered(.fact(order.run, answer.fact), now + answer.delay) }
    }
  }

  package func readBack(_ run: RunID, plan: Plan, start: Start, route index: Int, state: RouteState) {
    guard !isDead else { return }
    withWorld(of: plan, start.target) { world in
      let found = world.weights[index]
      if state.confirmed, let wanted = state.wanted, found != wanted {
        answered(.fact(run, .drifted(route: index, found: found)), now)
      }
      if state.isConfirmed(.mirror), state.mirror != world.mirrors[index] {
        answered(.fact(run, .displaced(route: index, .mirror)), now)
      }
      if state.isConfirmed(.headerRoute), state.header != world.headers[index] {
        answered(.fact(run, .displaced(route: index, .headerRoute)), now)
      }
    }
  }

  package func sweep() {}

  /// Keys of commands and steps that were left behind.
  package var checks: Set<String> = []

  package func forgetStrays(where isStray: (String) -> Bool) { checks = checks.filter { !isStray($0) } }

  package func withWorld(of plan: Plan, _ target: Target, _ body: (inout World) -> Void) {
    var world = worlds[target] ?? makeWorld(plan)
    body(&world)
    worlds[target] = world
  }

  /// Asks the worlds whether what was written is true of them.
  func check(_ entries: [Entry], plan: (RunID) -> Plan?) {
    for entry in entries {
      if case .flag(.revised(let revision)) = entry.fact { see(revision, plan) }
      guard let run = entry.run, let plan = plan(run) else { continue }
      let weights = worlds[plan.pipeline.target]?.weights ?? []
      watchmen[run, default: Watchman()].check(entry.fact, entry.decisions, plan, weights)
      guard let world = worlds[plan.pipeline.target] else { continue }
      for case .ended(let outcome) in entry.decisions {
        watchmen[run]?.left(world.mirrors, world.headers, plan, at: outcome)
      }
    }
  }

  /// The world sees what became of a flag: who has a variant follows from its rule.
  private func see(_ revision: FlagRevision, _ plan: (RunID) -> Plan?) {
    let step: FlagStep? = if case .stepped(let step) = revision.change { step } else { nil }
    if let step { ramps[revision.name] = step.run }
    guard let run = ramps[revision.name], let plan = plan(run),
      let route = plan.routes.firstIndex(of: .flag(revision.name))
    else { return }
    let weight = Weight(basisPoints: (step?.weight ?? 0) / 10)
    withWorld(of: plan, plan.pipeline.target) { $0.set(route, weight) }
    if step != nil { watchmen[run, default: Watchman()].saw(weight, plan, route) }
  }

  package var violations: [String] {
    watchmen.sorted { $0.key < $1.key }.flatMap { run, watchman in watchman.violations.map { "run \(run): \($0)" } }
  }
}
