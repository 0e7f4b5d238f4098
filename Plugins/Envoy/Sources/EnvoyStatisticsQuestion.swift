import PipelineModel
import PluginKit

/// A query to Envoy's statistics: `errorRatio of CLUSTER`, `p95 of CLUSTER`, or a statistic's own name.
struct EnvoyStatisticsQuestion: Hashable {
  enum Measure: Hashable {
    /// Answers with a status from 500 up, and all answers, since an interval ago.
    case errors(of: String), requests(of: String)
    /// The one divided by the other.
    case errorRatio(of: String)
    /// Answers per second.
    case rate(of: String)
    /// Seconds that so many percent of the answers since an interval ago took at most.
    case latency(percent: Double, of: String)
    /// A counter or gauge as it is now.
    case statistic(String)
    /// How much a counter rose since an interval ago.
    case increase(String)
  }

  var measure: Measure

  /// - Throws: `rejected`, saying what is wanted.
  init(_ text: String) throws(Failure) {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard let first = words.first, words.allSatisfy(Self.isName) else { throw Self.refusal(text) }
    if words.count == 1 {
      let inner = first.dropFirst("increase(".count).dropLast()
      measure = first.hasPrefix("increase(") && first.hasSuffix(")") ? .increase(String(inner)) : .statistic(first)
      return
    }
    guard words.count == 3, words[1] == "of" else { throw Self.refusal(text) }
    switch first {
    case "errors": measure = .errors(of: words[2])
    case "requests": measure = .requests(of: words[2])
    case "errorRatio": measure = .errorRatio(of: words[2])
    case "rate": measure = .rate(of: words[2])
    default:
      guard first.hasPrefix("p"), let percent = Double(first.dropFirst()), percent > 0, percent < 100 else {
        throw Self.refusal(text)
      }
      measure = .latency(percent: percent, of: words[2])
    }
  }

  /// Names of what must be read.
  var names: [String] {
    switch measure {
    case .errors(let cluster), .requests(let cluster), .errorRatio(let cluster), .rate(let cluster):
      ["cluster.\(cluster).upstream_rq_completed", "cluster.\(cluster).upstream_rq_5xx"]
    case .latency(_, let cluster): ["cluster.\(cluster).upstream_rq_time"]
    case .statistic(let name), .increase(let name): [name]
    }
  }

  private static func refusal(_ text: String) -> Failure {
    Failure(
      .rejected,
      "\"\(text.excerpt(80))\" is no question; write `errorRatio of cluster`, `p95 of cluster` or a statistic's name")
  }

  /// Whatever stands in Envoy's names, and nothing that a filter would not take as it is.
  private static func isName(_ word: String) -> Bool {
    word.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        || "-_.:/|()".unicodeScalars.contains(scalar)
    }
  }
}
