import Engine
import PipelineModel
import PluginKit

extension Errands {
  func setWeight(_ order: WorkOrder, _ index: Int, _ weight: Weight) async throws(Failure) -> Fact {
    try await backends.router(order.plan.routes[index].router).setWeight(change(order, index, weight))
    return .shifted(order.effect.id)
  }

  func change(_ order: WorkOrder, _ index: Int, _ weight: Weight) -> WeightChange {
    WeightChange(
      route: order.plan.routes[index].route, candidate: order.slot(of: .candidate, route: index), weight: weight,
      key: order.key)
  }

  /// A router that cannot be asked now is asked again next time; only a wrong weight is news.
  func drift(_ look: RouteLook) async -> Fact? {
    guard let router = backends.routers[look.route.router],
      let found = try? await router.drift(from: look.wanted, of: look.candidate, on: look.route.route)
    else { return nil }
    return .drifted(route: look.index, found: found)
  }
}
