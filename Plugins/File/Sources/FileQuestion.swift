import PipelineModel
import PluginKit

/// A query to a recording: `sum(errors) / sum(requests) where version = 4f2a9c1 and code = 500`.
///
/// A term is a column, which means its last value, or one of `last`, `sum`, `avg`, `min`, `max`, `count` of a column.
struct FileQuestion: Hashable {
  enum Function: String, CaseIterable { case last, sum, avg, min, max, count }

  struct Term: Hashable {
    var function: Function
    var column: String
  }

  var term: Term
  /// `nil`: the term itself is the value.
  var divisor: Term?
  /// Every one of them must hold for a record to count.
  var conditions: [[String]]

  /// - Throws: `rejected`, naming what is not understood.
  init(_ text: String) throws(Failure) {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    let parts = line.split(separator: " where ", maxSplits: 1, omittingEmptySubsequences: false)
    let terms = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    guard terms.count <= 2 else { throw Failure(.rejected, "one `/` at most may stand between two terms") }
    term = try Self.term(terms[0])
    divisor = terms.count == 2 ? try Self.term(terms[1]) : nil
    conditions = parts.count == 2 ? try Self.conditions(parts[1]) : []
  }

  /// Every column it names.
  var columns: [String] { [term.column] + (divisor.map { [$0.column] } ?? []) + conditions.map { $0[0] } }

  private static func term(_ text: Substring) throws(Failure) -> Term {
    let text = text.trimmed
    guard let open = text.firstIndex(of: "("), text.last == ")" else {
      guard !text.isEmpty, !text.contains(where: \.isWhitespace) else {
        throw Failure(
          .rejected, "\"\(text.excerpt(60))\" is no column; write `errors`, or `sum(errors) / sum(requests) where …`")
      }
      return Term(function: .last, column: text)
    }
    guard let function = Function(rawValue: text[..<open].trimmed) else {
      let known = Function.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure(.rejected, "there is no \"\(text[..<open].excerpt(40))\"; there are \(known)")
    }
    return Term(function: function, column: text[text.index(after: open)...].dropLast().trimmed)
  }

  private static func conditions(_ text: Substring) throws(Failure) -> [[String]] {
    try text.split(separator: " and ", omittingEmptySubsequences: false).map { part throws(Failure) in
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
      guard sides.count == 2, !sides[0].isEmpty else {
        throw Failure(.rejected, "\"\(part.excerpt(60))\" is no condition; write `where column = value`")
      }
      let isQuoted = sides[1].count >= 2 && sides[1].first == "\"" && sides[1].last == "\""
      return [sides[0], isQuoted ? String(sides[1].dropFirst().dropLast()) : sides[1]]
    }
  }

  /// The value over some records; `null` when none of them counts.
  func value(over records: ArraySlice<Recording.Record>) -> Answer {
    let chosen = records.filter { record in
      conditions.allSatisfy { record.values[$0[0]]?.isSame(as: $0[1]) ?? false }
    }
    guard let value = term.value(over: chosen) else { return .null }
    guard let divisor else { return .number(value) }
    return divisor.value(over: chosen).map { .number(value / $0) } ?? .null
  }
}

extension FileQuestion.Term {
  fileprivate func value(over records: [Recording.Record]) -> Double? {
    let values = records.compactMap { $0.values[column]?.number }
    guard let last = values.last else { return nil }
    return switch function {
    case .last: last
    case .sum: values.reduce(0, +)
    case .avg: values.reduce(0, +) / Double(values.count)
    case .min: values.contains(where: \.isNaN) ? .nan : values.min()
    case .max: values.contains(where: \.isNaN) ? .nan : values.max()
    case .count: Double(values.count)
    }
  }
}

extension StringProtocol {
  /// Without white space at both ends.
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
