/// A set of flags and everything there is to say about its definition.
package struct FlagReading: Sendable {
  /// `nil` when the text is not a set of flags at all. A set whose definition has errors still serves what it can: a flag
  /// whose rule is broken answers PARSE_ERROR, and a flag that is none is left out.
  package var set: FlagSet?
  /// In the order of their places.
  package var problems: [FlagProblem]

  /// Whether a change to this definition is refused.
  package var hasErrors: Bool { problems.contains { $0.severity == .error } }
}

extension FlagSet {
  /// Reads a flagd definition (v0): `flags` as an object, `$evaluators`, `metadata`.
  package static func read(
    _ bytes: [UInt8], generation: Generation = .standard, limits: JSONLimits = .definitions
  ) -> FlagReading {
    do throws(JSONRefusal) {
      let node = try JSONParser.node(in: bytes, limits: limits)
      var reader = FlagSetReader(problems: FlagProblems(bytes), generation: generation)
      let set = reader.set(node)
      return FlagReading(set: set, problems: reader.sortedProblems)
    } catch {
      let problem = FlagProblem(severity: .error, place: error.place, message: error.message)
      return FlagReading(set: nil, problems: [problem])
    }
  }
}

/// Makes flags of a parsed definition.
struct FlagSetReader {
  var problems: FlagProblems
  let generation: Generation
  var evaluators: [ByteKey: JSONNode] = [:]
  private var metadata = JSONObject()
  /// Parts that the rules yet to come may have.
  var room = FlagSetReader.greatestSize

  /// Of all rules of a set.
  static let greatestSize = 8_000_000

  init(problems: FlagProblems, generation: Generation) {
    self.problems = problems
    self.generation = generation
  }

  var sortedProblems: [FlagProblem] {
    problems.all.sorted { ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column) }
  }

  /// `nil` without `flags`.
  mutating func set(_ node: JSONNode) -> FlagSet? {
    guard let flags = node["flags"]?.members else {
      problems.add(
        "a set of flags is an object with a member `flags`, an object of flags by their keys",
        at: (node["flags"] ?? node).offset)
      return nil
    }
    for member in node.members ?? [] where !["flags", "$evaluators", "metadata", "$schema"].contains(member.name) {
      problems.add("`\(member.name)` means nothing here", at: member.offset, severity: .warning)
    }
    metadata = readMetadata(node["metadata"])
    readEvaluators(node["$evaluators"])
    return FlagSet(flags: flags.compactMap { flag($0) }, generation: generation, metadata: metadata)
  }

  private mutating func readEvaluators(_ node: JSONNode?) {
    guard let node else { return }
    guard let members = node.members else {
      return problems.add("`$evaluators` is an object of rules by their names", at: node.offset)
    }
    for member in members {
      evaluators[ByteKey(member.name)] = member.node
      var compiler = RuleCompiler(variants: [], evaluators: evaluators, room: room)
      compiler.checkShared(member.node)
      for problem in compiler.problems {
        problems.add(
          "shared rule `\(member.name)`: \(problem.message)", at: problem.offset, help: problem.help)
      }
    }
  }

  /// Texts, numbers and booleans by name; anything else is left out.
  private mutating func readMetadata(_ node: JSONNode?) -> JSONObject {
    guard let node else { return JSONObject() }
    guard let members = node.members else {
      problems.add("`metadata` is an object of texts, numbers and booleans", at: node.offset)
      return JSONObject()
    }
    var pairs: [(name: String, value: JSONValue)] = []
    for member in members {
      switch member.node.shape {
      case .text, .bool: pairs.append((member.name, member.node.value))
      case .number(let number):
        checkExact(number, at: member.node.offset)
        pairs.append((member.name, member.node.value))
      case .null, .list, .object:
        problems.add("metadata `\(member.name)` is a text, a number or a boolean", at: member.node.offset)
      }
    }
    return JSONObject(pairs)
  }

  mutating func checkExact(_ number: JSONNumber, at offset: Int) {
    if let problem = number.inexactness { problems.add(problem, at: offset, help: "Write it as a text.") }
  }

  private mutating func flag(_ member: JSONNode.Member) -> Flag? {
    problems.flag = member.name
    defer { problems.flag = nil }
    checkKey(member)
    guard let members = member.node.members else {
      problems.add("a flag is an object", at: member.node.offset)
      return nil
    }
    checkNames(members)
    guard let state = state(member.node), let variants = variants(member.node) else { return nil }
    let defaultIndex = defaultIndex(member.node, variants)
    let own = readMetadata(member.node["metadata"])
    let targeting = targeting(member.node, of: member.name, variants, defaultIndex)
    return Flag(
      key: member.name, state: state, variants: variants, defaultIndex: defaultIndex,
      metadata: metadata.overlaid(by: own), targeting: targeting, generation: generation, node: member.node)
  }

  private mutating func checkKey(_ member: JSONNode.Member) {
    if FlagKey.isValid(member.name) { return }
    problems.add(
      "a key is letters, digits, `.`, `_` and `-`, and begins with a letter or a digit", at: member.offset,
      help: "Clients put keys into addresses without escaping them.")
  }

  private static let known = ["state", "variants", "defaultVariant", "targeting", "metadata", "$schema"]

  private mutating func checkNames(_ members: [JSONNode.Member]) {
    for member in members where !Self.known.contains(member.name) {
      problems.add(
        "`\(member.name)` means nothing in a flag", at: member.offset,
        help: "A flag has \(Self.known.dropLast().map { "`\($0)`" }.joined(separator: ", ")).", severity: .warning)
    }
  }
}

package enum FlagKey {
  /// `^[A-Za-z0-9][A-Za-z0-9._-]*$`
  package static func isValid(_ key: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      0x30...0x39 ~= byte || 0x41...0x5a ~= byte || 0x61...0x7a ~= byte
    }
    guard let first = key.utf8.first, isAlphanumeric(first) else { return false }
    return key.utf8.allSatisfy {
      isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
    }
  }
}
