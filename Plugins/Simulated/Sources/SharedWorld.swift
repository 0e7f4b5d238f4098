package import Engine
package import PipelineModel
import PluginKit
import Simulation
import Synchronization

/// A simulated world that a real controller acts on: the ports of one installation share it.
///
/// Its events happen by the controller's clock, counted from the first time anything is asked of it. What a scenario has
/// people do, and crashes, are left to the real ones.
package final class SharedWorld: Sendable {
  fileprivate struct State {
    var world: World
    var origin: Timestamp?
    /// Events that have not happened yet, and weight events whose weight was reached, with their instant.
    var open: [(event: ScenarioEvent, due: Timestamp?)]
    /// The slot whose share `world.weights` holds, for each route.
    var candidates: [Slot?]
  }

  private let state: Mutex<State>
  private let now: @Sendable () -> Timestamp
  /// The slots that requests with a header go to, by route.
  private let headerSlots = Mutex<[Int: Slot]>([:])
  /// What came of each deployment, by its key.
  let deployments = Mutex<[String: (place: String, state: DeploymentState)]>([:])
  let plan: Plan

  package init(_ scenario: Scenario, plan: Plan, now: @escaping @Sendable () -> Timestamp) {
    self.plan = plan
    self.now = now
    let world = World(scenario.world, plan: plan, seed: scenario.seed)
    state = Mutex(
      State(
        world: world, open: scenario.events.map { ($0, nil) }, candidates: plan.routes.map { _ in nil }))
  }

  /// Does something in the world as it is now.
  func with<Result>(_ body: (inout World, Timestamp) throws -> Result) rethrows -> Result {
    try state.withLock { state in
      let now = now()
      state.catchUp(now)
      let result = try body(&state.world, now)
      state.noteWeights(now)
      return result
    }
  }

  /// The share a slot has of a route. Before anything was set, the live slot has it all.
  func share(of slot: Slot, route: Int) -> Weight {
    state.withLock { state in
      let weight = state.world.weights[route]
      let isCandidate = state.candidates[route].map { $0 == slot } ?? true
      return isCandidate ? weight : Weight(basisPoints: Weight.all.basisPoints - weight.basisPoints)
    }
  }

  func setHeaderSlot(_ slot: Slot, route: Int) { headerSlots.withLock { $0[route] = slot } }

  func headerSlot(route: Int) -> Slot { headerSlots.withLock { $0[route] ?? .green } }

  /// Makes a slot the one whose share the world keeps: each run's candidate takes the slot that is not live.
  func setCandidate(_ slot: Slot, route: Int) {
    state.withLock { state in
      if let known = state.candidates[route], known != slot {
        state.world.set(route, Weight(basisPoints: Weight.all.basisPoints - state.world.weights[route].basisPoints))
      }
      state.candidates[route] = slot
    }
  }
}

extension SharedWorld.State {
  /// Lets happen what is due.
  fileprivate mutating func catchUp(_ now: Timestamp) {
    let origin = origin ?? now
    self.origin = origin
    open.removeAll { event, due in
      guard let instant = due ?? event.trigger.instant(from: origin), instant <= now else { return false }
      for happening in event.happenings { world.happen(happening, at: instant) }
      return true
    }
  }

  /// Sets the clock of events that wait for a weight which has been reached.
  fileprivate mutating func noteWeights(_ now: Timestamp) {
    guard let highest = world.weights.max() else { return }
    for index in open.indices where open[index].due == nil {
      if case .weight(let weight, let after) = open[index].event.trigger, highest >= weight {
        open[index].due = now + after
      }
    }
  }
}

extension ScenarioEvent.Trigger {
  fileprivate func instant(from origin: Timestamp) -> Timestamp? {
    if case .at(let after) = self { origin + after } else { nil }
  }
}
