package import PipelineModel

extension Answer {
  /// The answer as JSON; `null` for numbers that JSON does not have.
  package var json: String {
    switch self {
    case .null: "null"
    case .bool(let isTrue): isTrue ? "true" : "false"
    case .number(let number): Self.json(number)
    case .text(let text): Self.json(text)
    case .list(let items): "[\(items.map(\.json).joined(separator: ","))]"
    case .object(let members):
      "{\(members.map { "\(Self.json($0.name)):\($0.value.json)" }.joined(separator: ","))}"
    }
  }

  private static func json(_ number: Double) -> String {
    if !number.isFinite { return "null" }
    return Int64(exactly: number).map { "\($0)" } ?? "\(number)"
  }

  private static func json(_ text: String) -> String {
    var json = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": json += "\\\""
      case "\\": json += "\\\\"
      case _ where scalar.value < 32:
        let hex = String(scalar.value, radix: 16)
        json += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: json.unicodeScalars.append(scalar)
      }
    }
    return json + "\""
  }
}
