package import PipelineModel

/// JSON schemas (draft 2020-12) of our files, made from the forms that read them, for editors to complete and check.
package enum Schema {
  package static var pipeline: String { text(of: PipelineDraft.object, "pipeline") }

  package static var scenario: String { text(of: ScenarioDraft.object, "scenario") }

  /// With the settings of the given kinds.
  package static func installation(kinds: [BackendKind]) -> String {
    text(of: InstallationForm(kinds: kinds).object, "headgate")
  }

  package static var plugin: String { text(of: PluginForm.object, "plugin") }

  private static func text(of form: ObjectForm, _ name: String) -> String {
    var writer = SchemaWriter()
    let root = writer.members(of: form)
    let head: [(String, JSONText)] = [
      ("$schema", .text("https://json-schema.org/draft/2020-12/schema")), ("title", .text(name)),
    ]
    let definitions = writer.definitions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return JSONText.object(head + root + [("$defs", .object(definitions))]).rendered() + "\n"
  }
}

/// Forms → JSON schema. Every named object becomes a definition, once.
private struct SchemaWriter {
  private(set) var definitions: [String: JSONText] = [:]
  /// The keys of what is defined, by name.
  private var keys: [String: [String]] = [:]

  mutating func members(of form: ObjectForm) -> [(String, JSONText)] {
    var properties: [(String, JSONText)] = []
    for key in form.keys { properties.append((key.name, property(key))) }
    let required = form.keys.filter(\.isRequired).map { JSONText.text($0.name) }
    return [
      ("description", .text(form.about)), ("type", .text("object")), ("properties", .object(properties)),
      ("required", .list(required)), ("additionalProperties", .bool(false)),
    ] + SchemaRules(form.rules).members
  }

  private mutating func property(_ key: any KeyDescription) -> JSONText {
    var about = key.about
    if let fallback = key.fallback { about += "\n\nWithout it: \(fallback)" }
    return .object([("description", .text(about))] + schema(key.shape))
  }

  private mutating func schema(_ shape: Shape) -> [(String, JSONText)] {
    switch shape {
    // Plain YAML scalars such as 017 or true are text to us.
    case .any: []
    case .text: [("type", .list([.text("string"), .text("number"), .text("boolean")]))]
    case .template: [("type", .list([.text("string"), .text("number"), .text("boolean")]))]
    case .identifier:
      [("type", .list([.text("string"), .text("number")])), ("pattern", .text("^[A-Za-z0-9_][A-Za-z0-9_.-]*$"))]
    case .condition: [("type", .text("string")), ("examples", .list([.text("value < 500ms")]))]
    case .duration: pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$", "15m")
    case .percentage: pattern("^[0-9]+(\\.[0-9]+)?%$", "5%")
    case .pattern(let text, let example): pattern(text, example)
    case .number: [("type", .text("number"))]
    case .bool: [("type", .text("boolean"))]
    case .integer(let range):
      [("type", .text("integer")), ("minimum", .integer(range.lowerBound)), ("maximum", .integer(range.upperBound))]
    case .oneOf(let names): [("enum", .list(names.map(JSONText.text)))]
    case .list(let element):
      [("type", .text("array")), ("items", .object(schema(element))), ("minItems", .integer(1))]
    case .map(let value): [("type", .text("object")), ("additionalProperties", .object(schema(value)))]
    case .object(let form): [("$ref", .text("#/$defs/\(define(form))"))]
    case .either(let shapes): [("anyOf", .list(alternatives(shapes)))]
    }
  }

  private mutating func alternatives(_ shapes: [Shape]) -> [JSONText] {
    var alternatives: [JSONText] = []
    for shape in shapes { alternatives.append(.object(schema(shape))) }
    return alternatives
  }

  private func pattern(_ text: String, _ example: String) -> [(String, JSONText)] {
    [("type", .text("string")), ("pattern", .text(text)), ("examples", .list([.text(example)]))]
  }

  private mutating func define(_ form: ObjectForm) -> String {
    let names = form.keys.map(\.name)
    precondition(keys[form.name, default: names] == names, "two forms have the name \(form.name)")
    if definitions[form.name] == nil {
      keys[form.name] = names
      // Held while its members are written, should it occur within itself.
      definitions[form.name] = .object([])
      definitions[form.name] = .object(members(of: form))
    }
    return form.name
  }
}
