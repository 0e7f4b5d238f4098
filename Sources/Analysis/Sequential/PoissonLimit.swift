/// The maximised sequential probability ratio test for a Poisson count against its expectation.
///
/// Source: M. Kulldorff, R. Davis, M. Kolczak, E. Lewis, T. Lieu, R. Platt, "A maximized sequential probability ratio test
/// for drug and vaccine safety surveillance", Sequential Analysis 30 (2011). The log likelihood ratio is
/// μ − c + c·ln(c/μ) for c > μ, else 0.
package enum PoissonLimit {
  package static func logRatio(_ count: Double, expected: Double) -> Double {
    count > expected ? expected - count + count * ln(count / expected) : 0
  }

  /// The value that the log likelihood ratio exceeds with chance `alpha` at most while the expectation grows to
  /// `horizon`; no signal before `least` events.
  package static func criticalValue(horizon: Double, least: Int, alpha: Double) -> Double {
    Search.root(0.01, 30) { falseSignals($0, horizon, least) - alpha }
  }

  /// The chance of a signal at `limit` when nothing is wrong: the count is followed from one time at which it would
  /// signal to the next.
  private static func falseSignals(_ limit: Double, _ horizon: Double, _ least: Int) -> Double {
    var quiet = [1.0]
    var passed = 0.0
    var count = least
    while passed < horizon {
      // The count signals if it is reached before this time.
      let size = Double(count)
      let time = min(horizon, Search.root(1e-300, size) { logRatio(size, expected: $0) - limit })
      quiet = grown(quiet, by: time - passed, below: count)
      passed = time
      count += 1
    }
    return 1 - quiet.reduce(0, +)
  }

  /// The chances of 0, 1, … events after `mean` more were expected, those that stay below `limit`.
  private static func grown(_ chances: [Double], by mean: Double, below limit: Int) -> [Double] {
    var pmf = [exponential(-mean)]
    for k in 1..<max(2, limit) { pmf.append(pmf[k - 1] * mean / Double(k)) }
    return (0..<limit).map { total in
      var sum = 0.0
      for before in 0...total where before < chances.count { sum += chances[before] * pmf[total - before] }
      return sum
    }
  }

  /// The same where one looks only after each of the groups: the smallest attainable value whose chance of a false
  /// signal is `alpha` at most, and that chance.
  package static func criticalValue(groups: [Double], least: Int, alpha: Double) -> (limit: Double, used: Double) {
    var expected = 0.0
    var attainable: [Double] = []
    for group in groups {
      expected += group
      attainable += (least...Int(expected) + 40).map { logRatio(Double($0), expected: expected) }
    }
    attainable = Set(attainable.filter { $0 > 0 }).sorted()
    var (low, high) = (0, attainable.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if falseSignals(attainable[middle], groups, least) <= alpha { high = middle } else { low = middle + 1 }
    }
    return (attainable[low], falseSignals(attainable[low], groups, least))
  }

  private static func falseSignals(_ limit: Double, _ groups: [Double], _ least: Int) -> Double {
    var quiet = [1.0]
    var expected = 0.0
    for group in groups {
      expected += group
      var first = least
      while logRatio(Double(first), expected: expected) <= limit * (1 + 1e-12) { first += 1 }
      quiet = grown(quiet, by: group, below: first)
    }
    return 1 - quiet.reduce(0, +)
  }
}
