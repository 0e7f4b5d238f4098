extension UnleashReader {
  func variants(_ node: JSONNode?, _ report: inout ImportReport) -> [UnleashFeature.Variant] {
    let items = node?.items ?? []
    let decides = items.count { ($0["weight"]?.whole ?? 0) > 0 } > 1
    return items.compactMap { item in
      guard let name = item["name"]?.text, !name.isEmpty, let weight = item["weight"]?.whole, weight >= 0 else {
        report.refuse("a variant has a name and a whole weight from 0 on", at: item)
        return nil
      }
      return UnleashFeature.Variant(
        name: name, weight: weight, stickiness: variantStickiness(item["stickiness"], decides, &report),
        value: value(item["payload"], of: name, &report), overrides: overrides(item["overrides"]))
    }
  }

  private func variantStickiness(
    _ node: JSONNode?, _ decides: Bool, _ report: inout ImportReport
  ) -> UnleashFeature.Stickiness? {
    guard let node, let name = node.text, !name.isEmpty else { return nil }
    if name == "random", decides {
      report.refuse(
        "stickiness `random` gives people another variant each time, and a rule here the same", at: node,
        help: "Set the stickiness to `default`, `userId` or another field.")
    }
    return name == "default" || name == "random" ? .standard : .field(name)
  }

  private func overrides(_ node: JSONNode?) -> [(field: String, values: [String])] {
    (node?.items ?? []).compactMap { item in
      item["contextName"]?.text.map { ($0, item["values"]?.texts ?? []) }
    }
  }

  /// What clients are given with the variant; its name where there is no payload.
  private func value(_ payload: JSONNode?, of name: String, _ report: inout ImportReport) -> JSONValue {
    guard let payload, let text = payload["value"]?.value.plainText else { return .text(name) }
    switch payload["type"]?.text {
    case "number":
      guard let number = try? JSONParser.value(in: Array(text.utf8), limits: .context), case .number = number else {
        report.refuse("`\(text)` is no number", at: payload["value"] ?? payload)
        return .null
      }
      return number
    case "json":
      guard let value = try? JSONParser.value(in: Array(text.utf8), limits: .context) else {
        report.refuse("this is no JSON", at: payload["value"] ?? payload)
        return .null
      }
      return value
    default: return .text(text)
    }
  }

  /// Sees to it that a name means one value.
  func unify(_ feature: inout UnleashFeature, at node: JSONNode, _ report: inout ImportReport) {
    var known: [String: JSONValue] = [:]
    for variant in feature.variants + feature.strategies.flatMap(\.variants) {
      if let other = known[variant.name], other != variant.value {
        report.refuse(
          "variant `\(variant.name)` has one value in one strategy and another in another", at: node,
          help: "Give the two different names.")
      }
      known[variant.name] = variant.value
    }
    report.warn(
      "it has variants, and becomes a flag of their values", at: node,
      help: "Code that asks whether it is on asks for its value from now on, and has its own default where it is off.")
  }
}
