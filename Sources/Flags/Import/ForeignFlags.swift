package import PipelineModel

/// Flags of another system as flagd definitions, with what was lost on the way.
package struct ForeignFlags: Sendable {
  /// Those that were carried over, in the order of their file.
  package private(set) var flags: [ImportedFlag] = []
  /// In the order of their places. An error names a flag that was left out.
  package private(set) var problems: [FlagProblem] = []

  /// The systems whose files are read.
  package enum Source: String, Hashable, Sendable, CaseIterable {
    case unleash, goff
  }

  /// Reads the file of another system.
  ///
  /// - Parameters:
  ///   - root: what the file says, with places in `text`.
  ///   - environment: of a file that has several, which one to take.
  ///   - now: what a rule that changes with time has come to.
  package static func read(
    _ source: Source, _ root: JSONNode, in text: [UInt8], environment: String? = nil, now: Timestamp
  ) -> ForeignFlags {
    var report = ImportReport(text)
    let drafts: [ForeignFlag]
    switch source {
    case .unleash: drafts = UnleashFile(root, environment: environment, &report).drafts(&report)
    case .goff: drafts = GoFeatureFlagFile(root, now: now).drafts(&report)
    }
    var result = ForeignFlags()
    result.flags = drafts.compactMap { report.finish($0) }
    result.problems = report.sorted
    return result
  }

  /// The same of a text that is JSON.
  package static func read(
    _ source: Source, json text: [UInt8], environment: String? = nil, now: Timestamp
  ) -> ForeignFlags {
    do throws(JSONRefusal) {
      let root = try JSONParser.node(in: text, limits: .definitions)
      return read(source, root, in: text, environment: environment, now: now)
    } catch {
      var result = ForeignFlags()
      result.problems = [FlagProblem(severity: .error, place: error.place, message: error.message)]
      return result
    }
  }

  /// A flagd file with all of them.
  package var definition: JSONValue {
    let members = flags.map { ($0.flag.key, $0.definition) }
    return .object(JSONObject([("flags", .object(JSONObject(members)))]))
  }
}

/// One flag that was carried over.
package struct ImportedFlag: Sendable {
  /// As it is evaluated here.
  package var flag: Flag
  package var definition: JSONValue
  /// What its file says it is for.
  package var purpose: String?
  let original: any ForeignRule

  /// The variant that the other system gives somebody; `nil`: the client's own default.
  package func original(for context: JSONObject, at now: Timestamp) -> String? {
    original.variant(for: context, at: now)
  }

  /// Who gets another variant here than there, exactly, for a population.
  /// People to reckon with, made up for what its rule looks at.
  package var population: [JSONObject] {
    let rules = [definition.object?["targeting"]]
    return Population.generated(for: rules, count: Population.count(for: rules))
  }

  package func movement(over population: some Sequence<JSONObject>, at now: Timestamp) -> Movement {
    Movement.over(population) { person in
      let way = Movement.Way(from: original.variant(for: person, at: now), to: flag.resolve(person, at: now).variant)
      return way.from == way.to ? nil : way
    }
  }
}

/// A rule as the other system evaluates it.
protocol ForeignRule: Sendable {
  /// `nil`: the client's own default.
  func variant(for context: JSONObject, at now: Timestamp) -> String?
}

/// A flag of another system, half way here.
struct ForeignFlag {
  var key: String
  /// Where it stands.
  var offset: Int
  var definition: JSONValue
  var purpose: String?
  var original: any ForeignRule
}

/// Collects what is lost on the way.
struct ImportReport {
  private var problems: FlagProblems
  private var errors: Set<String> = []

  init(_ text: [UInt8]) { problems = FlagProblems(text) }

  var sorted: [FlagProblem] {
    problems.all.sorted { ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column) }
  }

  /// What is said from here on is about this flag.
  mutating func begin(_ key: String?) { problems.flag = key }

  /// Something that cannot be carried over: its flag is left out.
  mutating func refuse(_ message: String, at node: JSONNode, help: String? = nil) {
    problems.add(message, at: node.offset, help: help)
    if let flag = problems.flag { errors.insert(flag) }
  }

  /// Something that is carried over with a difference.
  mutating func warn(_ message: String, at node: JSONNode, help: String? = nil) {
    problems.add(message, at: node.offset, help: help, severity: .warning)
  }

  /// The flag with its definition read as any other; `nil` of one that is left out.
  mutating func finish(_ draft: ForeignFlag) -> ImportedFlag? {
    begin(draft.key)
    defer { begin(nil) }
    guard !errors.contains(draft.key) else { return nil }
    let document = JSONValue.object(JSONObject([("flags", .object(JSONObject([(draft.key, draft.definition)])))]))
    let reading = FlagSet.read(Array(document.written.utf8))
    let place = JSONNode(shape: .null, offset: draft.offset)
    for problem in reading.problems where problem.severity == .error {
      refuse(problem.message, at: place, help: problem.help)
    }
    guard !errors.contains(draft.key), let flag = reading.set?[draft.key] else { return nil }
    return ImportedFlag(flag: flag, definition: draft.definition, purpose: draft.purpose, original: draft.original)
  }
}

/// Rules as they are written.
enum Logic {
  static func apply(_ name: String, _ arguments: JSONValue...) -> JSONValue { apply(name, arguments) }

  static func apply(_ name: String, _ arguments: [JSONValue]) -> JSONValue {
    .object(JSONObject([(name, .list(arguments))]))
  }

  static func variable(_ path: String) -> JSONValue { .object(JSONObject([("var", .text(path))])) }

  static func not(_ condition: JSONValue) -> JSONValue { apply("!", condition) }

  /// All of them; `true` of none.
  static func all(_ conditions: [JSONValue]) -> JSONValue {
    conditions.count == 1 ? conditions[0] : conditions.isEmpty ? .bool(true) : apply("and", conditions)
  }

  /// Any of them; `false` of none.
  static func any(_ conditions: [JSONValue]) -> JSONValue {
    conditions.count == 1 ? conditions[0] : conditions.isEmpty ? .bool(false) : apply("or", conditions)
  }

  /// The outcome of the first condition that holds. What always holds ends the chain, what never does is left out.
  static func chain(_ branches: [(when: JSONValue, then: JSONValue)], otherwise: JSONValue) -> JSONValue {
    var arguments: [JSONValue] = []
    var last = otherwise
    for branch in branches {
      if branch.when == .bool(false) { continue }
      if branch.when == .bool(true) {
        last = branch.then
        break
      }
      arguments += [branch.when, branch.then]
    }
    return arguments.isEmpty ? last : apply("if", last.isNull ? arguments : arguments + [last])
  }

  /// Variants by their weights for the hash of a key; the flag's and the user's key without one.
  static func split(_ key: JSONValue?, _ buckets: [(name: String, weight: Int)]) -> JSONValue {
    let kept = buckets.filter { $0.weight > 0 }
    if kept.count == 1 { return .text(kept[0].name) }
    return apply(
      "fractional", (key.map { [$0] } ?? []) + kept.map { .list([.text($0.name), .number(Double($0.weight))]) })
  }
}

extension JSONValue {
  /// As the other systems, whose contexts are texts, see it; `nil` of nothing.
  var plainText: String? {
    switch self {
    case .text(let text): text
    case .number(let number): number.written
    case .bool(let bool): bool ? "true" : "false"
    case .null, .list, .object: nil
    }
  }
}
