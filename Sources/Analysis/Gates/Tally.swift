package import PipelineModel

/// What one metric of a gate has shown so far.
package struct Tally: Hashable, Sendable {
  package private(set) var passes: Int32 = 0
  package private(set) var failures: Int32 = 0
  package private(set) var inconclusive: Int32 = 0
  package private(set) var noData: Int32 = 0
  package private(set) var errors: Int32 = 0
  /// The latest judgement, and how often it came in a row.
  package private(set) var latest: Judgement?
  package private(set) var inARow: Int32 = 0
  /// The longest rows of failures and of inconclusive measurements.
  package private(set) var mostFailuresInARow: Int32 = 0
  package private(set) var mostInconclusiveInARow: Int32 = 0
  /// The last number measured.
  package private(set) var last: Double?
  /// The latest look that said something.
  package private(set) var lastSaid: Judgement?
  /// Whether each judgement is of all looks so far, as those of a comparison are: then the latest says it all.
  package let isCarried: Bool

  package init(isCarried: Bool = false) { self.isCarried = isCarried }

  /// Looks taken, with evidence or without.
  package var looks: Int { Int(passes + failures + inconclusive + noData + errors) }
  /// Looks that said something: pass, fail or inconclusive.
  package var evidence: Int { Int(passes + failures + inconclusive) }

  package mutating func record(_ judgement: Judgement, value: Double?) {
    inARow = judgement == latest ? inARow + 1 : 1
    latest = judgement
    if let value { last = value }
    switch judgement {
    case .pass, .fail, .inconclusive: lastSaid = judgement
    case .noData, .error: break
    }
    switch judgement {
    case .pass: passes += 1
    case .fail:
      failures += 1
      mostFailuresInARow = max(mostFailuresInARow, inARow)
    case .inconclusive:
      inconclusive += 1
      mostInconclusiveInARow = max(mostInconclusiveInARow, inARow)
    case .noData: noData += 1
    case .error: errors += 1
    }
  }
}
