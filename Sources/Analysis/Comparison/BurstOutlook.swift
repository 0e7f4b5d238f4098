/// What a comparison will divide its evidence by after so many looks, as far as that can be known before the first.
package struct BurstOutlook: Hashable, Sendable {
  private let dispersion: CountTest.Dispersion
  /// Variance ÷ mean of the errors, as it will turn out; ≥ 1.
  private let estimate: Double
  /// Bad requests within a look.
  private let control, canary: Double
  /// Looks of the same evidence before those that are counted.
  private let before: Double

  /// - Parameters:
  ///   - estimate: the index on record; 1: bad requests come one by one.
  ///   - control, canary: bad requests that a look is expected to find; infinite where nobody knows.
  ///   - before: looks that earlier steps have taken.
  package init(
    _ dispersion: CountTest.Dispersion, estimate: Double = 1, control: Double = .infinity, canary: Double = .infinity,
    before: Double = 0
  ) {
    self.dispersion = dispersion
    self.estimate = max(1, estimate)
    self.control = control
    self.canary = canary
    self.before = before
  }

  /// Variance ÷ mean that bad requests are taken to have.
  package var actual: Double {
    switch dispersion {
    case .none: 1
    case .given(let index): max(1, index)
    case .estimated: estimate
    }
  }

  /// What speaks against the canary is divided by; see `ArmBursts.Divisors`.
  package func index(after looks: Double) -> Double {
    dispersion == .estimated ? index(after: looks, control) : actual
  }

  /// What speaks for it beside the control; see `ArmBursts.Divisors`.
  package func indexToPass(after looks: Double) -> Double {
    dispersion == .estimated ? max(index(after: looks, control), ofQuiet(index(after: looks, canary))) : actual
  }

  /// What its own quiet is divided by; see `ArmBursts.Divisors`.
  package func indexOfQuiet(after looks: Double) -> Double {
    guard dispersion == .estimated else { return actual }
    return max(ofQuiet(index(after: looks, control)), ofQuiet(index(after: looks, canary)))
  }

  private func ofQuiet(_ index: Double) -> Double { min(index, max(Burstiness.leastOfQuiet, estimate)) }

  private func index(after looks: Double, _ events: Double) -> Double {
    // A pair without a burst tells nothing; bursts are half as large as the index.
    let pairs = (before + looks - 1) * (1 - exponential(-2 * events / max(1, estimate / 2)))
    guard pairs >= 1 else { return Burstiness.unknown }
    return Burstiness.divisor(estimate, pairs: pairs, events: min(1e300, 2 * events * pairs))
  }
}
