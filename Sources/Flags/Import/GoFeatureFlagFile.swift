import PipelineModel

/// A file of GO Feature Flag: flags by their keys.
struct GoFeatureFlagFile {
  private let root: JSONNode
  private let now: Int64

  init(_ root: JSONNode, now: Timestamp) {
    self.root = root
    self.now = now.milliseconds
  }

  func drafts(_ report: inout ImportReport) -> [ForeignFlag] {
    guard let members = root.members else {
      report.refuse("a file of GO Feature Flag has flags by their keys", at: root)
      return []
    }
    return members.compactMap { member in
      report.begin(member.name)
      defer { report.begin(nil) }
      return draft(member, &report)
    }
  }

  private func draft(_ member: JSONNode.Member, _ report: inout ImportReport) -> ForeignFlag? {
    let (key, node) = (member.name, member.node)
    let site = JSONNode(shape: .null, offset: member.offset)
    if !FlagKey.isValid(key) {
      report.refuse(
        "a key is letters, digits, `.`, `_` and `-`, and begins with a letter or a digit", at: site,
        help: "Rename the flag before it is imported: clients put keys into addresses without escaping them.")
    }
    guard let variations = node["variations"], variations.members != nil, let standard = node["defaultRule"] else {
      report.refuse("a flag has `variations` and a `defaultRule`", at: site)
      return nil
    }
    if let scheduled = node["scheduledRollout"], scheduled.items?.isEmpty == false {
      report.refuse(
        "a scheduled rollout is no part of a definition here", at: scheduled,
        help: "Write what it has come to into the rules; what is still to come is `headgate flag ramp`.")
    }
    guard let outcome = outcome(standard, variations, &report) else { return nil }
    let window = node["experimentation"]
    let flag = GoFeatureFlag(
      key: key, isDisabled: node["disable"]?.truth ?? false, rules: rules(node["targeting"], variations, &report),
      standard: outcome, bucketingKey: node["bucketingKey"]?.text.flatMap { $0.isEmpty ? nil : $0 },
      begins: instant(window?["start"], &report), ends: instant(window?["end"], &report))
    let metadata = metadata(node["metadata"], &report)
    return ForeignFlag(
      key: key, offset: member.offset, definition: flag.definition(variants: variations.value, metadata: metadata),
      purpose: node["metadata"]?["description"]?.text, original: flag)
  }

  private func metadata(_ node: JSONNode?, _ report: inout ImportReport) -> JSONValue? {
    guard let members = node?.members else { return nil }
    let kept = members.filter { member in
      switch member.node.shape {
      case .text, .bool, .number: return true
      case .null, .list, .object:
        report.warn("metadata `\(member.name)` is no text, number or boolean, and is left out", at: member.node)
        return false
      }
    }
    return .object(JSONObject(kept.map { ($0.name, $0.node.value) }))
  }

  private func instant(_ node: JSONNode?, _ report: inout ImportReport) -> Int64? {
    guard let node, !node.isNull else { return nil }
    guard let instant = node.text.flatMap(ForeignTime.milliseconds) else {
      report.refuse("this is no time by RFC 3339", at: node)
      return nil
    }
    return instant
  }

  // MARK: Rules

  private func rules(
    _ node: JSONNode?, _ variations: JSONNode, _ report: inout ImportReport
  ) -> [GoFeatureFlag.Rule] {
    (node?.items ?? []).compactMap { item in
      if item["disable"]?.truth == true { return nil }
      guard let query = query(item["query"], &report), let outcome = outcome(item, variations, &report) else {
        return nil
      }
      return GoFeatureFlag.Rule(query: query, outcome: outcome)
    }
  }

  private func query(_ node: JSONNode?, _ report: inout ImportReport) -> GoQuery? {
    guard let node, let text = node.text else { return .always }
    let trimmed = text.drop { $0.isWhitespace }
    if trimmed.isEmpty { return .always }
    if trimmed.first == "{" { return logic(String(trimmed), at: node, &report) }
    do throws(GoQueryParser.Mistake) {
      let query = try GoQueryParser.query(in: text)
      if query.ignoresCase {
        report.warn("texts are compared without regard to their case there, and with it here", at: node)
      }
      return query
    } catch {
      report.refuse("the condition cannot be read: \(error.message)", at: node)
      return nil
    }
  }

