extension Settings {
  /// The secrets that it refers to, each once.
  package var secretNames: Set<String> {
    values.values.reduce(into: []) { names, value in names.formUnion(value.secretNames) }
  }
}

extension Settings.Value {
  fileprivate var secretNames: Set<String> {
    switch self {
    case .secret(let name): [name]
    case .map(let settings): settings.secretNames
    case .list(let values): values.reduce(into: []) { $0.formUnion($1.secretNames) }
    case .text, .number, .bool, .duration: []
    }
  }
}
