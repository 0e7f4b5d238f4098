/// A confidence sequence for the log ratio of two arms' event rates at a fixed split, by a Dirichlet mixture.
///
/// Source: M. Lindon, A. Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022: of all events, the
/// canary's share is binomial; a prior of `concentration` pseudo-events with the split's own shares is mixed over.
/// The running intersection of intervals, and the running least p-value.
package struct TwoArmSequence: Hashable, Sendable {
  private let split: Double
  private let concentration: Double
  private let alpha: Double
  package private(set) var control = 0.0
  package private(set) var canary = 0.0
  package private(set) var interval = -Double.infinity...Double.infinity
  package private(set) var pValue = 1.0

  /// - Parameter split: the canary's share of the requests.
  package init(split: Double, concentration: Double = 100, alpha: Double) {
    self.split = split
    self.concentration = concentration
    self.alpha = alpha
  }

  package mutating func add(control: Double = 0, canary: Double = 0) {
    self.control += control
    self.canary += canary
    let (prior0, prior1) = (concentration * (1 - split), concentration * split)
    let mixture = Special.logBeta(prior1 + self.canary, prior0 + self.control) - Special.logBeta(prior1, prior0)
    pValue = min(pValue, exponential(logLikelihood(0) - mixture))
    let need = mixture + ln(alpha)
    narrow(need)
  }

  private func logLikelihood(_ delta: Double) -> Double {
    let odds = ln(split / (1 - split)) + delta
    // ln of the canary's share of the events, and of the control's.
    let softplus = max(odds, 0) + ln1p(exponential(-odds.magnitude))
    return canary * (odds - softplus) - control * softplus
  }

  /// The likelihood has one peak, at the measured ratio; the interval is where it exceeds what the mixture asks.
  private mutating func narrow(_ need: Double) {
    let peak =
      canary == 0 ? -40.0 : control == 0 ? 40.0 : ln(canary / control) - ln(split / (1 - split))
    var low = -Double.infinity
    var high = Double.infinity
    if canary > 0, logLikelihood(peak - 80) < need { low = Search.root(peak - 80, peak) { logLikelihood($0) - need } }
    if control > 0, logLikelihood(peak + 80) < need { high = Search.root(peak, peak + 80) { logLikelihood($0) - need } }
    let start = max(interval.lowerBound, low)
    interval = start...max(start, min(interval.upperBound, high))
  }
}
