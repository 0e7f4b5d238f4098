/// People to reckon with before a change: made up, the same for the same rules.
package enum Population {
  /// How many are asked about unless somebody says otherwise.
  package static let standardCount = 10_000

  /// Contexts that differ in their keys and in everything the rules look at: each property takes the values it is
  /// compared with, numbers beside those, and none.
  ///
  /// Shares of a rule's conditions say nothing of the real users; who moves within them does.
  package static func generated(for rules: [JSONValue?], count: Int = standardCount) -> [JSONObject] {
    var properties = Properties()
    for rule in rules.compactMap(\.self) { properties.collect(from: rule) }
    let known = properties.values.sorted { $0.key.standsBefore($1.key) }
    return (0..<count).map { person in
      var tree = PropertyTree()
      for (place, property) in known.enumerated() {
        let choice = Int(mixed(person, place) % UInt64(property.value.count + 1))
        if choice < property.value.count { tree.set(property.value[choice], at: property.key) }
      }
      let isNamed = person < properties.keys.count
      tree.set(isNamed ? properties.keys[person] : .text("user-\(person)"), at: "targetingKey")
      return tree.object
    }
  }

  /// SplitMix64's finaliser.
  private static func mixed(_ person: Int, _ place: Int) -> UInt64 {
    var z = UInt64(person) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(place + 1) &* 0xD1B5_4A32_D192_ED03
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// What rules look at, each with what it is compared with.
private struct Properties {
  private(set) var values: [String: [JSONValue]] = [:]
  /// People whom the rules name.
  private(set) var keys: [JSONValue] = []
  private static let most = 40

  mutating func collect(from rule: JSONValue) {
    if let items = rule.list { for item in items { collect(from: item) } }
    guard let members = rule.object?.members else { return }
    for member in members {
      let arguments = member.value.list ?? [member.value]
      note(arguments.flatMap(\.paths), comparedWith: arguments.flatMap(\.constants))
      collect(from: member.value)
    }
  }

  private mutating func note(_ paths: [String], comparedWith constants: [JSONValue]) {
    if paths.contains("targetingKey") {
      keys += constants.filter { $0.text != nil && !keys.contains($0) }.prefix(Self.most)
    }
    for path in paths where path != "targetingKey" && !path.beginsWithBytes(of: "$flagd") && values.count < Self.most {
      for value in constants.flatMap(\.besides) where !values[path, default: []].contains(value) {
        values[path, default: []].append(value)
      }
    }
  }
}

extension JSONValue {
  /// What a `var` names.
  fileprivate var paths: [String] {
    guard let (name, arguments) = operation, name == "var", let path = arguments.first?.text, !path.isEmpty else {
      return []
    }
    return [path]
  }

  /// Itself, or its items, where a rule computes nothing.
  fileprivate var constants: [JSONValue] {
    switch self {
    case .bool, .number, .text: [self]
    case .list(let items): items.flatMap(\.constants)
    case .null, .object: []
    }
  }

  /// Itself and, of a number, those on either side.
  fileprivate var besides: [JSONValue] {
    guard case .number(let number) = self else { return [self] }
    return [self, .number(number.value - 1), .number(number.value + 1)]
  }
}

/// Properties by their paths, `a.b` inside `a`.
private struct PropertyTree {
  private var leaves: [(path: [String], value: JSONValue)] = []

  mutating func set(_ value: JSONValue, at path: String) {
    leaves.append((VariablePath.components(of: path).map(\.text), value))
  }

  var object: JSONObject { Self.object(leaves) }

  private static func object(_ leaves: [(path: [String], value: JSONValue)]) -> JSONObject {
    var pairs: [(name: String, value: JSONValue)] = []
    var inner: [String: [(path: [String], value: JSONValue)]] = [:]
    for leaf in leaves {
      guard let first = leaf.path.first else { continue }
      if leaf.path.count == 1 {
        pairs.append((first, leaf.value))
      } else {
        inner[first, default: []].append((Array(leaf.path.dropFirst()), leaf.value))
      }
    }
    for (name, leaves) in inner { pairs.append((name, .object(object(leaves)))) }
    return JSONObject(pairs)
  }
}
