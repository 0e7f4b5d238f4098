/// What one measurement says, once judged.
@usableFromInline
package enum Judgement: UInt8, Hashable, Sendable, CaseIterable {
  case pass, fail, inconclusive
  /// Nothing to judge: an empty answer, NaN, ±Inf, null.
  case noData
  /// The question was not answered: timeout, refusal, an answer of the wrong shape.
  case error
}

/// What a gate says.
@usableFromInline
package enum Verdict: UInt8, Hashable, Sendable, CaseIterable {
  case pass, fail, inconclusive, noData, error
  /// Ended before it could say anything. Never counts as `pass`.
  case stopped
}

extension Judgement: CustomStringConvertible {
  @usableFromInline package var description: String {
    switch self {
    case .pass: "pass"
    case .fail: "fail"
    case .inconclusive: "inconclusive"
    case .noData: "noData"
    case .error: "error"
    }
  }
}

extension Verdict: CustomStringConvertible {
  @usableFromInline package var description: String {
    switch self {
    case .pass: "pass"
    case .fail: "fail"
    case .inconclusive: "inconclusive"
    case .noData: "noData"
    case .error: "error"
    case .stopped: "stopped"
    }
  }
}
