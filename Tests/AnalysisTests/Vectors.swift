import Foundation
import Testing

/// Published inputs and outputs, in `Vectors/`; each entry names its source.
enum Vectors {
  static func load(_ name: String) throws -> JSON {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors/\(name)")
    return try JSONDecoder().decode(JSON.self, from: Data(contentsOf: file))
  }
}

/// A JSON value of unknown shape.
indirect enum JSON: Decodable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([JSON].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: JSON].self))
    }
  }

  subscript(name: String) -> JSON {
    if case .object(let members) = self { members[name] ?? .null } else { .null }
  }

  subscript(index: Int) -> JSON { list[index] }

  var isNull: Bool { if case .null = self { true } else { false } }
  var text: String { if case .text(let text) = self { text } else { "" } }
  var list: [JSON] { if case .list(let list) = self { list } else { [] } }
  var bool: Bool { if case .bool(let bool) = self { bool } else { false } }
  /// NaN for the text "NaN" and for what is no number.
  var number: Double { if case .number(let number) = self { number } else { .nan } }
  var numbers: [Double] { list.map(\.number) }
}

/// Equal within a tolerance; NaN equals NaN.
func isNear(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  a.isNaN && b.isNaN || (a - b).magnitude <= tolerance || a == b
}
