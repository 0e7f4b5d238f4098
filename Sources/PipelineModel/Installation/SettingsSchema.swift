/// What settings a kind of backend takes. `validate` checks `headgate.yaml` against it and the JSON schema is made from it.
package struct SettingsSchema: Hashable, Sendable {
  package var settings: [Setting]
  /// What must hold among them.
  package var rules: [SettingsRule]

  package init(_ settings: [Setting], rules: [SettingsRule] = []) {
    self.settings = settings
    self.rules = rules
  }

  package struct Setting: Hashable, Sendable {
    package var name: String
    package var type: Kind
    package var format: SettingFormat?
    package var required: Bool
    /// One sentence, shown by editors and by `validate`.
    package var about: String
    package init(
      _ name: String, _ type: Kind, _ format: SettingFormat? = nil, required: Bool = false, about: String
    ) {
      self.name = name
      self.type = type
      self.format = format
      self.required = required
      self.about = about
    }
  }

  package indirect enum Kind: Hashable, Sendable {
    case text, number, bool, duration
    case oneOf([String])
    /// Text with `${name}` places, of these names.
    case template([String])
    case list(Kind)
    /// Any names, each with a value of one kind, for example environment variables or headers.
    case mapOf(Kind)
    case map(SettingsSchema)
    /// `{ secret: name }`
    case secret
  }
}

extension SettingsSchema: ExpressibleByArrayLiteral {
  package init(arrayLiteral settings: Setting...) { self.init(settings) }

  /// The settings of both, under the rules of both.
  package static func + (first: SettingsSchema, second: SettingsSchema) -> SettingsSchema {
    SettingsSchema(first.settings + second.settings, rules: first.rules + second.rules)
  }
}

/// What must hold among the settings of one mapping, beyond what each says for itself.
package enum SettingsRule: Hashable, Sendable {
  /// Exactly one of these is given.
  case oneOf([String])
  /// None of these is given, or one.
  case atMostOneOf([String])
  /// Where the first is given, the second is, too.
  case needs(String, String)
  /// The two are not the same text.
  case differ(String, String)

  /// The two are given, or neither.
  package static func together(_ first: String, _ second: String) -> [SettingsRule] {
    [.needs(first, second), .needs(second, first)]
  }
}

/// What a text or a number must look like, beyond its type: of a list each element, of a mapping of any names each name.
package enum SettingFormat: Hashable, Sendable {
  /// An http or https address that paths are added to: no user, query or fragment.
  case url
  /// `host:port`
  case hostAndPort
  case whole(ClosedRange<Int>)
  /// All of it matches a regular expression; `help` says in words what does.
  case matching(String, example: String, help: String)

  /// A port of TCP.
  package static let port = whole(1...65_535)

  /// RFC 3339.
  package static let instant = matching(
    #"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"#, example: "2026-11-21T16:00:00Z",
    help: "write it such as `2026-11-21T16:00:00Z`")
}
