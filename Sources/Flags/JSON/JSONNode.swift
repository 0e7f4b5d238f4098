/// A value of a text and where in it the value begins.
package struct JSONNode: Sendable {
  package enum Shape: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case text(String)
    case list([JSONNode])
    /// In the order of the text; every name once.
    case object([Member])
  }

  package struct Member: Sendable {
    package var name: String
    /// Of the name.
    package var offset: Int
    package var node: JSONNode

    package init(name: String, offset: Int, node: JSONNode) {
      self.name = name
      self.offset = offset
      self.node = node
    }

    /// Stands for the name where a place is wanted.
    var site: JSONNode { JSONNode(shape: .text(name), offset: offset) }
  }

  package var shape: Shape
  /// In bytes from the start of the text.
  package var offset: Int

  package init(shape: Shape, offset: Int) {
    self.shape = shape
    self.offset = offset
  }

  /// A member of an object; `nil` where there is none, and of what is no object.
  package subscript(name: String) -> JSONNode? {
    members?.first { $0.name.hasSameBytes(as: name) }?.node
  }

  package var members: [Member]? { if case .object(let members) = shape { members } else { nil } }
  package var items: [JSONNode]? { if case .list(let items) = shape { items } else { nil } }
  package var text: String? { if case .text(let text) = shape { text } else { nil } }
  package var isNull: Bool { if case .null = shape { true } else { false } }

  /// The value without its places.
  package var value: JSONValue {
    switch shape {
    case .null: .null
    case .bool(let bool): .bool(bool)
    case .number(let number): .number(number)
    case .text(let text): .text(text)
    case .list(let items): .list(items.map(\.value))
    case .object(let members): .object(JSONObject(members.map { ($0.name, $0.node.value) }))
    }
  }
}

/// A place in a text, both from 1; a column counts bytes.
package struct JSONPlace: Hashable, Sendable, CustomStringConvertible {
  package var line: Int
  package var column: Int

  package var description: String { "line \(line), column \(column)" }
}

/// Where the lines of a text begin.
struct LineIndex {
  private var starts = [0]

  init(_ bytes: [UInt8]) {
    for (index, byte) in bytes.enumerated() where byte == 0x0a { starts.append(index + 1) }
  }

  func place(of offset: Int) -> JSONPlace {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return JSONPlace(line: low + 1, column: offset - starts[low] + 1)
  }
}
