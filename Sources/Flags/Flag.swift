/// One flag, ready to be evaluated.
package final class Flag: Sendable {
  package enum State: String, Hashable, Sendable { case enabled = "ENABLED", disabled = "DISABLED" }

  package struct Variant: Equatable, Sendable {
    package var name: String
    package var value: JSONValue
  }

  enum Targeting: Sendable {
    /// Everybody gets the default variant.
    case none
    /// Nobody can be told anything, and why.
    case broken(String)
    case rule(Program)
  }

  package let key: String
  package let state: State
  /// In the order of the definition.
  package let variants: [Variant]
  let defaultIndex: Int?
  /// The set's, overlaid by the flag's.
  package let metadata: JSONObject
  let targeting: Targeting
  /// Of the rule, if there is one: an evaluation needs nothing else of it. `targeting` keeps the program, and with it this
  /// memory, which nobody writes once it is made; so any thread may read it.
  nonisolated(unsafe) let tables: ProgramTables?
  package let generation: Generation
  private let node: JSONNode

  init(
    key: String, state: State, variants: [Variant], defaultIndex: Int?, metadata: JSONObject, targeting: Targeting,
    generation: Generation, node: JSONNode
  ) {
    self.key = key
    self.state = state
    self.variants = variants
    self.defaultIndex = defaultIndex
    self.metadata = metadata
    self.targeting = targeting
    tables = if case .rule(let program) = targeting { program.tables } else { nil }
    self.generation = generation
    self.node = node
  }

  /// The flagd definition, as it was read.
  package var definition: JSONValue { node.value }

  package var defaultVariant: String? { defaultIndex.map { variants[$0].name } }

  /// Type of all variants; `nil` of a definition that mixes them.
  package var kind: ValueKind? {
    let kinds = Set(variants.map { ValueKind($0.value) })
    return kinds.count == 1 ? kinds.first ?? nil : nil
  }
}

/// Type of a flag.
package enum ValueKind: String, Hashable, Sendable, CaseIterable {
  case boolean, string, number, object

  /// `nil` for null and lists, which no variant is.
  package init?(_ value: JSONValue) {
    switch value {
    case .bool: self = .boolean
    case .text: self = .string
    case .number: self = .number
    case .object: self = .object
    case .null, .list: return nil
    }
  }
}

/// Type that a client asks for.
package enum Accessor: String, Hashable, Sendable, CaseIterable {
  case boolean, string, integer, number, object

  /// Whether a value may be handed out as this type; a whole number is an integer however it is written.
  package func accepts(_ value: JSONValue) -> Bool {
    switch (self, value) {
    case (.boolean, .bool), (.string, .text), (.number, .number), (.object, .object): true
    case (.integer, .number(let number)): number.value.rounded() == number.value
    case (.boolean, _), (.string, _), (.integer, _), (.number, _), (.object, _): false
    }
  }
}
