import PipelineModel

/// What a form looks like, as data: the JSON schema, the near misses and the reference are made from it.
indirect enum Shape: Sendable {
  case text
  /// Letters, digits, `.`, `_`, `-`.
  case identifier
  case template
  case condition
  case duration
  case percentage
  case number
  case integer(ClosedRange<Int>)
  case bool
  case oneOf([String])
  /// Text of a shape of its own; a regular expression in the dialect of JSON schema.
  case pattern(String, example: String)
  case list(Shape)
  /// Any names, each with a value.
  case map(Shape)
  case object(ObjectForm)
  case either([Shape])
  /// Anything: checked elsewhere.
  case any
}

/// The keys of a mapping: the one description that parser, near misses, schema and reference share.
struct ObjectForm: Sendable {
  /// Name in the JSON schema's `$defs`.
  let name: String
  let about: String
  let keys: [any KeyDescription]
  /// Keys that are known and refused, with what to write instead.
  var refused: [String: String] = [:]
  /// What must hold among its keys.
  var rules: [SettingsRule] = []

  var names: [String] { keys.map(\.name) }
}

protocol KeyDescription: Sendable {
  var name: String { get }
  var about: String { get }
  var isRequired: Bool { get }
  /// What leaving the key out means, as one would write it.
  var fallback: String? { get }
  var shape: Shape { get }

  /// `nil`: unreadable, and reported.
  func readAny(_ node: SyntaxNode, _ reader: Reader) -> Any?
}

/// A key whose values are read as `Value`.
struct Key<Value>: KeyDescription {
  let name: String
  let form: Form<Value>
  let about: String
  var isRequired = false
  var fallback: String?

  init(_ name: String, _ form: Form<Value>, required: Bool = false, default fallback: String? = nil, _ about: String) {
    self.name = name
    self.form = form
    self.about = about
    self.isRequired = required
    self.fallback = fallback
  }

  var shape: Shape { form.shape }
  func readAny(_ node: SyntaxNode, _ reader: Reader) -> Any? { form.read(node, reader) }
}
