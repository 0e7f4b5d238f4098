import KubernetesClient
import PipelineModel
import PluginKit
import Synchronization

/// Moves traffic by the weights of an HTTPRoute of the Gateway API.
///
/// A change is made on condition that the route is still the one that was read, and made again with what it is then. It is
/// done when the gateways say that they have seen it. Somebody else's change, such as a manifest that is applied again,
/// shows at the next reading.
struct KubernetesRouter: TrafficRouter {
  /// How the API server is asked.
  enum Writing: String, CaseIterable, Sendable {
    /// By a merge patch, whoever else owns the rules.
    case patch
    /// By server-side apply, which is refused when another manager owns the rules.
    case apply
    /// By server-side apply that takes the rules over.
    case takeOver
  }

  var name: String
  var client: KubernetesClient
  var routes: [String: KubernetesRoute]
  var writing: Writing
  /// Whether a change is done only when the gateways have seen it.
  var waitsForGateways: Bool
  /// Longest until they have.
  var patience: Interval

  /// Tries to change a route that somebody else changes all the time.
  private static let tries = 5

  func setWeight(_ change: WeightChange) async throws(Failure) {
    let attempt = "could not set the weight of \(name)/\(change.route) to \(change.weight)"
    let route = try route(change.route)
    guard (0...10_000).contains(change.weight.basisPoints) else {
      throw Failure(.rejected, "\(attempt): a weight is from 0% to 100%")
    }
    let green = Self.share(change.weight, of: change.candidate)
    do throws(Failure) {
      let object = try await self.change(route) { rules throws(Failure) in try rules.setting(green: green, of: route) }
      let needsRefs = await needsRefs(change, route)
      try await confirm(object, route, needsRefs: needsRefs) { rules throws(Failure) in
        try rules.green(of: route) == green
      }
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let found = try self.route(route)
    do throws(Failure) {
      // Where neither has a weight the candidate has nothing, and who looks for lost weights will see that.
      guard let green = try RouteRules(try await read(found)).green(of: found) else { return .none }
      return Self.share(green, of: candidate)
    } catch {
      throw error.told("could not read the weight of \(name)/\(route): \(error.message)")
    }
  }

  func drift(from wanted: Weight, of candidate: Slot, on route: String) async throws(Failure) -> Weight? {
    let found = try self.route(route)
    do throws(Failure) {
      let rules = RouteRules(try await read(found))
      let green = try rules.drift(fromGreen: Self.share(wanted, of: candidate), of: found)
      return green.map { Self.share($0, of: candidate) }
    } catch {
      throw error.told("could not read the weight of \(name)/\(route): \(error.message)")
    }
  }

  /// Whether the gateways must say that every Service is there.
  ///
  /// Not for a rollback, which waits for no version that has gone. Nor where the candidate gets everything, is there, and
  /// the old version has gone: gateways complain of a Service that is missing whatever its weight. Who may not look at
  /// Services has to have both.
  private func needsRefs(_ change: WeightChange, _ route: KubernetesRoute) async -> Bool {
    guard change.weight == .all else { return change.weight > .none }
    let (candidate, old) = change.candidate == .green ? (route.green, route.blue) : (route.blue, route.green)
    guard await isThere(old, beside: route) == false else { return true }
    return await isThere(candidate, beside: route) != true
  }

  /// `nil`: that cannot be told.
  private func isThere(_ service: String, beside route: KubernetesRoute) async -> Bool? {
    guard let name = KubernetesName(checked: .services, namespace: route.name.namespace, name: service) else {
      return nil
    }
    do throws(Failure) {
      switch try await client.get(name) {
      case .object: return true
      case .missing: return false
      case .conflict, .owned: return nil
      }
    } catch {
      return nil
    }
  }

  /// The share of green when the slot has `weight`, and the other way round.
  private static func share(_ weight: Weight, of slot: Slot) -> Weight {
    slot == .green ? weight : Weight(basisPoints: 10_000 - weight.basisPoints)
  }

  func route(_ route: String) throws(Failure) -> KubernetesRoute {
    if let found = routes[route] { return found }
    let known = routes.keys.sorted().joined(separator: ", ")
    throw Failure(.rejected, "router \(name) has no route \"\(route)\"; it has \(known.isEmpty ? "none" : known)")
  }

  func read(_ route: KubernetesRoute) async throws(Failure) -> KubernetesObject {
    switch try await client.get(route.name) {
    case .object(let object): return object
    case .missing(let said):
      throw Failure(
        .misconfigured, "there is no \(route.name) (\(said)); is the Gateway API installed, and the name right?")
    case .conflict(let said): throw Failure(.transient, said)
    case .owned(let fields): throw Failure(.rejected, Self.owned(fields, route))
    }
  }

  private static func owned(_ fields: [String], _ route: KubernetesRoute) -> String {
    "other managers own fields of \(route.name): \(fields.joined(separator: ", ").excerpt(300)); take the rules out of "
      + "what they apply, or give `write: takeOver`"
  }
}

extension KubernetesRouter {
  /// Changes the rules as they are, again when somebody else changes them in between.
  ///
  /// - Returns: the route as it is then.
  func change(_ route: KubernetesRoute, _ edit: (RouteRules) throws(Failure) -> [JSON]) async throws(Failure)
    -> KubernetesObject
  {
    var said = ""
    for _ in 1...Self.tries {
      let object = try await read(route)
      let rules = RouteRules(object)
      try rules.check(route)
      let wanted = try edit(rules)
      if rules.rules == wanted { return object }
      switch try await write(wanted, over: object, route) {
      case .object(let changed): return changed
      case .conflict(let reason): said = reason
      case .missing(let reason): throw Failure(.transient, "it went away in between: \(reason)")
      case .owned(let fields): throw Failure(.rejected, Self.owned(fields, route))
      }
    }
    throw Failure(.transient, "somebody else changed it in between, \(Self.tries) times: \(said)")
  }

