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

  func setMirror(_ order: WorkOrder, _ index: Int, _ share: Weight) async throws(Failure) -> Fact {
    let route = order.plan.routes[index]
    let router = try backends.router(route.router).mirroring(on: "\(route)")
    try await router.setMirror(change(order, index, share))
    return .shifted(order.effect.id)
  }

  func setHeaderRoute(_ order: WorkOrder, _ index: Int, _ header: Int?) async throws(Failure) -> Fact {
    let route = order.plan.routes[index]
    let router = try backends.router(route.router).routingByHeader(on: "\(route)")
    let rule = header.map { HeaderRoute(order.plan.headers[$0], to: order.slot(of: .candidate, route: index)) }
    try await router.setHeaderRoute(HeaderRouteChange(route: route.route, rule: rule, key: order.key))
    return .shifted(order.effect.id)
  }

  /// A router that cannot be asked now is asked again next time; only what is wrong is news.
  func drift(_ look: RouteLook) async -> Fact? {
    guard let router = backends.routers[look.route.router] else { return nil }
    let route = look.route.route
    switch look.wanted {
    case .weight(let weight):
      guard let found = try? await router.drift(from: weight, of: look.candidate, on: route) else { return nil }
      return .drifted(route: look.index, found: found)
    case .mirror(let share):
      guard let found = try? await router.mirroring(on: route).mirror(to: look.candidate, on: route), found != share
      else { return nil }
      return .displaced(route: look.index, .mirror)
    case .headerRoute(let match):
      let wanted = match.map { HeaderRoute($0, to: look.candidate) }
      do throws(Failure) {
        let found = try await router.routingByHeader(on: route).headerRoute(on: route)
        return found == wanted ? nil : .displaced(route: look.index, .headerRoute)
      } catch {
        return nil
      }
    }
  }
}

extension HeaderRoute {
  fileprivate init(_ match: HeaderMatch, to slot: Slot) {
    self.init(header: match.header, value: match.value, slot: slot)
  }
}
