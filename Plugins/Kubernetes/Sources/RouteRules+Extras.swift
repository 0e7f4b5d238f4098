import KubernetesClient
import PipelineModel
import PluginKit

/// A rule of ours stands right before the one that splits: the same matches with one header more, and one backend. So it is
/// known by its shape, and needs no mark that an older API server would drop.
extension RouteRules {
  /// The rules with the header's rule before each split, and no older one of ours.
  func setting(header rule: HeaderRoute?, of route: KubernetesRoute) throws(Failure) -> [JSON] {
    var changed: [JSON] = []
    for entry in try withoutHeader(of: route) {
      if let rule, try Self.isSplit(entry, of: route) { changed.append(Self.headerRule(before: entry, rule, route)) }
      changed.append(entry)
    }
    return changed
  }

  /// The rule of ours that every split has before it.
  func header(of route: KubernetesRoute) throws(Failure) -> HeaderRoute? {
    let found = try headers(of: route)
    guard let first = found.first, found.allSatisfy({ $0 == first }) else { return nil }
    return first
  }

  /// The rule of ours before each split.
  func headers(of route: KubernetesRoute) throws(Failure) -> [HeaderRoute?] {
    var found: [HeaderRoute?] = []
    for index in rules.indices where try Self.isSplit(rules[index], of: route) {
      found.append(index > 0 ? Self.header(in: rules[index - 1], before: rules[index], route) : nil)
    }
    return found
  }

  private func withoutHeader(of route: KubernetesRoute) throws(Failure) -> [JSON] {
    var kept: [JSON] = []
    for (rule, next) in zip(rules, rules.dropFirst().map { $0 as JSON? } + [nil]) {
      guard let next, try Self.isSplit(next, of: route), Self.header(in: rule, before: next, route) != nil else {
        kept.append(rule)
        continue
      }
    }
    return kept
  }

  private static func headerRule(before entry: JSON, _ rule: HeaderRoute, _ route: KubernetesRoute) -> JSON {
    let header: JSON = ["type": "Exact", "name": .text(rule.header), "value": .text(rule.value)]
    var new = entry
    new["matches"] = .list(
      matches(entry).map { match in
        var match = match
        match["headers"] = .list((match["headers"]?.list ?? []) + [header])
        return match
      })
    let wanted = rule.slot == .blue ? route.blue : route.green
    new["backendRefs"] = .list(
      (entry["backendRefs"]?.list ?? []).filter { isService($0, wanted) }.map { ref in
        var ref = ref
        ref["weight"] = 1
        return ref
      })
    let filters = withoutMirrors(entry["filters"]?.list ?? [], of: route)
    new["filters"] = filters.isEmpty ? nil : .list(filters)
    // Two rules of a route must not have the same name.
    new["name"] = nil
    return new
  }

  /// `nil` when the rule is not one of ours.
  private static func header(in rule: JSON, before split: JSON, _ route: KubernetesRoute) -> HeaderRoute? {
    let refs = rule["backendRefs"]?.list ?? []
    guard refs.count == 1,
      let slot = Slot.allCases.first(where: { isService(refs[0], $0 == .blue ? route.blue : route.green) })
    else { return nil }
    let added = matches(rule).map { $0["headers"]?.list?.last }
    guard let header = added.first ?? nil, added.allSatisfy({ $0 == header }), let name = header["name"]?.text,
      let value = header["value"]?.text, header["type"]?.text ?? "Exact" == "Exact"
    else { return nil }
    let rest = matches(rule).map { match in
      var match = match
      let headers = (match["headers"]?.list ?? []).dropLast()
      match["headers"] = headers.isEmpty ? nil : .list(Array(headers))
      return match
    }
    return rest == matches(split) ? HeaderRoute(header: name, value: value, slot: slot) : nil
  }

  /// A rule without matches matches everything.
  private static func matches(_ rule: JSON) -> [JSON] {
    let matches = rule["matches"]?.list ?? []
    return matches.isEmpty ? [[:]] : matches
  }
}

extension RouteRules {
  /// The rules with copies of this share of the requests to the slot, in every split.
  func setting(mirror share: Weight, to slot: Slot, of route: KubernetesRoute) throws(Failure) -> [JSON] {
    var changed: [JSON] = []
    for rule in rules {
      var rule = rule
      if try Self.isSplit(rule, of: route) {
        let others = Self.withoutMirrors(rule["filters"]?.list ?? [], of: route)
        let ours = Self.mirror(share, in: rule, to: slot == .blue ? route.blue : route.green).map { [$0] } ?? []
        rule["filters"] = (others + ours).isEmpty ? nil : .list(others + ours)
      }
      changed.append(rule)
    }
    return changed
  }

  /// The largest share that a split copies to the slot.
  func mirror(to slot: Slot, of route: KubernetesRoute) throws(Failure) -> Weight {
    try mirrors(to: slot, of: route).max() ?? .none
  }

  /// The share that each split copies to the slot.
  func mirrors(to slot: Slot, of route: KubernetesRoute) throws(Failure) -> [Weight] {
    let wanted = slot == .blue ? route.blue : route.green
    var shares: [Weight] = []
    for rule in rules where try Self.isSplit(rule, of: route) {
      let filter = (rule["filters"]?.list ?? []).first {
        $0["requestMirror"]?["backendRef"].map { Self.isService($0, wanted) } ?? false
      }
      shares.append(filter.map { Self.share(of: $0) } ?? .none)
    }
    return shares
  }

  private static func mirror(_ share: Weight, in rule: JSON, to service: String) -> JSON? {
    guard share > .none, var ref = (rule["backendRefs"]?.list ?? []).first(where: { isService($0, service) }) else {
      return nil
    }
    ref["weight"] = nil
    ref["filters"] = nil
    let fraction: JSON = ["numerator": .number(Double(share.basisPoints)), "denominator": 10_000]
    // All is what it means without a fraction, also to gateways that know none.
    let mirror: JSON = share == .all ? ["backendRef": ref] : ["backendRef": ref, "fraction": fraction]
    return ["type": "RequestMirror", "requestMirror": mirror]
  }

  private static func share(of filter: JSON) -> Weight {
    let mirror = filter["requestMirror"]
    if let percent = mirror?["percent"]?.integer { return .percent(percent) }
    guard let fraction = mirror?["fraction"] else { return .all }
    let numerator = fraction["numerator"]?.integer ?? 0
    return Weight(basisPoints: numerator * 10_000 / max(1, fraction["denominator"]?.integer ?? 100))
  }

  private static func withoutMirrors(_ filters: [JSON], of route: KubernetesRoute) -> [JSON] {
    filters.filter { filter in
      guard let ref = filter["requestMirror"]?["backendRef"] else { return true }
      return !isService(ref, route.blue) && !isService(ref, route.green)
    }
  }
}
