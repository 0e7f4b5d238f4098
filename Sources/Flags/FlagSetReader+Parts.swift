extension FlagSetReader {
  mutating func state(_ node: JSONNode) -> Flag.State? {
    guard let member = node["state"] else {
      problems.add("`state` is missing", at: node.offset, help: "Write `\"state\": \"ENABLED\"` or `\"DISABLED\"`.")
      return nil
    }
    guard let state = member.text.flatMap(Flag.State.init) else {
      problems.add("`state` is `ENABLED` or `DISABLED`", at: member.offset)
      return nil
    }
    return state
  }

  mutating func variants(_ node: JSONNode) -> [Flag.Variant]? {
    guard let member = node["variants"] else {
      problems.add("`variants` is missing", at: node.offset, help: "Write values by their names.")
      return nil
    }
    guard let members = member.members, !members.isEmpty else {
      problems.add("`variants` is an object of values by their names, at least one", at: member.offset)
      return nil
    }
    checkTypes(members)
    for variant in members {
      if variant.name.isEmpty { problems.add("the name of a variant is not empty", at: variant.offset) }
      checkNumbers(variant.node)
    }
    return members.map { Flag.Variant(name: $0.name, value: $0.node.value) }
  }

  private mutating func checkTypes(_ members: [JSONNode.Member]) {
    var first: (name: String, kind: ValueKind)?
    for variant in members {
      guard let kind = ValueKind(variant.node.value) else {
        problems.add(
          "variant `\(variant.name)` is \(variant.node.value.kindName)", at: variant.node.offset,
          help: "Variants are booleans, texts, numbers or objects.")
        continue
      }
      if let first, first.kind != kind {
        problems.add(
          "variant `\(variant.name)` is \(kind.rawValue), but `\(first.name)` is \(first.kind.rawValue)",
          at: variant.node.offset, help: "All variants of a flag share one type.")
      }
      first = first ?? (variant.name, kind)
    }
  }

  private mutating func checkNumbers(_ node: JSONNode) {
    switch node.shape {
    case .number(let number):
      checkExact(number, at: node.offset)
    case .list(let items): for item in items { checkNumbers(item) }
    case .object(let members): for member in members { checkNumbers(member.node) }
    case .null, .bool, .text: break
    }
  }

  mutating func defaultIndex(_ node: JSONNode, _ variants: [Flag.Variant]) -> Int? {
    guard let member = node["defaultVariant"], !member.isNull else { return nil }
    guard let name = member.text else {
      problems.add("`defaultVariant` is the name of a variant, or null", at: member.offset)
      return nil
    }
    guard let index = variants.firstIndex(where: { $0.name.hasSameBytes(as: name) }) else {
      problems.add(
        "the default variant `\(name)` is no variant", at: member.offset,
        help: "There are \(variants.prefix(10).map { "`\($0.name)`" }.joined(separator: ", ")).")
      return nil
    }
    return index
  }

  mutating func targeting(
    _ node: JSONNode, of key: String, _ variants: [Flag.Variant], _ defaultIndex: Int?
  ) -> Flag.Targeting {
    guard let rule = node["targeting"], !rule.isNull else { return .none }
    if let members = rule.members, members.isEmpty { return .none }
    if rule.members == nil { problems.add("`targeting` is an object, a rule", at: rule.offset) }
    var compiler = RuleCompiler(variants: variants.map(\.name), evaluators: evaluators, room: room)
    let targeting = compiler.targeting(for: rule, of: key, generation)
    room -= compiler.draft.nodes.count
    for problem in compiler.problems {
      problems.add(problem.message, at: problem.offset, help: problem.help)
    }
    if var named = compiler.named {
      if let defaultIndex { named.insert(Int32(defaultIndex)) }
      for (index, variant) in variants.enumerated() where !named.contains(Int32(index)) {
        problems.add(
          "variant `\(variant.name)` can never be served", at: rule.offset, severity: .warning,
          unreachable: variant.name)
      }
    }
    return targeting
  }
}
