import PipelineModel

/// How a value is written: its shape for machines, and how to read it.
struct Form<Value>: Sendable {
  let shape: Shape
  /// `nil`: it cannot be read, and the reason has been reported.
  let read: @Sendable (SyntaxNode, Reader) -> Value?

  init(_ shape: Shape, read: @escaping @Sendable (SyntaxNode, Reader) -> Value?) {
    self.shape = shape
    self.read = read
  }
}

/// What forms need at hand while they read one file.
final class Reader {
  let source: SourceText
  let sink: DiagnosticSink
  /// Secrets that settings refer to, to be looked up when all of the file is read.
  var secretUses: [Located<String>] = []
  /// Providers that are named as another one's fallback, each with the kind of that other one.
  var fallbackUses: [(of: String, to: Located<String>)] = []

  /// Roles that are named, to be looked up when all of the file is read.
  var roleUses: [Located<String>] = []
  /// What a scenario names of its pipeline, to be looked up when all of the file is read.
  var nameUses: [ScenarioName] = []
  /// Whether a plugin could not be read, so that kinds may be known that are not.
  var lacksKinds = false
  /// Backends of which not all could be read, by their places.
  var partialBackends: Set<Place> = []
  /// Names of the author's choice whose value could not be read: nobody may be told that there are none of these names.
  var unread: Set<String> = []

  init(source: SourceText, sink: DiagnosticSink) {
    self.source = source
    self.sink = sink
  }

  /// The text of a scalar; anything else is reported as not being `noun`.
  func text(_ node: SyntaxNode, wanting noun: String, help: String? = nil) -> String? {
    guard case .scalar(let scalar) = node.content, !node.isEmpty else {
      sink.error("\(noun) is wanted here, not \(node.noun)", at: node.place, help: help)
      return nil
    }
    return scalar.text
  }

  func scalarText(_ node: SyntaxNode) -> ScalarText? {
    guard case .scalar(let scalar) = node.content else { return nil }
    return ScalarText(scalar, at: node.place, in: source)
  }

  /// Checks a mapping's keys against its form, reads each value once, and says what is unknown or missing.
  func fields(_ node: SyntaxNode, _ form: ObjectForm) -> Fields? {
    guard let entries = node.isEmpty ? [] : node.mapEntries else {
      sink.error(
        "a mapping is wanted here, not \(node.noun)", at: node.place,
        help: "with the keys \(form.names.map(quote).joined(separator: ", "))")
      return nil
    }
    var fields = Fields(place: node.place)
    let written = Set(entries.map(\.key.value))
    for entry in entries {
      if let key = form.keys.first(where: { $0.name == entry.key.value }) {
        read(entry, as: key, into: &fields)
      } else if let meant = refuse(entry.key, form), !written.contains(meant.name) {
        read(entry, as: meant, into: &fields)
      }
    }
    for key in form.keys where !fields.has(key.name) {
      if node.isPartial {
        fields.note(key.name, at: node.place)
      } else if key.isRequired {
        sink.missing(key, at: node.place)
      }
    }
    // What is not written of a part may be meant all the same.
    if !node.isPartial { check(form.rules, fields) }
    return fields
  }

  private func read(_ entry: SyntaxNode.Entry, as key: any KeyDescription, into fields: inout Fields) {
    fields.note(key.name, at: entry.key.place)
    if case .scalar(let scalar) = entry.value.content { fields.note(key.name, written: scalar.text) }
    if entry.value.isEmpty {
      sink.error("\(quote(key.name)) has no value", at: entry.key.place, help: key.about)
    } else if let value = key.readAny(entry.value, self) {
      fields.set(key.name, value, at: entry.value.place)
    }
  }

  /// Returns the key that was probably meant, so that it is not also reported as missing, and its value is looked at.
  private func refuse(_ key: Located<String>, _ form: ObjectForm) -> (any KeyDescription)? {
    if let advice = form.refused[key.value] {
      sink.error("\(quote(key.value)) is not possible here", at: key.place, help: advice)
      return nil
    }
    sink.unknownKey("key", key.value, among: form.names, at: key.place)
    let meant = nearKey(of: key.value, among: form.names)
    return form.keys.first { $0.name == meant }
  }
}

extension DiagnosticSink {
  func missing(_ key: any KeyDescription, at place: Place) {
    error("the key \(quote(key.name)) is missing", at: place, help: key.about)
  }
}

/// The values of a mapping, by key.
struct Fields {
  let place: Place
  private var keyPlaces: [String: Place] = [:]
  private var values: [String: (value: Any, place: Place)] = [:]
  private var texts: [String: String] = [:]

  init(place: Place) { self.place = place }

  fileprivate mutating func note(_ name: String, at place: Place) { keyPlaces[name] = place }
  fileprivate mutating func note(_ name: String, written text: String) { texts[name] = text }
  fileprivate mutating func set(_ name: String, _ value: Any, at place: Place) { values[name] = (value, place) }

  /// Whether the key is written, or one that probably means it; readable or not.
  func has(_ name: String) -> Bool { keyPlaces[name] != nil }

  /// Where the key is written, or one that probably means it.
  func keyPlace(_ name: String) -> Place? { keyPlaces[name] }

  /// The text under a key, whatever was made of it; `nil`: there is none, or it is no text.
  func text(_ name: String) -> String? { texts[name] }

  /// Keys that are written, and could not be read.
  var unreadable: Set<String> { Set(keyPlaces.keys).subtracting(values.keys) }

  /// Whether a key that is not in `names` is written.
  func hasAny(besides names: [String]) -> Bool { keyPlaces.keys.contains { !names.contains($0) } }

  /// `nil`: not written, or not readable.
  subscript<Value>(_ key: Key<Value>) -> Located<Value>? {
    guard let found = values[key.name], let value = found.value as? Value else { return nil }
    return Located(value, at: found.place)
  }

  /// What is written under a key; its value is `nil` where it could not be read, and that has been reported. `nil`: nothing
  /// is written, and the default holds.
  func written<Value>(_ key: Key<Value>) -> Located<Value?>? {
    if let found = self[key] { return Located(found.value, at: found.place) }
    return unreadable.contains(key.name) ? Located(nil, at: place(of: key)) : nil
  }

  /// Where the key is written, or else where the mapping begins.
  func place<Value>(of key: Key<Value>) -> Place { keyPlaces[key.name] ?? place }
}
