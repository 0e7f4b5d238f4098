package import PipelineModel

extension Gate {
  /// Whether a metric fails the gate at once: by its own failures, or by lasting errors or missing data where its
  /// policy says so.
  package func isFailed(by metric: Stakes, _ tally: Tally) -> Bool {
    guard metric.decides else { return false }
    return tally.hasFailed(allow) || isFailedForWant(of: metric, tally)
  }

  /// Whether lasting errors or missing data of a metric fail the gate, by the metric's policy.
  package func isFailedForWant(of metric: Stakes, _ tally: Tally) -> Bool {
    guard metric.decides else { return false }
    switch tally.latest {
    case .error: return metric.onError == .fail && tally.inARow > Int32(clamping: allow.errorsInARow)
    case .noData: return metric.onNoData == .fail && tally.inARow > Int32(clamping: allow.noDataInARow)
    case .pass, .fail, .inconclusive, nil: return false
    }
  }

  /// What the gate says when its time is over: fail > error > noData > inconclusive > pass among the metrics that
  /// decide. Passes on evidence only: with nothing left to decide it says `noData`.
  package func verdict(_ tallies: [Tally], of pipeline: [Stakes]) -> Verdict {
    worst(tallies, of: pipeline) ?? .noData
  }

  /// - Parameter others: metrics that do not decide by themselves.
  /// - Returns: `nil` with nothing left to decide.
  func worst(_ tallies: [Tally], of pipeline: [Stakes], besides others: [Int] = []) -> Verdict? {
    var worst: Verdict?
    for index in metrics.indices where pipeline[metrics[index]].decides && !others.contains(metrics[index]) {
      guard let counted = vote(of: pipeline[metrics[index]], tallies[index]) else { continue }
      worst = worst.map { $0.worse(of: counted) } ?? counted
    }
    return worst
  }

  /// Whether a metric that decides had no answer at its latest look, and that is not to be ignored: what it said before may
  /// be over, and nobody sees.
  package func isBlind(_ tallies: [Tally], of pipeline: [Stakes]) -> Bool {
    metrics.indices.contains { index in
      let metric = pipeline[metrics[index]]
      switch tallies[index].latest {
      case .error: return metric.decides && metric.onError != .ignore
      case .noData: return metric.decides && metric.onNoData != .ignore
      case .pass, .fail, .inconclusive, nil: return false
      }
    }
  }

  /// What one metric brings to the gate's verdict, its policies applied; `nil`: left out.
  package func vote(of metric: Stakes, _ tally: Tally) -> Verdict? {
    let standing = tally.standing(atLeast: atLeast, allow: allow)
    let policy: MissingPolicy
    switch standing {
    case .error: policy = metric.onError
    case .noData: policy = metric.onNoData
    case .pass, .fail, .inconclusive, .stopped: return standing
    }
    switch policy {
    case .hold: return standing
    case .fail: return .fail
    // Only the lack of evidence is left out; what it said before it fell silent stands.
    case .ignore: return tally.isInconclusive(allow) ? .inconclusive : nil
    }
  }
}

extension Verdict {
  package func worse(of other: Verdict) -> Verdict { severity >= other.severity ? self : other }

  private var severity: Int {
    switch self {
    case .pass: 0
    case .inconclusive: 1
    case .stopped: 2
    case .noData: 3
    case .error: 4
    case .fail: 5
    }
  }
}
