import Conformance
import PipelineModel
import PluginKit

extension KindTrial {
  /// What is set is given, also when the process that set it has ended.
  func routing(_ trial: PluginTrial) -> Port {
    guard let route = trial.route else { return Port() }
    let can = kind.capabilities(with: trial.settings)
    let router = PluginExtrasRouter(connection: connection, can: can)
    let unknown = kind.routeSettings == nil ? nil : "no-such-route"
    let weights = RouterHarness(
      router: router, route: route, unknownRoute: unknown, capabilities: can, secrets: hidden)
    let headers = HeaderRouterHarness(
      router: router, route: route, unknownRoute: unknown, splits: can.contains(.partialWeights))
    let share = can.contains(.partialWeights) ? Weight.percent(35) : .all
    let legacy = Legacy(route: route, can: can, share: share)
    return Port(
      first: weights.promises
        + (can.isSuperset(of: [.partialWeights, .readBack]) ? fine(router, route) : [])
        + (can.contains(.mirror) ? MirroringHarness(router: router, route: route).promises : [])
        + (can.contains(.headerRoute) ? headers.promises : [])
        + [
          givingUp(.setWeight) {
            Wire.SetWeight(
              WeightChange(route: route, candidate: .green, weight: share, key: Self.newKey), within: .seconds(20))
          }
        ] + legacy.left(by: router)
        + (can.contains(.readBack) ? [atOnce(looks(router, legacy, unknown))] : []),
      afterwards: legacy.found(by: PluginExtrasRouter(connection: successor, can: can)))
  }

  /// Shares have two digits behind the point.
  private func fine(_ router: PluginExtrasRouter, _ route: String) -> [Promise] {
    let share = Weight(basisPoints: 1225)
    let change = WeightChange(route: route, candidate: .green, weight: share, key: Self.newKey)
    return [
      .success("\(share) for green") { () async throws(Failure) in try await router.setWeight(change) },
      .success(
        "\(share) for green, read back", judge: { $0 == share ? nil : "it is \($0), and should be \(share)" }
      ) { () async throws(Failure) in try await router.weight(of: .green, on: route) },
    ]
  }

  private func looks(
    _ router: PluginExtrasRouter, _ legacy: Legacy, _ unknown: String?
  ) -> [@Sendable () async -> String?] {
    var asks = Slot.allCases.map { slot in
      { @Sendable in
        let wanted = slot == .green ? legacy.share : legacy.rest
        return await Self.complaint("the share of \(slot)") { () async throws(Failure) in
          try await router.weight(of: slot, on: legacy.route)
        } judge: {
          $0 == wanted ? nil : "it is \($0), and should be \(wanted)"
        }
      }
    }
    if let unknown {
      asks.append {
        await Self.complaint(unlessRejected: "an unknown route") { () async throws(Failure) in
          try await router.weight(of: .green, on: unknown)
        }
      }
    }
    return asks
  }
}

extension HeaderRoute {
  fileprivate var shown: String { "\(header): \(value) for \(slot)" }
}

/// What one process sets, for one that is begun when it has ended to find.
private struct Legacy: Sendable {
  var route: String
  var can: Set<Capability>
  var share: Weight

  var rest: Weight { Weight(basisPoints: Weight.all.basisPoints - share.basisPoints) }
  private var mirrored: Weight { .percent(10) }
  private var rule: HeaderRoute { HeaderRoute(header: "x-canary", value: "kept", slot: .green) }

  private func weight(_ weight: Weight) -> WeightChange {
    WeightChange(route: route, candidate: .green, weight: weight, key: KindTrial.newKey)
  }

  private func header(_ rule: HeaderRoute?) -> HeaderRouteChange {
    HeaderRouteChange(route: route, rule: rule, key: KindTrial.newKey)
  }

  func left(by router: PluginExtrasRouter) -> [Promise] {
    let (weight, mirror, header) = (weight(share), weight(mirrored), header(rule))
    var promises = [
      Promise.success("\(share) for green, to be found later") { () async throws(Failure) in
        try await router.setWeight(weight)
      }
    ]
    if can.contains(.mirror) {
      promises.append(
        .success("a mirror of \(mirrored), to be found later") { () async throws(Failure) in
          try await router.setMirror(mirror)
        })
    }
    if can.contains(.headerRoute) {
      promises.append(
        .success("a header route, to be found later") { () async throws(Failure) in
          try await router.setHeaderRoute(header)
        })
    }
    return promises
  }

  /// Only what can be read back can be found.
  func found(by router: PluginExtrasRouter) -> [Promise] {
    guard can.contains(.readBack) else { return [] }
    var promises = [
      same("\(share) for green", share) { () async throws(Failure) in try await router.weight(of: .green, on: route) }
    ]
    if can.contains(.mirror) {
      promises.append(
        same("a mirror of \(mirrored)", mirrored) { () async throws(Failure) in
          try await router.mirror(to: .green, on: route)
        })
    }
    if can.contains(.headerRoute) {
      promises.append(
        same("a header route", rule.shown) { () async throws(Failure) in
          try await router.headerRoute(on: route)?.shown ?? "none"
        })
    }
    let back = weight(.none)
    return promises + [
      .success("0% for green, by the process after") { () async throws(Failure) in try await router.setWeight(back) }
    ]
  }

  private func same<Value: Sendable & Equatable & CustomStringConvertible>(
    _ what: String, _ wanted: Value, _ read: @escaping @Sendable () async throws(Failure) -> Value
  ) -> Promise {
    .success(
      "\(what) is found by a process begun when the one that set it has ended",
      judge: { $0 == wanted ? nil : "it is \($0), and should be \(wanted): keep nothing in memory that must last" },
      read)
  }
}
