/// Makes a program of a flag's `targeting`.
///
/// A rule that cannot be evaluated at all (an unknown operator, a missing `$ref`, too deep, too large) is broken: the flag
/// answers PARSE_ERROR. What is merely odd is noted, and evaluates as flagd has it.
struct RuleCompiler {
  var draft: Program.Draft
  private(set) var problems: [RuleProblem] = []
  private(set) var breakage: String?
  /// Indices of the variants that the rule can result in; `nil` when only an evaluation can tell.
  var named: Set<Int32>?
  private let evaluators: [ByteKey: JSONNode]
  /// Inside a shared rule another must not be named.
  private var isInsideEvaluator = false

  /// Rules inside one another; shared ones add their own.
  static let greatestDepth = 128
  /// Of one flag, shared rules counted wherever they are named.
  static let greatestSize = 200_000
  private let room: Int

  /// - Parameter room: how many parts the rule may have.
  init(variants: [String], evaluators: [ByteKey: JSONNode], room: Int) {
    draft = Program.Draft(variants: variants)
    self.evaluators = evaluators
    self.room = min(room, Self.greatestSize)
  }

  /// What becomes of the rule, and what there is to say about it.
  mutating func targeting(for rule: JSONNode, of flagKey: String, _ generation: Generation) -> Flag.Targeting {
    let root = compile(rule, at: "", depth: 0)
    if let breakage { return .broken(breakage) }
    checkOutcomes(from: root, rule)
    return .rule(Program(draft, root: root, flagKey: flagKey, generation: generation))
  }

  /// Says what is wrong with a shared rule by itself, whoever names it.
  mutating func checkShared(_ rule: JSONNode) {
    isInsideEvaluator = true
    _ = compile(rule, at: "", depth: 0)
  }

  mutating func note(_ message: String, at node: JSONNode, help: String? = nil) {
    problems.append(RuleProblem(offset: node.offset, message: message, help: help))
  }

  private mutating func fail(_ message: String, at node: JSONNode, help: String? = nil) -> Int32 {
    note(message, at: node, help: help)
    if breakage == nil { breakage = message }
    return literal(.null, at: "")
  }

  mutating func literal(_ value: JSONValue, at place: String) -> Int32 {
    let constant = draft.constant(value)
    return draft.add(.constant(constant), at: place)
  }

  func constant(_ index: Int32) -> JSONValue? {
    if case .constant(let constant) = draft.nodes[Int(index)] { draft.constants[Int(constant)] } else { nil }
  }

  mutating func compile(_ node: JSONNode, at place: String, depth: Int) -> Int32 {
    guard depth <= Self.greatestDepth else {
      return fail("this rule is more than \(Self.greatestDepth) deep", at: node)
    }
    guard draft.nodes.count < room else {
      // Said once: whatever else there is would say it again.
      return breakage == nil ? fail("this rule has more parts than the \(room) there is room for", at: node) : 0
    }
    switch node.shape {
    case .null, .bool, .text: return literal(node.value, at: place)
    case .number(let number):
      checkExact(number, at: node)
      return literal(node.value, at: place)
    case .list(let items): return compileList(items, at: place, depth: depth)
    case .object(let members): return compileRule(members, node, at: place, depth: depth)
    }
  }

  private mutating func checkExact(_ number: JSONNumber, at node: JSONNode) {
    if let problem = number.inexactness { note(problem, at: node, help: "Write it as a text.") }
  }

  private mutating func compileList(_ items: [JSONNode], at place: String, depth: Int) -> Int32 {
    let compiled = items.enumerated().map { compile($0.element, at: "\(place)/\($0.offset)", depth: depth + 1) }
    let values = compiled.compactMap { constant($0) }
    if values.count == compiled.count { return literal(.list(values), at: place) }
    let span = draft.span(compiled)
    return draft.add(.list(span), at: place)
  }

  private mutating func compileRule(
    _ members: [JSONNode.Member], _ node: JSONNode, at place: String, depth: Int
  ) -> Int32 {
    guard let rule = members.first, members.count == 1 else {
      return fail(
        "a rule is an object with one member, its operator; this has \(members.count)", at: node,
        help: "Join several with `and` or `or`.")
    }
    if rule.name == "$ref" { return compileReference(rule.node, at: place, depth: depth) }
    let arguments = rule.node.items ?? [rule.node]
    return compileOperation(rule, arguments, at: "\(place)/\(rule.name)", depth: depth + 1)
  }

  private mutating func compileReference(_ target: JSONNode, at place: String, depth: Int) -> Int32 {
    guard let name = target.text else { return fail("`$ref` takes the name of a shared rule", at: target) }
    guard !isInsideEvaluator else {
      return fail("a shared rule names another, `\(name)`", at: target, help: "Write the other's rule in its place.")
    }
    guard let shared = evaluators[ByteKey(name)] else {
      return fail("there is no shared rule `\(name)`", at: target, help: "Add it to `$evaluators`.")
    }
    isInsideEvaluator = true
    defer { isInsideEvaluator = false }
    return compile(shared, at: "\(place)/$ref:\(name)", depth: depth + 1)
  }

