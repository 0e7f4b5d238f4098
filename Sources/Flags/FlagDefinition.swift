/// The flagd definition of one flag, as a value that can be changed.
package struct FlagDefinition: Equatable, Sendable {
  package private(set) var members: JSONObject

  /// - Throws: for what is no JSON object; whether it is a flag, `reading` says.
  package init(text: String) throws(JSONRefusal) {
    let value = try JSONParser.value(in: Array(text.utf8), limits: .definitions)
    guard case .object(let members) = value else {
      throw JSONRefusal(place: JSONPlace(line: 1, column: 1), message: "a flag is an object")
    }
    self.init(members)
  }

  package init(_ members: JSONObject) { self.members = members }

  /// JSON without spaces and with sorted members; the same definition gives the same text.
  package var canonical: String { JSONValue.object(members).written }

  package var state: Flag.State? {
    get { members["state"]?.text.flatMap(Flag.State.init) }
    set { set("state", to: newValue.map { .text($0.rawValue) }) }
  }

  package var defaultVariant: String? {
    get { members["defaultVariant"]?.text }
    set { set("defaultVariant", to: newValue.map { .text($0) }) }
  }

  /// `nil` when everybody has the default variant.
  package var targeting: JSONValue? {
    get {
      guard let rule = members["targeting"], !rule.isNull, rule.object?.isEmpty != true else { return nil }
      return rule
    }
    set { set("targeting", to: newValue) }
  }

  package var variants: JSONObject {
    get { members["variants"]?.object ?? JSONObject() }
    set { set("variants", to: .object(newValue)) }
  }

  /// The variant whose value is true; `nil` of a flag that has none, or several.
  package var trueVariant: String? {
    let names = variants.members.filter { $0.value == .bool(true) }.map(\.name.text)
    return names.count == 1 ? names[0] : nil
  }

  private mutating func set(_ name: String, to value: JSONValue?) {
    let others = members.members.filter { !$0.name.text.hasSameBytes(as: name) }.map { ($0.name.text, $0.value) }
    members = JSONObject(others + (value.map { [(name, $0)] } ?? []))
  }

  /// The flag as it is evaluated, and everything there is to say about its definition.
  package func reading(key: String, _ generation: Generation) -> FlagReading {
    let set = JSONValue.object(JSONObject([("flags", .object(JSONObject([(key, .object(members))])))]))
    var bytes: [UInt8] = []
    set.write(to: &bytes)
    return FlagSet.read(bytes, generation: generation)
  }
}
