import PipelineModel

/// What must hold among the keys of an object, as far as JSON schema can say it.
struct SchemaRules {
  private let rules: [SettingsRule]

  init(_ rules: [SettingsRule]) { self.rules = rules }

  var members: [(String, JSONText)] {
    let (needs, choices) = (needs, choices)
    return (needs.isEmpty ? [] : [("dependentRequired", .object(needs))])
      + (choices.isEmpty ? [] : [("allOf", .list(choices))])
  }

  private var needs: [(String, JSONText)] {
    var names: [String] = []
    var needed: [String: [JSONText]] = [:]
    for case .needs(let name, let other) in rules {
      if needed[name] == nil { names.append(name) }
      needed[name, default: []].append(.text(other))
    }
    return names.map { ($0, .list(needed[$0] ?? [])) }
  }

  private var choices: [JSONText] {
    rules.compactMap { rule in
      switch rule {
      case .oneOf(let names): .object([("oneOf", .list(names.map { Self.has([$0]) }))])
      case .atMostOneOf(let names): .object([("not", .object([("anyOf", .list(Self.pairs(names).map(Self.has)))]))])
      case .needs, .differ: nil
      }
    }
  }

  private static func has(_ names: [String]) -> JSONText {
    .object([("required", .list(names.map(JSONText.text)))])
  }

  private static func pairs(_ names: [String]) -> [[String]] {
    names.indices.flatMap { i in names[(i + 1)...].map { [names[i], $0] } }
  }
}
