/// People to reckon with before a change: made up, the same for the same rules.
package enum Population {
  /// How many are asked about unless somebody says otherwise.
  package static let standardCount = 10_000

  /// Contexts that differ in their keys and in everything the rules look at: each property takes the values it is
  /// compared with, numbers beside those, something else, and none; what people are split by differs from person to person.
  ///
  /// Shares of a rule's conditions say nothing of the real users; who moves within them does.
  package static func generated(for rules: [JSONValue?], count: Int = standardCount) -> [JSONObject] {
    var properties = RuleProperties()
    for rule in rules.compactMap(\.self) { properties.collect(from: rule) }
    let known = properties.values.sorted { $0.key.standsBefore($1.key) }
    return (0..<count).map { person in
      var tree = PropertyTree()
      for (place, property) in known.enumerated() {
        // Where people are split by what is compared too, every second one is of those that it is compared with.
        let isSplit = properties.splitBy.contains(property.key)
        let isOfItsOwn = isSplit && (property.value.count < 2 || person.isMultiple(of: 2))
        let own = isOfItsOwn ? JSONValue.text("\(property.key)-\(person)") : nil
        if let value = own ?? property.value.chosen(by: mixed(person, place)) { tree.set(value, at: property.key) }
      }
      let isNamed = person < properties.keys.count
      tree.set(isNamed ? properties.keys[person] : .text("user-\(person)"), at: "targetingKey")
      return tree.object
    }
  }

  /// How many people rules are reckoned over, so that a rule of any size is reckoned in about the same time: nobody's kill
  /// waits for somebody's large rule.
  package static func count(for rules: [JSONValue?]) -> Int {
    let size = rules.reduce(1) { $0 + ($1?.size ?? 0) }
    return min(standardCount, max(20, 1_000_000 / size))
  }

  /// SplitMix64's finaliser.
  private static func mixed(_ person: Int, _ place: Int) -> UInt64 {
    var z = UInt64(person) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(place + 1) &* 0xD1B5_4A32_D192_ED03
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension [JSONValue] {
  /// One of them, or, as often as each, none.
  fileprivate func chosen(by number: UInt64) -> JSONValue? {
    let choice = Int(number % UInt64(count + 1))
    return choice < count ? self[choice] : nil
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
