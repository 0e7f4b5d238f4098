import PipelineModel

/// What rules look at, each with the values that may make a difference.
struct RuleProperties {
  /// By path.
  private(set) var values: [String: [JSONValue]] = [:]
  /// Paths that people are split by.
  private(set) var splitBy: Set<String> = []
  /// People whom the rules name.
  private(set) var keys: [JSONValue] = []
  private static let most = 40
  /// Something that no rule names.
  private static let other = JSONValue.text("some")

  mutating func collect(from rule: JSONValue) {
    if let items = rule.list { for item in items { collect(from: item) } }
    guard let (name, arguments) = rule.operation else { return }
    switch name {
    case "var": note(rule.paths)
    case "missing": note(arguments.flatMap(\.constants).compactMap(\.text))
    case "missing_some": note(arguments.dropFirst().flatMap(\.constants).compactMap(\.text))
    case "fractional": collect(fromSplit: arguments)
    case "some", "all", "none", "filter", "map", "reduce": collect(fromItemsOf: arguments)
    case "if", "?:", "and", "or", "!", "!!": for argument in arguments { collect(from: argument) }
    case "sem_ver": note(rule.paths, comparedWith: arguments.flatMap(\.constants) + Self.versions)
    case "+", "-", "*", "/", "%", "min", "max": note(rule.paths, comparedWith: rule.constants + Self.numbers)
    default:
      note(rule.paths, comparedWith: rule.constants)
      for argument in arguments { collect(from: argument) }
    }
  }

  private static let versions = ["0.0.0", "9999.0.0"].map(JSONValue.text)
  private static let numbers = [0, 1, 1000].map { JSONValue.number($0) }

  /// A key of its own; the shares say nothing of anybody.
  private mutating func collect(fromSplit arguments: [JSONValue]) {
    for (place, argument) in arguments.enumerated() {
      guard place == 0, argument.list == nil else {
        collect(from: argument)
        continue
      }
      note(argument.paths)
      splitBy.formUnion(argument.paths)
    }
  }

  /// Lists of one item that the condition names, of all of them, and of none; what is inside is of the items.
  private mutating func collect(fromItemsOf arguments: [JSONValue]) {
    guard let subject = arguments.first else { return }
    let constants = arguments.dropFirst().flatMap(\.constants).prefix(Self.most).flatMap(\.besides)
    let fields = arguments.dropFirst().flatMap(\.paths)
    let items = constants.map { constant -> JSONValue in
      fields.isEmpty ? constant : .object(JSONObject(fields.map { ($0, constant) }))
    }
    note(subject.paths, comparedWith: [])
    for path in subject.paths { add([.list([])] + items.map { .list([$0]) } + [.list(items)], to: path) }
    collect(from: subject)
  }

  private mutating func note(_ paths: [String], comparedWith constants: [JSONValue] = []) {
    if paths.contains("targetingKey") {
      keys += constants.filter { $0.text != nil && !keys.contains($0) }.prefix(Self.most)
    }
    for path in paths where path != "targetingKey" && !path.beginsWithBytes(of: "$flagd") {
      guard values[path] != nil || values.count < Self.most else { continue }
      add([Self.other] + constants.flatMap(\.besides), to: path)
    }
  }

  private mutating func add(_ more: [JSONValue], to path: String) {
    for value in more where !values[path, default: []].contains(value) { values[path, default: []].append(value) }
  }
}

extension JSONValue {
  /// How many values it is of, itself and those inside.
  var size: Int {
    switch self {
    case .list(let items): items.reduce(1) { $0 + $1.size }
    case .object(let object): object.members.reduce(1) { $0 + $1.value.size }
    case .bool, .number, .text, .null: 1
    }
  }

  /// Whether people are put into other buckets as time goes by.
  var splitsByTime: Bool {
    if let items = list { return items.contains(where: \.splitsByTime) }
    guard let (name, arguments) = operation else { return false }
    let key = name == "fractional" ? arguments.first.flatMap { $0.list == nil ? $0 : nil } : nil
    return key?.paths.contains("$flagd.timestamp") ?? false || arguments.contains(where: \.splitsByTime)
  }

  /// Instants that a rule compares the time of an evaluation with, in order.
  var instants: [Timestamp] {
    var found: Set<Timestamp> = []
    collectInstants(into: &found)
    return found.sorted()
  }

  private func collectInstants(into found: inout Set<Timestamp>) {
    if let items = list { for item in items { item.collectInstants(into: &found) } }
    guard let (_, arguments) = operation else { return }
    if arguments.contains(where: { $0.paths.contains("$flagd.timestamp") }) {
      for case .number(let number) in arguments.flatMap(\.constants) {
        guard let seconds = Int64(exactly: number.value.rounded()), 0...Self.farthest ~= seconds else { continue }
        found.insert(Timestamp(milliseconds: seconds * 1000))
      }
    }
    for argument in arguments { argument.collectInstants(into: &found) }
  }

  /// The year 9999, in seconds.
  private static let farthest: Int64 = 253_402_300_799

  /// What it looks at, here and deeper, outside of what is asked of the items of a list.
  fileprivate var paths: [String] {
    switch self {
    case .list(let items): return items.flatMap(\.paths)
    case .bool, .number, .text, .null: return []
    case .object:
      guard let (name, arguments) = operation else { return [] }
      if name == "var" { return arguments.first?.text.map { $0.isEmpty ? [] : [$0] } ?? [] }
      return arguments.flatMap(\.paths)
    }
  }

  /// What it is compared with, here and deeper: all that is neither looked up nor computed.
  fileprivate var constants: [JSONValue] {
    switch self {
    case .bool, .number, .text: return [self]
    case .list(let items): return items.flatMap(\.constants)
    case .null: return []
    case .object:
      guard let (name, arguments) = operation, name != "var" else { return [] }
      return arguments.flatMap(\.constants)
    }
  }

  /// Itself and, of a number, those on either side.
  fileprivate var besides: [JSONValue] {
    guard case .number(let number) = self else { return [self] }
    return [self, .number(number.value - 1), .number(number.value + 1)]
  }
}
