import BackendHTTP
import PipelineModel
import PluginKit

/// A query to CloudWatch: metrics with names, and a last line that says what is wanted.
///
/// ```
/// errors = Sum of AWS/ApplicationELB HTTPCode_Target_5XX_Count where TargetGroup = targetgroup/v2/73e2
/// all    = Sum of AWS/ApplicationELB RequestCount where TargetGroup = targetgroup/v2/73e2
/// errors / all
/// ```
///
/// A metric is `STATISTIC of NAMESPACE NAME`, with `where DIMENSION = VALUE, …`. The last line is a metric, or an
/// expression of CloudWatch's metric math over the names before it.
struct CloudWatchQuestion: Hashable {
  struct Metric: Hashable {
    var statistic: String
    var namespace: String
    var name: String
    var dimensions: [HTTPCall.Field]
  }

  enum Content: Hashable {
    case metric(Metric)
    case expression(String)
  }

  struct Entry: Hashable {
    var id: String
    var content: Content
  }

  /// The last one is what is asked for.
  var entries: [Entry]

  /// - Throws: `rejected` with the line of the mistake.
  init(_ text: String) throws(Failure) {
    let lines = text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }
    guard let last = lines.last else { throw Failure(.rejected, "the query is empty") }
    entries = []
    for (number, line) in lines.dropLast().enumerated() {
      let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let id = sides[0].filter { !$0.isWhitespace }
      guard sides.count == 2, Self.isID(id), !entries.contains(where: { $0.id == id }) else {
        throw Failure(
          .rejected, "line \(number + 1): a name of its own that begins with a small letter is wanted, as `errors = …`")
      }
      entries.append(Entry(id: id, content: try Self.content(sides[1], number + 1)))
    }
    entries.append(Entry(id: "wanted", content: try Self.content(last, lines.count)))
  }

  private static func isID(_ id: String) -> Bool {
    guard let first = id.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first), id != "wanted" else {
      return false
    }
    return id.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0))
    }
  }

  private static func content(_ text: Substring, _ line: Int) throws(Failure) -> Content {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count > 1, words[1] == "of" else { return .expression(words.joined(separator: " ")) }
    guard words.count == 4 || (words.count > 5 && words[4] == "where") else {
      throw Failure(.rejected, "line \(line): a metric is `Sum of NAMESPACE NAME`, and `where DIMENSION = VALUE, …`")
    }
    var dimensions: [HTTPCall.Field] = []
    for part in words.dropFirst(5).joined(separator: " ").split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map { $0.split(separator: " ").joined(separator: " ") }
      guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
        throw Failure(.rejected, "line \(line): \"\(part.excerpt(60))\" is no `DIMENSION = VALUE`")
      }
      dimensions.append(.init(sides[0], sides[1]))
    }
    return .metric(
      Metric(statistic: String(words[0]), namespace: String(words[2]), name: String(words[3]), dimensions: dimensions))
  }
}
