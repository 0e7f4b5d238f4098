package import Engine
package import PipelineModel
import PluginKit

extension Dispatcher {
  /// Calls for one route never overlap, and a newer wish replaces an older one: otherwise a slow 25 % could land after
  /// the 0 % of a rollback.
  func setWeight(_ order: WorkOrder, _ index: Int, _ weight: Weight) {
    let route = order.plan.routes[index]
    let id = order.effect.id
    let change = WeightChange(
      route: route.route, candidate: order.slot(of: .candidate, route: index), weight: weight, key: order.key)
    lane(to: .route(route)).replace(
      with: job(order, within: .seconds(30), failed: { .failed(id, $0) }) { [backends] () throws(Failure) in
        try await backends.router(route.router).setWeight(change)
        return .shifted(id)
      })
  }

  package func readBack(_ run: RunID, plan: Plan, start: Start, route index: Int, wanted: Weight) {
    let route = plan.routes[index]
    let candidate = start.slots.indices.contains(index) ? start.slots[index] : .green
    // Not behind a change that is under way: the next look will see what came of it.
    let look: @Sendable () async -> Void = { [backends, inbox] in
      // A router that cannot be asked now is asked again next time; only a wrong weight is news.
      guard let router = backends.routers[route.router],
        let found = try? await router.weight(of: candidate, on: route.route),
        found != router.nearest(to: wanted, on: route.route)
      else { return }
      inbox.put(.fact(run, .drifted(route: index, found: found)))
    }
    lane(to: .route(route)).submitIfIdle(Lane.Job(deadline: .seconds(30), work: look, giveUp: {}))
  }
}
