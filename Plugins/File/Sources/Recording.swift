import Foundation
import PipelineModel
import PluginKit

/// What a file has, in the order of its times.
struct Recording: Sendable {
  /// One line: a time, and values by the names of their columns.
  struct Record: Sendable {
    var time: Timestamp
    var values: [String: Cell]
  }

  enum Cell: Hashable, Sendable {
    case text(String)
    case number(Double)

    /// NaN when it is no number.
    var number: Double {
      switch self {
      case .number(let number): number
      case .text(let text): Double(text) ?? .nan
      }
    }

    func isSame(as text: String) -> Bool {
      switch self {
      case .text(let own): own == text
      case .number(let number): Double(text).map { $0 == number && number.isFinite } ?? false
      }
    }
  }

  var records: [Record]
  var columns: Set<String>

  init(_ records: [Record]) {
    // Lines of one time stay in the order they were written in.
    self.records = records.enumerated().sorted { a, b in
      (a.element.time, a.offset) < (b.element.time, b.offset)
    }.map(\.element)
    columns = records.reduce(into: []) { $0.formUnion($1.values.keys) }
  }

  /// Those after `start`, and up to and with `end`.
  func records(after start: Timestamp, to end: Timestamp) -> ArraySlice<Record> {
    records[index(after: start)..<max(index(after: start), index(after: end))]
  }

  /// Of the first record later than `time`.
  private func index(after time: Timestamp) -> Int {
    var (low, high) = (0, records.count)
    while low < high {
      let middle = (low + high) / 2
      if records[middle].time <= time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Timestamp {
  /// Seconds or milliseconds since 1970, or RFC 3339. What is above 10¹¹ is milliseconds: seconds get there in 5138.
  init?(recorded cell: Recording.Cell?) {
    guard let cell else { return nil }
    let number = cell.number
    if number.isFinite, abs(number) < 1e15 {
      self.init(milliseconds: Int64((abs(number) > 1e11 ? number : number * 1000).rounded()))
    } else if case .text(let text) = cell, let time = Timestamp(written: text) {
      self = time
    } else {
      return nil
    }
  }

  /// RFC 3339, with or without a fraction of a second: `2026-11-21T16:15:00Z`, `2026-11-21T16:15:00.250+01:00`.
  init?(written text: String) {
    let date =
      (try? Date(text, strategy: .iso8601))
      ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    guard let date else { return nil }
    self.init(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
  }
}
