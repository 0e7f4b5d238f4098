import PipelineModel
import PluginKit

/// A query to HAProxy's statistics: `errorRatio of shop/green`.
struct HAProxyStatisticsQuestion: Hashable {
  enum Measure: Hashable {
    /// Answers with a status from 500 up, and all answers, since an interval ago.
    case errors, requests
    /// The one divided by the other.
    case errorRatio
    /// Answers per second.
    case rate
    /// Seconds from request to answer, the mean of the last 1024 requests.
    case latency
    /// A column as it is now.
    case column(String)
    /// How much a column rose since an interval ago.
    case increase(String)
  }

  private static let named: [(String, Measure)] = [
    ("errors", .errors), ("requests", .requests), ("errorRatio", .errorRatio), ("rate", .rate), ("latency", .latency),
  ]

  var measure: Measure
  var proxy: String
  var server: String

  /// - Throws: `rejected`, saying what is wanted.
  init(_ text: String) throws(Failure) {
    let words = text.split(whereSeparator: \.isWhitespace)
    let names = words.last?.split(separator: "/", omittingEmptySubsequences: false) ?? []
    guard words.count == 3, words[1] == "of", names.count == 2, names.allSatisfy({ !$0.isEmpty && Self.isName($0) })
    else {
      throw Failure(
        .rejected,
        "\"\(text.excerpt(80))\" is no question; write `errorRatio of proxy/server`, or a column for the former")
    }
    (proxy, server) = (String(names[0]), String(names[1]))
    measure = Self.measure(String(words[0]))
  }

  private static func measure(_ word: String) -> Measure {
    if let (_, measure) = named.first(where: { $0.0 == word }) { return measure }
    guard word.hasPrefix("increase("), word.hasSuffix(")") else { return .column(word) }
    return .increase(String(word.dropFirst("increase(".count).dropLast()))
  }

  /// What HAProxy allows in names; a line of commands has other characters of its own.
  private static func isName(_ name: Substring) -> Bool {
    name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_.:".utf8.contains(byte)
      }
    }
  }
}
