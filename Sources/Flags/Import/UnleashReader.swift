/// Reads the parts of one feature.
struct UnleashReader {
  let feature: String
  let segments: [Int: JSONNode]

  func strategy(_ node: JSONNode, _ report: inout ImportReport) -> UnleashFeature.Strategy {
    let parameters = node["parameters"]
    let constraints = (node["constraints"]?.items ?? []) + segmentConstraints(node, &report)
    let group = parameters?["groupId"]?.text ?? ""
    return UnleashFeature.Strategy(
      kind: kind(node, parameters, &report), constraints: constraints.compactMap { constraint($0, &report) },
      variants: variants(node["variants"], &report), group: group.isEmpty ? feature : group)
  }

  private func segmentConstraints(_ node: JSONNode, _ report: inout ImportReport) -> [JSONNode] {
    (node["segments"]?.items ?? []).flatMap { item in
      guard let id = item.whole, let constraints = segments[id]?["constraints"]?.items else {
        report.refuse(
          "the file does not say what segment \(item.value.written) is", at: item,
          help: "Save what GET /api/client/features answers with segments, or write its constraints into the strategy.")
        return [JSONNode]()
      }
      return constraints
    }
  }

  private func kind(
    _ node: JSONNode, _ parameters: JSONNode?, _ report: inout ImportReport
  ) -> UnleashFeature.Kind {
    let name = (node["strategyName"] ?? node["name"])?.text ?? ""
    switch name {
    case "default": return .everybody
    case "userWithId": return .users(Self.parts(parameters?["userIds"]))
    case "remoteAddress": return addresses(parameters?["IPs"], &report)
    case "flexibleRollout":
      return rollout(parameters?["rollout"], parameters?["stickiness"], in: node, &report)
    case "gradualRolloutUserId": return rollout(parameters?["percentage"], field: "userId", in: node, &report)
    case "gradualRolloutSessionId": return rollout(parameters?["percentage"], field: "sessionId", in: node, &report)
    case "gradualRolloutRandom":
      report.refuse(
        "strategy `gradualRolloutRandom` decides by chance anew each time, and a rule here is the same each time",
        at: node, help: "Use flexibleRollout with stickiness `default`.")
      return .nobody
    default:
      report.refuse(
        "strategy `\(name)` cannot be carried over", at: node["name"] ?? node,
        help: "Say the same with constraints and a flexibleRollout, or leave the strategy out.")
      return .nobody
    }
  }

