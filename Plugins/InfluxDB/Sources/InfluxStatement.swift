import BackendHTTP
import PipelineModel
import PluginKit

/// A query in InfluxQL, made ready: one statement that reads.
///
/// `$timeFilter` stands for the time that is asked about, and `$interval` for the length of a step, as in
/// `SELECT mean(ms) FROM req WHERE $timeFilter GROUP BY time($interval)`.
struct InfluxStatement: Hashable {
  var text: String

  /// - Throws: `rejected`, saying what is wrong.
  init(_ query: MetricQuery) throws(Failure) {
    let words = Self.words(of: query.text)
    guard words.first == "select" || words.first == "show" else {
      throw Failure(.rejected, "a query begins with SELECT or SHOW")
    }
    guard !words.contains("into") else { throw Failure(.rejected, "SELECT … INTO writes, and a query only reads") }
    guard !words.contains(";") else { throw Failure(.rejected, "one statement is wanted, without `;`") }
    if query.range != nil, !query.text.contains("$timeFilter") || !query.text.contains("$interval") {
      throw Failure(
        .rejected, "a range needs `$timeFilter` and `$interval`: SELECT … WHERE $timeFilter GROUP BY time($interval)")
    }
    if words.first == "select", !query.text.contains("$timeFilter"), !words.contains("time") {
      throw Failure(
        .rejected, "without a time the whole past would answer; put `WHERE $timeFilter` into it, or `AND $timeFilter`")
    }
    let over = query.range?.over ?? query.interval
    let end = query.at.milliseconds
    let step = max(1, query.range?.step.milliseconds ?? over.milliseconds)
    text = query.text
      .replacing("$timeFilter", with: "time > \(end - over.milliseconds)ms AND time <= \(end)ms")
      .replacing("$interval", with: "\(step)ms")
  }

  /// The words outside of quotes and comments, in lower case, and each `;` as one.
  private static func words(of text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var rest = Array(text)[...]
    func end() {
      if !word.isEmpty { words.append(word.lowercased()) }
      word = ""
    }
    while let character = rest.popFirst() {
      switch character {
      case "'", "\"":
        end()
        skip(to: character, in: &rest)
      case "-" where rest.first == "-":
        end()
        rest = rest.drop { $0 != "\n" }
      case ";":
        end()
        words.append(";")
      case _ where character.isLetter || character.isNumber || character == "_": word.append(character)
      default: end()
      }
    }
    end()
    return words
  }

  private static func skip(to quote: Character, in rest: inout ArraySlice<Character>) {
    while let character = rest.popFirst(), character != quote {
      if character == "\\" { _ = rest.popFirst() }
    }
  }
}
