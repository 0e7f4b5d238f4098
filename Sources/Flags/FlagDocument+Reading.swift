import PipelineModel

extension FlagDocument {
  package static func read(_ bytes: [UInt8], limits: JSONLimits = .definitions) -> FlagDocumentReading {
    do throws(JSONRefusal) {
      let node = try JSONParser.node(in: bytes, limits: limits)
      var reader = FlagDocumentReader(bytes)
      let document = reader.document(node)
      return FlagDocumentReading(document: document, problems: reader.problems)
    } catch {
      let problem = FlagProblem(severity: .error, place: error.place, message: error.message)
      return FlagDocumentReading(document: nil, problems: [problem])
    }
  }
}

private struct FlagDocumentReader {
  private var found: FlagProblems

  init(_ bytes: [UInt8]) { found = FlagProblems(bytes) }

  var problems: [FlagProblem] {
    found.all.sorted { ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column) }
  }

  mutating func document(_ node: JSONNode) -> FlagDocument? {
    guard let members = node.members, let definition = node["definition"], let environment = node["environment"] else {
      found.add("a document of flags is an object with `environment` and `definition`", at: node.offset)
      return nil
    }
    checkNames(members, known: ["environment", "fractional", "contracts", "definition"], of: "a document of flags")
    let name = text(environment, "environment") ?? ""
    if name.isEmpty { found.add("`environment` is not empty", at: environment.offset) }
    let generation = generation(node["fractional"])
    var reader = FlagSetReader(problems: found, generation: generation)
    let set = reader.set(definition)
    found = reader.problems
    guard let set else { return nil }
    return FlagDocument(
      environment: name, generation: generation, flags: set, contracts: contracts(node["contracts"], set))
  }

  private mutating func checkNames(_ members: [JSONNode.Member], known: [String], of what: String) {
    for member in members where !known.contains(member.name) {
      found.add(
        "`\(member.name)` means nothing in \(what)", at: member.offset,
        help: "It has \(known.map { "`\($0)`" }.joined(separator: ", ")).")
    }
  }

  private mutating func generation(_ node: JSONNode?) -> Generation {
    guard let node else { return .standard }
    if let generation = node.text.flatMap(Generation.init) { return generation }
    found.add("`fractional` is `v1`, `v2` or `v3`", at: node.offset)
    return .standard
  }

  private mutating func text(_ node: JSONNode?, _ name: String) -> String? {
    guard let node else { return nil }
    if let text = node.text { return text }
    found.add("`\(name)` is a text", at: node.offset)
    return nil
  }

  private mutating func whole(_ node: JSONNode?, _ name: String) -> Int64? {
    guard let node else { return nil }
    if case .number(let number) = node.shape, let whole = Int64(exactly: number.value), number.inexactness == nil,
      whole > 0
    {
      return whole
    }
    found.add("`\(name)` is a whole number from 1 on", at: node.offset)
    return nil
  }

  private mutating func instant(_ node: JSONNode?, _ name: String) -> Timestamp? {
    guard let node, let text = text(node, name) else { return nil }
    if let instant = text.withBytes({ Timestamp(rfc3339: $0) }) { return instant }
    found.add("`\(name)` is an instant as in `2027-01-31T00:00:00.000Z`", at: node.offset)
    return nil
  }
}

extension FlagDocumentReader {
  private mutating func contracts(_ node: JSONNode?, _ set: FlagSet) -> [String: FlagContract] {
    guard let node else { return [:] }
    guard let members = node.members else {
      found.add("`contracts` is an object of what was agreed, by the flags' keys", at: node.offset)
      return [:]
    }
    var contracts: [String: FlagContract] = [:]
    for member in members {
      found.flag = member.name
      guard let flag = set[member.name] else {
        found.add("there is no such flag", at: member.offset, help: "Add it to `definition`, or take this away.")
        continue
      }
      contracts[member.name] = contract(member.node, flag)
    }
    found.flag = nil
    return contracts
  }

  private mutating func contract(_ node: JSONNode, _ flag: Flag) -> FlagContract? {
    guard let members = node.members else {
      found.add("what was agreed is an object", at: node.offset)
      return nil
    }
    checkNames(
      members,
      known: ["owner", "purpose", "expires", "endState", "services", "revision", "rollout", "approvals"],
      of: "what was agreed")
    return FlagContract(
      owner: text(node["owner"], "owner"), purpose: text(node["purpose"], "purpose"),
      expires: instant(node["expires"], "expires"), endState: endState(node["endState"], flag),
      services: services(node["services"]), revision: whole(node["revision"], "revision") ?? 0,
      rollout: whole(node["rollout"], "rollout").map { RunID($0) }, approvals: approvals(node["approvals"]))
  }

  private mutating func endState(_ node: JSONNode?, _ flag: Flag) -> String? {
    guard let node, let name = text(node, "endState") else { return nil }
    if flag.variants.contains(where: { $0.name.hasSameBytes(as: name) }) { return name }
    found.add("the end state `\(name)` is no variant of the flag", at: node.offset)
    return nil
  }

  private mutating func services(_ node: JSONNode?) -> [String] {
    guard let node else { return [] }
    guard let items = node.items else {
      found.add("`services` is a list of names", at: node.offset)
      return []
    }
    return items.compactMap { text($0, "services") }
  }

  private mutating func approvals(_ node: JSONNode?) -> [FlagContract.Approval] {
    guard let node else { return [] }
    guard let items = node.items else {
      found.add("`approvals` is a list", at: node.offset)
      return []
    }
    return items.compactMap { approval($0) }
  }

  private mutating func approval(_ node: JSONNode) -> FlagContract.Approval? {
    let by = text(node["by"], "by").flatMap { Principal($0) }
    let at = instant(node["at"], "at")
    let proposal = text(node["proposal"], "proposal").flatMap { Self.isHash($0) ? $0 : nil }
    guard let by, let at, let proposal else {
      found.add(
        "an approval has `by` as in `person:ada`, the instant `at`, and `proposal`, `sha256:` and 64 digits",
        at: node.offset)
      return nil
    }
    return FlagContract.Approval(by: by, at: at, proposal: proposal)
  }

  private static func isHash(_ text: String) -> Bool {
    let digits = text.utf8.dropFirst(7)
    return text.beginsWithBytes(of: "sha256:") && digits.count == 64
      && digits.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
  }
}
