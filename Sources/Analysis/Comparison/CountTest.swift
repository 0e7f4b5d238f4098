/// The anytime-valid comparison of two arms' bad requests: its settings, made ready.
///
/// Given the bad requests of both arms, the canary's share of them is binomial with θ(δ) = n₁eᵟ / (n₀ + n₁eᵟ), where δ is
/// the log ratio of the two rates and n₁, n₀ are the requests that were measured. Two test martingales are kept:
///
/// - *fail side*, against δ ≤ ln `tolerate`, alternatives at 1.25, 1.5, 2, 3, 5 and 10 times that;
/// - *pass side*, against δ ≥ ln `detect`, alternatives at ratios 0.8, 1 and 1.2.
///
/// Each is a mixture with equal weights. For every alternative the mean of an increment under the hypothesis is at most 1
/// whatever the split of that look was, so by Ville's inequality (J. Ville, "Étude critique de la notion de collectif",
/// 1939) a release that is no worse than tolerated is ever failed with chance α at most, however often one looks and
/// while the weight moves; likewise β for one that is as bad as `detect` throughout a step. An outage common to both arms
/// cancels; a look with one arm empty says nothing. Of a fault that begins late see `Onset`, of arms without anything bad
/// `NegligibleRate`.
package struct CountTest: Hashable, Sendable {
  /// How many times the control's rate is still tolerated; ≥ 1.
  package let tolerate: Double
  /// The ratio of rates that must not pass; > `tolerate`.
  package let detect: Double
  package let alpha, beta: Double
  /// How burstiness is allowed for.
  package let dispersion: Dispersion
  /// A share of bad requests that passes whatever the control has; `nil`: there is none.
  package let negligible: NegligibleRate?
  let fail: Ladder
  let pass: Ladder

  package enum Dispersion: Hashable, Sendable {
    /// Errors come one by one.
    case none
    /// Variance ÷ mean of the errors of an interval, ≥ 1, known from elsewhere.
    case given(Double)
    /// Estimated from the control as the run goes.
    case estimated
  }

  package init(
    tolerate: Double = 1, detect: Double = 2, alpha: Double = 0.01, beta: Double = 0.05,
    dispersion: Dispersion = .estimated, negligible: NegligibleRate? = nil
  ) {
    self.tolerate = tolerate
    self.detect = detect
    self.alpha = alpha
    self.beta = beta
    self.dispersion = dispersion
    self.negligible = negligible
    fail = Ladder(null: tolerate, alternatives: Self.worse.map { tolerate * $0 })
    pass = Ladder(null: detect, alternatives: [0.8, 1, 1.2])
  }

  /// What of α is staked on a fault from the start on, and what of β on the comparison with the control.
  package var alphaFromStart: Double { alpha * exponential(Onset.logOnStart) }
  package var betaBeside: Double { negligible == nil ? beta : beta * exponential(NegligibleRate.logRest) }

  /// What a single look can add at most against a canary that is so many times as bad, before evidence is divided.
  ///
  /// With the dispersion estimated, two and a half, times what bursts are allowed for: as large as they are in the mean, so
  /// may one of them be that nobody could foresee, and it takes several looks that agree. An increment that is cut off above
  /// has a mean of at most 1 all the more, so the promise is kept whatever comes in one look.
  package func mostOfLook(_ ratio: Double, over estimate: Double) -> Double {
    dispersion == .estimated ? Self.mostOfLook * (1 + (estimate - 1) * BurstReach.of(ratio / tolerate)) : .infinity
  }

  static let mostOfLook = 2.5

  /// What quiet is divided by where nothing is known of bursts; see `ArmBursts`.
  package static let dispersionOfQuiet = Burstiness.leastOfQuiet

  static let worse = [1.25, 1.5, 2, 3, 5, 10]
}

/// A hypothesis about the ratio of rates, with the alternatives it is held against; eight at most.
struct Ladder: Hashable, Sendable {
  let null: Double
  let count: Int
  /// Ratio of rates, its logarithm less that of the hypothesis, and how far it is from the hypothesis.
  private let logSteps: SIMD8<Double>
  private let steps: SIMD8<Double>
  private let reaches: SIMD8<Double>
  let logWeight: Double

  init(null: Double, alternatives: [Double]) {
    self.null = null
    count = alternatives.count
    var (logSteps, steps, reaches) = (SIMD8<Double>(), SIMD8<Double>(), SIMD8<Double>())
    for (lane, ratio) in alternatives.enumerated() {
      logSteps[lane] = ln(ratio / null)
      steps[lane] = ratio - null
      reaches[lane] = BurstReach.of(ratio / null)
    }
    self.logSteps = logSteps
    self.steps = steps
    self.reaches = reaches
    logWeight = -ln(Double(alternatives.count))
  }

  /// What a look adds to the log likelihood ratio of each alternative:
  /// e₁(δⱼ − δ₀) − (e₁ + e₀)·ln(1 + n₁(rⱼ − r₀) ÷ (n₀ + n₁r₀)), which loses nothing however large the counts are.
  @inline(__always)
  func gain(_ look: CountLook) -> SIMD8<Double> {
    let scale = look.canary.all / (look.control.all + look.canary.all * null)
    let pooled = look.canary.bad + look.control.bad
    var gain = logSteps * look.canary.bad
    for lane in 0..<count { gain[lane] -= pooled * ln1p(scale * steps[lane]) }
    return gain
  }

  /// A gain that comes to no more than `most` once it is divided by a dispersion.
  @inline(__always)
  func bounded(_ gain: SIMD8<Double>, most: Double, over dispersion: Double) -> SIMD8<Double> {
    pointwiseMin(gain, most * (1 + (dispersion - 1) * reaches))
  }

  /// ln of the mixture, each ratio divided by a dispersion as far as bursts reach there.
  @inline(__always)
  func logMixture(_ ratios: SIMD8<Double>, over dispersion: Double) -> Double {
    let ratios = ratios / (1 + (dispersion - 1) * reaches)
    var highest = -Double.infinity
    for lane in 0..<count { highest = max(highest, ratios[lane]) }
    var sum = 0.0
    for lane in 0..<count { sum += share(ratios[lane] - highest) }
    return highest + ln(sum) + logWeight
  }
}
