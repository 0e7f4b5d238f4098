import KubernetesClient
import PipelineModel
import PluginKit

/// An HTTPRoute whose rules send traffic to two Services.
struct KubernetesRoute: Hashable, Sendable {
  var name: KubernetesName
  /// Names of Services.
  var blue: String
  var green: String

  /// - Throws: `misconfigured`, saying what a route needs.
  init(_ settings: Settings, name: String, namespace: String) throws(Failure) {
    guard let route = settings.text("route"), let blue = settings.text("blue"), let green = settings.text("green")
    else {
      throw Failure(.misconfigured, "\(name): give `route` (an HTTPRoute), `blue` and `green` (Services)")
    }
    guard blue != green else {
      throw Failure(.misconfigured, "\(name): `blue` and `green` are both \(blue); the two slots must differ")
    }
    let place = settings.text("namespace") ?? namespace
    guard let full = KubernetesName(checked: .httpRoutes, namespace: place, name: route) else {
      throw Failure(
        .misconfigured,
        "\(name): \"\(place.excerpt(60))/\(route.excerpt(60))\" is no name of Kubernetes; use small letters, digits, - and ."
      )
    }
    self.name = full
    self.blue = blue
    self.green = green
  }
}

/// The rules of an HTTPRoute, as far as they split between a route's Services.
struct RouteRules: Hashable, Sendable {
  var rules: [JSON]

  init(_ object: KubernetesObject) { rules = object.spec["rules"]?.list ?? [] }

  /// Share of green in every rule that has both Services; `nil` when neither has a weight, and nobody is served.
  ///
  /// - Throws: `misconfigured` when no rule has both, when a third one has a weight; `transient` when rules differ, which
  ///   setting the weight mends.
  func green(of route: KubernetesRoute) throws(Failure) -> Weight? {
    let shares = try greens(of: route)
    let first = shares[0]
    guard shares.allSatisfy({ $0 == first }) else {
      let given = shares.map { $0?.description ?? "nobody" }.joined(separator: ", ")
      throw Failure(.transient, "the rules of \(route.name) differ: they give \(given) to \(route.green)")
    }
    return first
  }

  /// The first share of green that is not `wanted`, in any rule that has both Services; `nil` when all are.
  ///
  /// Where neither has a weight nobody is served, whatever is wanted, and it is told as the share that is furthest from it.
  func drift(fromGreen wanted: Weight, of route: KubernetesRoute) throws(Failure) -> Weight? {
    for share in try greens(of: route) where share != wanted {
      return share ?? (wanted == .none ? .all : .none)
    }
    return nil
  }

  /// Share of green in each rule that has both Services, of which there is at least one.
  private func greens(of route: KubernetesRoute) throws(Failure) -> [Weight?] {
    var shares: [Weight?] = []
    for rule in rules {
      guard let weights = try Self.weights(in: rule, of: route) else { continue }
      let all = weights.blue + weights.green
      shares.append(all == 0 ? nil : Weight(basisPoints: Int((Double(weights.green) / Double(all) * 10_000).rounded())))
    }
    guard !shares.isEmpty else { throw Self.noSplit(route) }
    return shares
  }

  /// The rules with other weights for the two Services, wherever a rule has both; all else stays as it is.
  func setting(green share: Weight, of route: KubernetesRoute) throws(Failure) -> [JSON] {
    var changed: [JSON] = []
    for rule in rules {
      changed.append(try Self.isSplit(rule, of: route) ? Self.setting(share, in: rule, of: route) : rule)
    }
    return changed
  }

  /// - Throws: `misconfigured` when no rule has both Services.
  func check(_ route: KubernetesRoute) throws(Failure) {
    for rule in rules where try Self.isSplit(rule, of: route) { return }
    throw Self.noSplit(route)
  }

  private static func noSplit(_ route: KubernetesRoute) -> Failure {
    Failure(
      .misconfigured, "no rule of \(route.name) has both \(route.blue) and \(route.green) among its backendRefs")
  }

  private static func setting(_ share: Weight, in rule: JSON, of route: KubernetesRoute) -> JSON {
    // Whole percents as people write them.
    let unit = share.basisPoints.isMultiple(of: 100) ? 100 : 1
    var rule = rule
    rule["backendRefs"] = .list(
      (rule["backendRefs"]?.list ?? []).map { ref in
        var ref = ref
        if isService(ref, route.green) { ref["weight"] = .number(Double(share.basisPoints / unit)) }
        if isService(ref, route.blue) { ref["weight"] = .number(Double((10_000 - share.basisPoints) / unit)) }
        return ref
      })
    return rule
  }

  /// `nil` when the rule has not both. A weight that is left out is 1, as the API has it.
  private static func weights(in rule: JSON, of route: KubernetesRoute) throws(Failure) -> (blue: Int, green: Int)? {
    let refs = rule["backendRefs"]?.list ?? []
    let blue = refs.filter { isService($0, route.blue) }
    let green = refs.filter { isService($0, route.green) }
    guard !blue.isEmpty, !green.isEmpty else { return nil }
    let third = refs.first { ref in
      !isService(ref, route.blue) && !isService(ref, route.green) && ref["weight"]?.integer ?? 1 > 0
    }
    if let third {
      let name = (third["name"]?.text ?? "something else").excerpt(60)
      throw Failure(
        .misconfigured, "\(route.name) also sends traffic to \(name), so no two slots can share all of it")
    }
    guard blue.count == 1, green.count == 1 else {
      throw Failure(
        .misconfigured, "a rule of \(route.name) names a slot's Service twice, so its share is not one number")
    }
    let weights = (blue: blue[0]["weight"]?.integer ?? 1, green: green[0]["weight"]?.integer ?? 1)
    guard 0...1_000_000 ~= weights.blue, 0...1_000_000 ~= weights.green else {
      throw Failure(.misconfigured, "\(route.name) has a weight outside of 0 to 1000000, which the API does not allow")
    }
    return weights
  }

  /// Whether the rule has both Services.
  static func isSplit(_ rule: JSON, of route: KubernetesRoute) throws(Failure) -> Bool {
    try weights(in: rule, of: route) != nil
  }

  static func isService(_ ref: JSON, _ name: String) -> Bool {
    ref["name"]?.text == name && (ref["kind"]?.text ?? "Service") == "Service"
  }
}
