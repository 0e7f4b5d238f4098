extension JSONValue {
  /// JSON without spaces, members sorted by the bytes of their names, numbers as authored; the same value gives the
  /// same bytes.
  package var written: String {
    var out: [UInt8] = []
    write(to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  /// Appends what `written` gives.
  package func write(to out: inout [UInt8]) {
    switch self {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let bool): out.append(contentsOf: (bool ? "true" : "false").utf8)
    case .number(let number): out.append(contentsOf: number.written.utf8)
    case .text(let text): Self.write(text, to: &out)
    case .list(let items):
      out.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        item.write(to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .object(let object): object.write(to: &out)
    }
  }

  /// A text in quotes.
  package static func write(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(contentsOf: [UInt8(ascii: "\\"), byte])
      case 0x0a: out.append(contentsOf: "\\n".utf8)
      case 0x0d: out.append(contentsOf: "\\r".utf8)
      case 0x09: out.append(contentsOf: "\\t".utf8)
      case ..<0x20:
        out.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
        out.append(contentsOf: String(byte, radix: 16).utf8)
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}

extension JSONObject {
  fileprivate func write(to out: inout [UInt8]) {
    out.append(UInt8(ascii: "{"))
    for (index, member) in members.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      JSONValue.write(member.name.text, to: &out)
      out.append(UInt8(ascii: ":"))
      member.value.write(to: &out)
    }
    out.append(UInt8(ascii: "}"))
  }
}

extension JSONNumber {
  /// As authored; a computed number as ECMAScript writes it; `null` for one that JSON cannot say.
  package var written: String {
    if !authored.isEmpty { return authored }
    return value.isFinite ? Coercion.text(of: value) : "null"
  }
}
