/// Settings of a backend, already checked against its `SettingsSchema`: types are right, required ones are there.
package struct Settings: Hashable, Sendable {
  package var values: [String: Value]
  package init(_ values: [String: Value] = [:]) { self.values = values }

  package indirect enum Value: Hashable, Sendable {
    case text(String)
    case number(Double)
    case bool(Bool)
    case duration(Interval)
    case list([Value])
    case map(Settings)
    /// The name of a secret; its value is read when it is used.
    case secret(String)
  }

  package subscript(name: String) -> Value? { values[name] }

  package func text(_ name: String) -> String? {
    if case .text(let value)? = values[name] { value } else { nil }
  }
  package func number(_ name: String) -> Double? {
    if case .number(let value)? = values[name] { value } else { nil }
  }
  package func bool(_ name: String) -> Bool? {
    if case .bool(let value)? = values[name] { value } else { nil }
  }
  package func duration(_ name: String) -> Interval? {
    if case .duration(let value)? = values[name] { value } else { nil }
  }
  package func map(_ name: String) -> Settings? {
    if case .map(let value)? = values[name] { value } else { nil }
  }
  package func secret(_ name: String) -> String? {
    if case .secret(let value)? = values[name] { value } else { nil }
  }
}