  private func write(_ rules: [JSON], over object: KubernetesObject, _ route: KubernetesRoute) async throws(Failure)
    -> KubernetesAnswer
  {
    let change: JSON = [
      "metadata": ["name": .text(route.name.name), "resourceVersion": .text(object.resourceVersion)],
      "spec": ["rules": .list(rules)],
    ]
    switch writing {
    case .patch: return try await client.merge(change, into: route.name)
    case .apply: return try await client.apply(change, to: route.name)
    case .takeOver: return try await client.apply(change, to: route.name, force: true)
    }
  }

  /// Waits until the gateways have seen it, and it is still so.
  func confirm(
    _ object: KubernetesObject, _ route: KubernetesRoute, needsRefs: Bool,
    _ isSo: @escaping @Sendable (RouteRules) throws(Failure) -> Bool
  ) async throws(Failure) {
    guard waitsForGateways else {
      guard try isSo(RouteRules(object)) else {
        throw Failure(.transient, "\(route.name) took it, and is something else")
      }
      return
    }
    let sight = Sight(name: route.name, needsRefs: needsRefs, isSo: isSo)
    // What it waits for is known from the start, however late the first word of the watch comes.
    guard sight.see(.present(object)) else {
      if let failure = sight.failure { throw failure }
      return
    }
    let outcome: Void?
    do {
      outcome = try await within(patience) { [client] in
        try await client.watch(route.name) { seen in sight.see(seen) }
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.transient, "it was cancelled")
    }
    if let failure = sight.failure { throw failure }
    if outcome == nil {
      throw Failure(.transient, "\(route.name) is changed, and after \(patience) \(sight.waiting)")
    }
  }
}

/// What was last seen of a route that is waited for.
private final class Sight: Sendable {
  private let name: KubernetesName
  private let needsRefs: Bool
  private let isSo: @Sendable (RouteRules) throws(Failure) -> Bool
  private let last = Mutex<(failure: Failure?, waiting: String)>((nil, "nothing was seen of it"))

  init(
    name: KubernetesName, needsRefs: Bool, isSo: @escaping @Sendable (RouteRules) throws(Failure) -> Bool
  ) {
    self.name = name
    self.needsRefs = needsRefs
    self.isSo = isSo
  }

  var failure: Failure? { last.withLock { $0.failure } }
  var waiting: String { last.withLock { $0.waiting } }

  /// `false` when there is nothing more to wait for.
  func see(_ sight: KubernetesClient.Sight) -> Bool {
    guard case .present(let object) = sight else { return fail(.transient, "\(name) went away in between") }
    do throws(Failure) {
      guard try isSo(RouteRules(object)) else {
        return fail(.transient, "the rules of \(name) are something else than what was set")
      }
    } catch {
      return fail(error.kind, error.message)
    }
    switch RouteAcceptance(object, needsRefs: needsRefs) {
    case .accepted: return false
    case .refused(let reason): return fail(.rejected, reason)
    case .waiting(let reason):
      last.withLock { $0.waiting = reason }
      return true
    }
  }

  private func fail(_ kind: Failure.Kind, _ message: String) -> Bool {
    last.withLock { $0.failure = Failure(kind, message) }
    return false
  }
}
