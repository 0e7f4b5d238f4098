import PipelineModel
import PluginKit

/// A router that is a program of its own, and can mirror requests, or route them by a header, or both.
struct PluginExtrasRouter: HeaderRouter, MirroringRouter {
  private let plain: PluginRouter
  private let can: Set<Capability>

  init(connection: PluginConnection, can: Set<Capability>) {
    plain = PluginRouter(connection: connection)
    self.can = can
  }

  func setWeight(_ change: WeightChange) async throws(Failure) { try await plain.setWeight(change) }

  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    try await plain.weight(of: candidate, on: route)
  }

  // MARK: Mirrors

  func setMirror(_ change: WeightChange) async throws(Failure) {
    let attempt = "could not mirror \(change.weight) of \(plain.name)/\(change.route)"
    try check(.mirror, attempt)
    let given = try await plain.share(attempt) { () async throws(Failure) in
      try await plain.connection.call(
        .mirror, Wire.SetWeight(change, within: PluginRouter.timeout), within: PluginRouter.timeout)
    }
    guard given == change.weight else { throw Failure(.transient, "\(attempt): the plugin says it is \(given)") }
  }

  func mirror(to candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let attempt = "could not read the mirror of \(plain.name)/\(route)"
    try check(.mirror, attempt)
    return try await plain.share(attempt) { () async throws(Failure) in
      let found = try await plain.readBack(candidate, route)
      guard let mirror = found.mirror else { throw Failure(.misconfigured, "the plugin does not say what it mirrors") }
      return Wire.Share(percent: mirror)
    }
  }

  // MARK: Header routes

  func setHeaderRoute(_ change: HeaderRouteChange) async throws(Failure) {
    let attempt = "could not route by header on \(plain.name)/\(change.route)"
    try check(.headerRoute, attempt)
    if let refusal = change.rule?.refusal { throw Failure(.rejected, "\(attempt): \(refusal)") }
    do throws(Failure) {
      let _: Wire.Nothing = try await plain.connection.call(
        .headerRoute, Wire.SetHeaderRoute(change, within: PluginRouter.timeout), within: PluginRouter.timeout)
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
    let found = try await headerRoute(on: change.route)
    guard found == change.rule else { throw Failure(.transient, "\(attempt): the plugin says it has another rule") }
  }

  func headerRoute(on route: String) async throws(Failure) -> HeaderRoute? {
    let attempt = "could not read the header route of \(plain.name)/\(route)"
    try check(.headerRoute, attempt)
    let found: Wire.Share
    do throws(Failure) { found = try await plain.readBack(.green, route) } catch {
      throw error.told("\(attempt): \(error.message)")
    }
    guard let rule = found.headerRoute else { return nil }
    if let rule = rule.rule { return rule }
    throw Failure(.misconfigured, "\(attempt): the plugin answered the slot \"\(rule.slot.excerpt(20))\"")
  }

  private func check(_ capability: Capability, _ attempt: String) throws(Failure) {
    if can.contains(capability) { return }
    throw Failure(.misconfigured, "\(attempt): its plugin cannot do that")
  }
}
