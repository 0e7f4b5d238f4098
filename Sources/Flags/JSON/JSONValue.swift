/// Any JSON value, texts equal by their bytes, numbers by their value, objects whatever the order of their members.
package enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case text(String)
  case list([JSONValue])
  case object(JSONObject)

  package static func number(_ number: Double) -> JSONValue { .number(JSONNumber(number)) }
}

/// A number, and how its author wrote it: `1.0` stays `1.0`.
package struct JSONNumber: Sendable {
  package var value: Double
  /// Empty of a number that was computed.
  package var authored: String

  /// A computed number.
  package init(_ value: Double, authored: String = "") {
    self.value = value
    self.authored = authored
  }
}

extension JSONNumber: Equatable {
  package static func == (a: JSONNumber, b: JSONNumber) -> Bool { a.value == b.value }
}

extension JSONValue: Equatable {
  package static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.text(let a), .text(let b)): a.hasSameBytes(as: b)
    case (.list(let a), .list(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    case (.null, _), (.bool, _), (.number, _), (.text, _), (.list, _), (.object, _): false
    }
  }
}

extension JSONValue {
  package var text: String? { if case .text(let text) = self { text } else { nil } }
  package var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
  package var list: [JSONValue]? { if case .list(let list) = self { list } else { nil } }
  package var isNull: Bool { if case .null = self { true } else { false } }

  /// What a person calls it.
  package var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .text: "a text"
    case .list: "a list"
    case .object: "an object"
    }
  }
}