  private mutating func compileOperation(
    _ rule: JSONNode.Member, _ arguments: [JSONNode], at place: String, depth: Int
  ) -> Int32 {
    switch rule.name {
    case "var": return compileVariable(arguments, rule.node, at: place, depth: depth)
    case "if", "and", "or": return compileChoice(rule, arguments, at: place, depth: depth)
    case "reduce":
      check(arguments.count, within: 3...3, rule)
      let span = draft.span(compileAll(arguments, at: place, depth: depth))
      return draft.add(.reduce(span), at: place)
    case "fractional": return compileFractional(arguments, rule.node, at: place, depth: depth)
    default: break
    }
    if let iteration = Iteration(rawValue: rule.name) {
      check(arguments.count, within: 2...2, rule)
      let parts = compileAll(arguments, at: place, depth: depth)
      let list = parts.first ?? literal(.null, at: place)
      let body = parts.count > 1 ? parts[1] : literal(.null, at: place)
      return draft.add(.iterate(iteration, list: list, body: body), at: place)
    }
    guard let named = Operator(rawValue: rule.name) else {
      return fail("there is no operator `\(rule.name)`", at: rule.site)
    }
    return compileCall(named, rule, arguments, at: place, depth: depth)
  }

  mutating func compileAll(_ arguments: [JSONNode], at place: String, depth: Int) -> [Int32] {
    arguments.enumerated().map { compile($0.element, at: "\(place)/\($0.offset)", depth: depth + 1) }
  }

  mutating func check(_ count: Int, within arity: ClosedRange<Int>, _ rule: JSONNode.Member) {
    if arity.contains(count) { return }
    let wanted =
      arity.upperBound == .max
      ? "at least \(arity.lowerBound)"
      : arity.lowerBound == arity.upperBound ? "\(arity.lowerBound)" : "\(arity.lowerBound) or \(arity.upperBound)"
    note("`\(rule.name)` takes \(wanted) arguments; it has \(count)", at: rule.site)
  }

  private mutating func compileChoice(
    _ rule: JSONNode.Member, _ arguments: [JSONNode], at place: String, depth: Int
  ) -> Int32 {
    check(arguments.count, within: 1...Int.max, rule)
    let span = draft.span(compileAll(arguments, at: place, depth: depth))
    switch rule.name {
    case "if": return draft.add(.branch(span), at: place)
    case "and": return draft.add(.and(span), at: place)
    default: return draft.add(.or(span), at: place)
    }
  }

  private mutating func compileCall(
    _ named: Operator, _ rule: JSONNode.Member, _ arguments: [JSONNode], at place: String, depth: Int
  ) -> Int32 {
    check(arguments.count, within: named.arity, rule)
    if named == .semanticVersion { checkComparison(arguments) }
    let parts = compileAll(arguments, at: place, depth: depth)
    if named == .contains, parts.count == 2, let set = textSet(constant(parts[1])) {
      draft.textSets.append(Program.Span(start: Int32(draft.texts.count), count: Int32(set.count)))
      draft.texts.append(contentsOf: set)
      let index = Int32(draft.textSets.count - 1)
      if let name = property(parts[0]) {
        return draft.add(.hasOneOf(name: name, text: parts[0], set: index), at: place)
      }
      return draft.add(.isOneOf(parts[0], set: index), at: place)
    }
    let span = draft.span(parts)
    return draft.add(.call(named, span), at: place)
  }

  /// The name of the property that a node asks for, when it asks for just that.
  private func property(_ index: Int32) -> Int32? {
    guard case .variable(let path, fallback: -1) = draft.nodes[Int(index)],
      case .names(let span) = draft.paths[Int(path)], span.count == 1,
      draft.names[Int(span.start)].text != "$flagd"
    else { return nil }
    return span.start
  }

  private func textSet(_ value: JSONValue?) -> [String]? {
    guard case .list(let items) = value else { return nil }
    let texts = items.compactMap(\.text)
    return texts.count == items.count ? texts.sorted { $0.standsBefore($1) } : nil
  }

  private mutating func checkComparison(_ arguments: [JSONNode]) {
    for (index, argument) in arguments.prefix(3).enumerated() {
      guard let text = argument.text else { continue }
      if index == 1, !["=", "!=", "<", "<=", ">", ">=", "~", "^"].contains(text) {
        note("`sem_ver` does not compare by `\(text)`", at: argument, help: "It knows = != < <= > >= ~ ^.")
      } else if index != 1, SemanticVersion(text) == nil {
        note("`\(text)` is no semantic version", at: argument, help: "Write it as in `1.4.0` or `2.0.0-rc.1`.")
      }
    }
  }
}

/// What a compiler has to say about a rule, at an offset of its text.
struct RuleProblem {
  var offset: Int
  var message: String
  var help: String?
}

extension JSONNumber {
  /// What is wrong with an integer that doubles do not tell from its neighbours; `nil` when nothing is.
  var inexactness: String? {
    guard value.magnitude > 9_007_199_254_740_991, !authored.isEmpty,
      authored.utf8.allSatisfy({ 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "-") })
    else { return nil }
    return "\(authored) is beyond 2⁵³−1, where readers no longer tell neighbours apart"
  }
}
