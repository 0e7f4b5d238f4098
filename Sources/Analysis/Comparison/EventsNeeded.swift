/// How many events it takes until evidence that grows by chance is as strong as it must be.
package struct EventsNeeded: Hashable, Sendable {
  /// ln of the e-value that is wanted, with what mixing costs.
  let wanted: Double
  /// What an event adds to it, and how much that varies.
  let mean, variance: Double

  /// Evidence of the hypothesis `q` against `p`, where the canary's share of the events is `p`.
  init(wanted: Double, _ p: Double, _ q: Double) {
    self.wanted = wanted
    mean = DecisionPlan.divergence(p, q)
    let apart = ln(p / q) - ln1p(-p) + ln1p(-q)
    variance = p * (1 - p) * apart * apart
  }

  private init(wanted: Double, mean: Double, variance: Double) {
    (self.wanted, self.mean, self.variance) = (wanted, mean, variance)
  }

  /// The same where no more than `most` is taken from the events of a look, which are so many in the mean.
  ///
  /// What a look adds is taken for normal: E min(X, c) = m·Φ(z) + c·(1 − Φ(z)) − s·φ(z), z = (c − m) ÷ s.
  package func bounded(to most: Double, each events: Double, dispersion: Double) -> EventsNeeded {
    let (m, s) = (events * mean, (events * variance * dispersion).squareRoot())
    guard s > 0, events < .infinity, most < .infinity else { return self }
    let z = (most - m) / s
    let left = m * Normal.cdf(z) + most * Normal.cdf(-z) - s * exponential(-z * z / 2 - Special.halfLogTwoPi)
    let part = min(1, max(0, left / m))
    return EventsNeeded(wanted: wanted, mean: mean * part, variance: variance * part * part)
  }

  /// That are expected to be needed, where evidence is divided.
  package func expected(over divisor: Double = 1) -> Double { mean > 0 ? divisor * wanted / mean : .infinity }

  /// That are enough nine times in ten: n·mean − z·√(n·variance) = divisor·wanted, z the ninth decile of a normal deviate.
  ///
  /// - Parameter dispersion: variance ÷ mean of the events' numbers; 1: they come one by one.
  package func likely(over divisor: Double = 1, dispersion: Double = 1) -> Double {
    guard mean > 0 else { return .infinity }
    let spread = 1.2816 * (variance * dispersion).squareRoot()
    let root = (spread + (spread * spread + 4 * mean * divisor * wanted).squareRoot()) / (2 * mean)
    return root * root
  }
}
