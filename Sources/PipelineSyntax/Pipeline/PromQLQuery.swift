/// A query that looks like PromQL, read just well enough to see what it selects, and on which side of a division.
///
/// One pass over the text, whatever it is.
struct PromQLQuery {
  /// `code=~"5.."`
  private struct Selection {
    var label: String
    var value: String
    /// As written.
    var source: String
    var end: Int

    /// `code`, `status_class` … of `5..`, `500`, `error`, `failed`.
    var meansFailure: Bool {
      let label = label.lowercased()
      let value = value.lowercased()
      return ["code", "status", "class", "result", "outcome"].contains(where: label.contains)
        && ["5", "error", "fail"].contains(where: value.contains)
    }
  }

  private let text: [Unicode.Scalar]
  private var at = 0
  private var selections: [Selection] = []
  private var slash: Int?
  private let hasStandIn: Bool

  /// `nil`: it does not look like PromQL.
  init?(_ query: String) {
    guard query.contains("["), query.contains("]"), query.contains("sum") || query.contains("rate(") else { return nil }
    let words = query.lowercased().split { $0.isWhitespace || $0 == "(" || $0 == ")" }
    hasStandIn = zip(words, words.dropFirst()).contains { $0 == "or" && ($1 == "vector" || $1 == "on") }
    text = Array(query.unicodeScalars)
    scan()
  }

  /// The first selection of failed requests, above the line where it divides, when nothing stands in while it finds no
  /// series: Prometheus has none of a status that was never answered.
  var vanishingFilter: String? {
    if hasStandIn { return nil }
    return selections.first { $0.end <= slash ?? .max && $0.meansFailure }?.source
  }

  var divides: Bool { slash != nil }

  private mutating func scan() {
    var label: Range<Int>?
    var selects = false
    while at < text.count {
      let start = at
      switch text[at] {
      case "\"", "'", "`":
        let value = quoted()
        if selects, let label { select(label, value) }
        label = nil
        selects = false
      case let scalar where Self.isName(scalar):
        while at < text.count, Self.isName(text[at]) { at += 1 }
        label = start..<at
        selects = false
      case let scalar where scalar.properties.isWhitespace: at += 1
      case "=":
        selects = label != nil
        at += at + 1 < text.count && text[at + 1] == "~" ? 2 : 1
      case let other:
        if other == "/" { slash = at }
        label = nil
        selects = false
        at += 1
      }
    }
  }

  /// Goes behind the quotes that begin here, and returns what is between them.
  private mutating func quoted() -> Range<Int> {
    let quote = text[at]
    let start = at + 1
    at = start
    while at < text.count, text[at] != quote { at += text[at] == "\\" && quote != "`" ? 2 : 1 }
    at = min(at, text.count)
    let value = start..<at
    at = min(at + 1, text.count)
    return value
  }

  private mutating func select(_ label: Range<Int>, _ value: Range<Int>) {
    selections.append(
      Selection(
        label: string(label), value: string(value), source: string(label.lowerBound..<at), end: at))
  }

  private func string(_ range: Range<Int>) -> String {
    String(String.UnicodeScalarView(text[range]))
  }

  private static func isName(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_": true
    default: false
    }
  }
}