  /// A list in one text, as Unleash keeps it.
  private static func parts(_ node: JSONNode?) -> [String] {
    (node?.text ?? "").split(separator: ",").map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }.filter { !$0.isEmpty }
  }

  private func addresses(_ node: JSONNode?, _ report: inout ImportReport) -> UnleashFeature.Kind {
    let addresses = Self.parts(node)
    if let node, let range = addresses.first(where: { $0.contains("/") }) {
      report.refuse("a rule here knows single addresses, and no range such as \(range)", at: node)
    }
    return .addresses(addresses)
  }

  private func rollout(
    _ share: JSONNode?, _ stickiness: JSONNode? = nil, field: String? = nil, in node: JSONNode,
    _ report: inout ImportReport
  ) -> UnleashFeature.Kind {
    guard let percentage = share?.whole, 0...100 ~= percentage else {
      report.refuse("a rollout is a whole number of percent from 0 to 100", at: share ?? node)
      return .nobody
    }
    if let field { return .rollout(percentage, .field(field)) }
    return .rollout(percentage, sticking(stickiness, decides: 1...99 ~= percentage, &report) ?? .standard)
  }

  /// - Parameter decides: whether anybody is told apart by it at all.
  private func sticking(
    _ node: JSONNode?, decides: Bool, _ report: inout ImportReport
  ) -> UnleashFeature.Stickiness? {
    guard let node, let name = node.text, !name.isEmpty else { return nil }
    switch name {
    case "default": return .standard
    case "random":
      if decides {
        report.refuse(
          "stickiness `random` decides by chance anew each time, and a rule here is the same each time", at: node,
          help: "Set the stickiness to `default`, `userId` or another field.")
      }
      return .standard
    default:
      checkField(name, at: node, &report)
      return .field(name)
    }
  }

  private func checkField(_ name: String, at node: JSONNode, _ report: inout ImportReport) {
    if name.isEmpty || name.contains(".") {
      report.refuse(
        "field `\(name)` has no name that a rule can ask for: a dot leads into an object", at: node,
        help: "Send the field under a name without dots.")
    }
  }

  // MARK: Constraints

  private func constraint(_ node: JSONNode, _ report: inout ImportReport) -> UnleashFeature.Constraint? {
    guard let field = node["contextName"]?.text, let name = node["operator"]?.text else {
      report.refuse("a constraint has `contextName` and `operator`", at: node)
      return nil
    }
    checkField(field, at: node["contextName"] ?? node, &report)
    guard let test = test(name, node, field, &report) else { return nil }
    return UnleashFeature.Constraint(field: field, test: test, isInverted: node["inverted"]?.truth ?? false)
  }

  private func test(
    _ name: String, _ node: JSONNode, _ field: String, _ report: inout ImportReport
  ) -> UnleashFeature.Test? {
    let values = node["values"]?.texts ?? []
    if name.hasPrefix("STR_"), node["caseInsensitive"]?.truth == true, values.contains(where: \.hasCase) {
      report.refuse("a rule here minds upper and lower case", at: node["caseInsensitive"] ?? node)
      return nil
    }
    switch name {
    case "IN": return .isOneOf(values)
    case "NOT_IN": return .isNoneOf(values)
    case "STR_STARTS_WITH": return .startsWith(values)
    case "STR_ENDS_WITH": return .endsWith(values)
    case "STR_CONTAINS": return .contains(values)
    case "DATE_AFTER", "DATE_BEFORE": return date(name, node, field, &report)
    default: return comparison(name, node, &report)
    }
  }

  private func date(
    _ name: String, _ node: JSONNode, _ field: String, _ report: inout ImportReport
  ) -> UnleashFeature.Test? {
    guard field == "currentTime" else {
      report.refuse("a rule here compares the time of the evaluation, and no other dates", at: node)
      return nil
    }
    guard let instant = node["value"]?.text.flatMap(ForeignTime.milliseconds) else {
      report.refuse("this is no time by RFC 3339", at: node["value"] ?? node)
      return nil
    }
    return name == "DATE_AFTER" ? .after(instant) : .before(instant)
  }

  private static let comparisons: [String: UnleashFeature.Comparison] = [
    "EQ": .equal, "LT": .less, "LTE": .lessOrEqual, "GT": .greater, "GTE": .greaterOrEqual,
  ]

  private func comparison(
    _ name: String, _ node: JSONNode, _ report: inout ImportReport
  ) -> UnleashFeature.Test? {
    let value = node["value"]?.value.plainText ?? ""
    let parts = name.split(separator: "_")
    if parts.count == 2, let comparison = Self.comparisons[String(parts[1])] {
      if parts[0] == "NUM", let number = Double(value), number.isFinite { return .number(comparison, number) }
      if parts[0] == "SEMVER", SemanticVersion(value) != nil { return .version(comparison, value) }
      if parts[0] == "NUM" || parts[0] == "SEMVER" {
        report.refuse("`\(value)` is no \(parts[0] == "NUM" ? "number" : "version")", at: node["value"] ?? node)
        return nil
      }
    }
    report.refuse("operator `\(name)` cannot be carried over", at: node["operator"] ?? node)
    return nil
  }
}

extension String {
  /// Whether upper and lower case make a difference.
  fileprivate var hasCase: Bool { lowercased() != uppercased() }
}
