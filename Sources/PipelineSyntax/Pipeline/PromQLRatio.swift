/// A query that looks like PromQL and divides, read just well enough to see what stands above the line.
struct PromQLRatio {
  /// What stands before the last `/`.
  private let numerator: String
  private let query: String

  /// `nil`: it does not look like PromQL, or does not divide.
  init?(_ text: String) {
    let looks = text.contains("[") && text.contains("]") && (text.contains("sum") || text.contains("rate("))
    guard looks, let slash = Self.lastSlash(of: text) else { return nil }
    numerator = String(text[..<slash])
    query = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").lowercased()
  }

  /// The first selection of failed requests above the line, when nothing stands in while it finds no series:
  /// `code=~"5.."`. Prometheus has no series of a status that was never answered.
  var vanishingFilter: String? {
    guard !query.contains("or vector("), !query.contains("or on("), !query.contains("or on (") else { return nil }
    let filters = numerator.matches(of: #/(?<label>[A-Za-z_][A-Za-z0-9_]*)\s*=~?\s*["'](?<value>[^"']*)["']/#)
    return filters.first { Self.meansFailure(String($0.output.label), String($0.output.value)) }
      .map { String($0.output.0) }
  }

  private static func meansFailure(_ label: String, _ value: String) -> Bool {
    let label = label.lowercased()
    guard ["code", "status", "class", "result", "outcome"].contains(where: label.contains) else { return false }
    let value = value.lowercased()
    return value.contains("5") || value.contains("error") || value.contains("fail")
  }

  /// The last one that is not in quotes.
  private static func lastSlash(of text: String) -> String.Index? {
    var quote: Character?
    var last: String.Index?
    var isEscaped = false
    for (index, character) in zip(text.indices, text) {
      if isEscaped {
        isEscaped = false
      } else if let open = quote {
        if character == "\\" { isEscaped = true } else if character == open { quote = nil }
      } else if "\"'`".contains(character) {
        quote = character
      } else if character == "/" {
        last = index
      }
    }
    return last
  }
}
