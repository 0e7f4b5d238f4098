import PipelineModel
import PluginKit

/// Values that a statement may name, all in seconds: `:from`, `:until`, `:step`, `:interval`.
///
/// They tell the time that is asked about; `:from` and `:until` count from 1970.
struct SQLParameters: Sendable {
  let values: [String: Double]

  init(_ query: MetricQuery) {
    let over = query.range?.over ?? query.interval
    values = [
      "from": Double(query.at.milliseconds - over.milliseconds) / 1000, "until": Double(query.at.milliseconds) / 1000,
      "step": (query.range?.step ?? query.interval).seconds, "interval": query.interval.seconds,
    ]
  }

  /// - Throws: `rejected` when there is no such parameter.
  func value(of name: String) throws(Failure) -> Double {
    if let value = values[name] { return value }
    throw Failure(
      .rejected, "there is no parameter \":\(name.excerpt(40))\"; there are :from, :until, :step and :interval")
  }

  /// The statement with `$1`, `$2` … for its parameters, and their names in this order.
  ///
  /// What is quoted or commented out is left as it is, and so is `::`, a cast.
  static func numbered(_ statement: String) -> (text: String, names: [String]) {
    var scanner = SQLScanner(Array(statement))
    return scanner.numbered()
  }
}

private struct SQLScanner {
  private let text: [Character]
  private var place = 0
  private var result = ""
  private var names: [String] = []

  init(_ text: [Character]) { self.text = text }

  mutating func numbered() -> (text: String, names: [String]) {
    while place < text.count {
      switch text[place] {
      case "'", "\"": copy(through: [text[place]], from: 1)
      case "-" where starts("--"): copy(through: ["\n"], from: 2)
      case "/" where starts("/*"): copy(through: ["*", "/"], from: 2)
      case "$": dollar()
      case ":" where starts("::"): copy(2)
      case ":": parameter()
      default: copy(1)
      }
    }
    return (result, names)
  }

  private func starts(_ mark: String) -> Bool { text[place...].starts(with: mark) }

  private mutating func copy(_ count: Int) {
    let end = min(place + count, text.count)
    result.append(contentsOf: text[place..<end])
    place = end
  }

  /// Copies up to and with the next `mark`, or all that is left.
  private mutating func copy(through mark: [Character], from start: Int) {
    var end = min(place + start, text.count)
    while end < text.count, !text[end...].starts(with: mark) { end += 1 }
    copy(end + mark.count - place)
  }

  /// `$tag$ … $tag$`
  private mutating func dollar() {
    let tag = text[(place + 1)...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard text[(place + 1 + tag.count)...].first == "$", tag.first?.isNumber != true else { return copy(1) }
    copy(through: ["$"] + tag + ["$"], from: tag.count + 2)
  }

  private mutating func parameter() {
    let name = text[(place + 1)...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard name.first?.isLetter == true else { return copy(1) }
    place += 1 + name.count
    let word = String(name)
    let index = names.firstIndex(of: word) ?? names.count
    if index == names.count { names.append(word) }
    result += "$\(index + 1)"
  }
}
