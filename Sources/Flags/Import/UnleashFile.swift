/// A file of Unleash: what its clients are given (`features`, `segments`), or an export of its administrators, which has
/// strategies and environments in lists of their own.
struct UnleashFile {
  private var features: [JSONNode] = []
  /// Of an export, by the name of the feature.
  private var strategies: [String: [JSONNode]] = [:]
  /// Of an export, by the name of the feature.
  private var environments: [String: JSONNode] = [:]
  private var dependencies: [String: JSONNode] = [:]
  private var segments: [Int: JSONNode] = [:]
  private let isExport: Bool

  init(_ root: JSONNode, environment: String?, _ report: inout ImportReport) {
    isExport = root["featureStrategies"] != nil || root["featureEnvironments"] != nil
    guard let features = root["features"]?.items else {
      report.refuse(
        "a file of Unleash has a list `features`", at: root,
        help: "Export one with Unleash's own export, or save what GET /api/client/features answers.")
      return
    }
    self.features = features
    for segment in root["segments"]?.items ?? [] {
      if let id = segment["id"]?.whole { segments[id] = segment }
    }
    for item in root["dependencies"]?.items ?? [] {
      if let feature = item["feature"]?.text { dependencies[feature] = item }
    }
    if isExport { readExport(root, environment, &report) }
  }

  private mutating func readExport(_ root: JSONNode, _ wanted: String?, _ report: inout ImportReport) {
    let items = root["featureEnvironments"]?.items ?? []
    let names = Set(items.compactMap { $0["environment"]?.text })
    let only = names.count <= 1 ? names.first ?? "" : nil
    guard let environment = wanted.flatMap({ names.contains($0) ? $0 : nil }) ?? only else {
      let known = names.sorted().joined(separator: ", ")
      report.refuse(
        "the file has several environments", at: root["featureEnvironments"] ?? root,
        help: "Say which with --from-environment: \(known).")
      features = []
      return
    }
    for item in items where item["environment"]?.text == environment || names.isEmpty {
      if let feature = item["featureName"]?.text { environments[feature] = item }
    }
    for item in root["featureStrategies"]?.items ?? [] {
      guard let feature = item["featureName"]?.text else { continue }
      if let own = item["environment"]?.text, !environment.isEmpty, own != environment { continue }
      strategies[feature, default: []].append(item)
    }
  }

  func drafts(_ report: inout ImportReport) -> [ForeignFlag] {
    features.compactMap { node in
      report.begin(node["name"]?.text)
      defer { report.begin(nil) }
      return draft(node, &report)
    }
  }

  private func draft(_ node: JSONNode, _ report: inout ImportReport) -> ForeignFlag? {
    guard let name = node["name"]?.text else {
      report.refuse("a feature has a name", at: node)
      return nil
    }
    if !FlagKey.isValid(name) {
      report.refuse(
        "a key is letters, digits, `.`, `_` and `-`, and begins with a letter or a digit", at: node["name"] ?? node,
        help: "Rename the feature before it is imported: clients put keys into addresses without escaping them.")
    }
    for parent in node["dependencies"]?.items ?? dependencies[name]?["dependencies"]?.items ?? [] {
      report.refuse(
        "it depends on feature `\(parent["feature"]?.text ?? "?")`, and flags here do not depend on one another",
        at: parent, help: "Write the parent's rule into this feature's strategies, or ask for both in the service.")
    }
    let feature = feature(node, name, &report)
    return ForeignFlag(
      key: name, offset: node.offset, definition: feature.definition, purpose: node["description"]?.text,
      original: feature)
  }

  private func feature(_ node: JSONNode, _ name: String, _ report: inout ImportReport) -> UnleashFeature {
    let place = isExport ? environments[name] : node
    let reader = UnleashReader(feature: name, segments: segments)
    let enabled = place?["enabled"]?.truth ?? false
    let items = isExport ? strategies[name] ?? [] : node["strategies"]?.items ?? []
    let active = items.filter { $0["disabled"]?.truth != true }
    let variants = reader.variants(place?["variants"] ?? node["variants"], &report)
    let all = active.map { reader.strategy($0, &report) }
    var feature = UnleashFeature(
      name: name, enabled: enabled, strategies: all, variants: variants,
      hasVariants: !variants.isEmpty || all.contains { !$0.variants.isEmpty })
    if feature.hasVariants { reader.unify(&feature, at: node, &report) }
    // Strategies that are all switched off let nobody in; where there are none at all everybody is.
    if active.isEmpty, !items.isEmpty { feature.enabled = false }
    return feature
  }
}

extension JSONNode {
  var truth: Bool? { if case .bool(let bool) = shape { bool } else { nil } }

  /// A whole number, also one that is written as a text.
  var whole: Int? {
    switch shape {
    case .number(let number): Int(exactly: number.value)
    case .text(let text): Int(text)
    case .null, .bool, .list, .object: nil
    }
  }

  /// Texts of a list; what is no text is left out.
  var texts: [String] { items?.compactMap(\.text) ?? [] }
}