  private func logic(_ text: String, at node: JSONNode, _ report: inout ImportReport) -> GoQuery? {
    guard let rule = try? JSONParser.value(in: Array(text.utf8), limits: .definitions) else {
      report.refuse("the condition is neither a rule of JsonLogic nor of GO Feature Flag", at: node)
      return nil
    }
    let renamed = rule.renamingKey
    let targeting = Logic.apply("if", renamed, .text("yes"), .text("no"))
    let probe = JSONValue.object(
      JSONObject([
        ("state", .text("ENABLED")), ("targeting", targeting),
        ("variants", .object(JSONObject([("yes", .bool(true)), ("no", .bool(false))]))),
      ]))
    let set = JSONValue.object(JSONObject([("flags", .object(JSONObject([("probe", probe)])))]))
    let reading = FlagSet.read(Array(set.written.utf8))
    guard !reading.hasErrors, let flag = reading.set?["probe"] else {
      report.refuse(
        "the condition cannot be carried over: \(reading.problems.first?.message ?? "it is no rule")", at: node,
        help: reading.problems.first?.help)
      return nil
    }
    return .logic(renamed, flag)
  }

  // MARK: Outcomes

  private func outcome(
    _ node: JSONNode, _ variations: JSONNode, _ report: inout ImportReport
  ) -> GoFeatureFlag.Outcome? {
    if let rollout = node["progressiveRollout"] { return progress(rollout, variations, &report) }
    if let shares = node["percentage"], let members = shares.members, !members.isEmpty {
      return split(members.map { ($0.name, $0.node) }, variations, at: shares, &report)
    }
    guard let name = node["variation"]?.text, variations[name] != nil else {
      report.refuse("a rule names a variation that there is, or percentages", at: node["variation"] ?? node)
      return nil
    }
    return .variant(name)
  }

  private func split(
    _ shares: [(name: String, node: JSONNode)], _ variations: JSONNode, at place: JSONNode,
    _ report: inout ImportReport
  ) -> GoFeatureFlag.Outcome? {
    var buckets: [(name: String, weight: Int)] = []
    for share in shares {
      guard variations[share.name] != nil, case .number(let percentage) = share.node.shape, percentage.value >= 0,
        percentage.value <= 1_000_000
      else {
        report.refuse("a percentage is a number from 0 on for a variation that there is", at: share.node)
        return nil
      }
      buckets.append((share.name, Int((percentage.value * 1000).rounded())))
    }
    guard buckets.contains(where: { $0.weight > 0 }) else {
      report.refuse("percentages that sum to nothing", at: place)
      return nil
    }
    // People are put into them in the reverse order of their names.
    return .split(buckets.sorted { $1.name.standsBefore($0.name) })
  }

  /// A share that grows with time is a ramp, and no part of a definition; only what it has come to is carried over.
  private func progress(
    _ node: JSONNode, _ variations: JSONNode, _ report: inout ImportReport
  ) -> GoFeatureFlag.Outcome? {
    guard let initial = node["initial"]?["variation"]?.text, let end = node["end"]?["variation"]?.text,
      variations[initial] != nil, variations[end] != nil,
      let begins = instant(node["initial"]?["date"], &report), let ends = instant(node["end"]?["date"], &report)
    else {
      report.refuse("a progressive rollout has two variations and two dates", at: node)
      return nil
    }
    if now < begins { return .variant(initial) }
    guard now >= ends else {
      report.refuse(
        "a progressive rollout is under way, and a share that grows by itself is no part of a definition here",
        at: node,
        help: "Write the share it has come to as percentages, and go on with `headgate flag ramp`.")
      return nil
    }
    var share = 100.0
    if case .number(let number)? = node["end"]?["percentage"]?.shape, 0 < number.value, number.value <= 100 {
      share = number.value
    }
    let weight = Int((share * 1000).rounded())
    return .split([(end, weight), (initial, 100_000 - weight)])
  }
}

extension JSONValue {
  /// A rule in which the person's key has our name.
  fileprivate var renamingKey: JSONValue {
    switch self {
    case .list(let items): return .list(items.map(\.renamingKey))
    case .object(let object):
      return .object(
        JSONObject(
          object.members.map { member in
            let isKey = member.name.text == "var" && (member.value.text ?? member.value.list?.first?.text) == "key"
            return (member.name.text, isKey ? .text("targetingKey") : member.value.renamingKey)
          }))
    case .null, .bool, .number, .text: return self
    }
  }
}
