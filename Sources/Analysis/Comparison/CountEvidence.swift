package import PipelineModel

/// What the looks of one run have shown of one metric, carried over from step to step.
///
/// A value of fixed size; a fold of the same looks gives it again, so the journal's counts are all that a restart needs.
package struct CountEvidence: Hashable, Sendable {
  /// Looks with requests in both arms; looks left out for want of them.
  package private(set) var looks = 0
  package private(set) var skipped = 0
  package private(set) var canary = ArmCounts()
  package private(set) var control = ArmCounts()
  private var failRatios = SIMD8<Double>()
  private var passRatios = SIMD8<Double>()
  private var profile = RatioProfile()
  private var bursts = Burstiness()

  package init() {}

  /// Takes in a look.
  ///
  /// - Returns: `false` for one that says nothing: an empty arm, or counts that are none.
  @discardableResult
  package mutating func add(_ look: CountLook, _ test: CountTest) -> Bool {
    guard look.canary.isSound, look.control.isSound, look.canary.all > 0, look.control.all > 0 else {
      skipped += 1
      return false
    }
    looks += 1
    canary += look.canary
    control += look.control
    guard look.canary.bad + look.control.bad > 0 else { return true }
    failRatios += test.fail.gain(look)
    passRatios += test.pass.gain(look)
    profile.add(look)
    if test.dispersion == .estimated { bursts.add(look.control) }
    return true
  }

  /// Variance ÷ mean of the errors, as it is allowed for now; ≥ 1.
  package func dispersion(_ test: CountTest) -> Double {
    switch test.dispersion {
    case .none: 1
    case .given(let index): max(1, index)
    case .estimated: bursts.index
    }
  }

  /// ln of the e-value against "no worse than tolerated", and against "as bad as must not pass".
  package func logEvidence(_ test: CountTest) -> (fail: Double, pass: Double) {
    let dispersion = dispersion(test)
    return (
      test.fail.logMixture(failRatios, over: dispersion), test.pass.logMixture(passRatios, over: dispersion)
    )
  }

  package func judgement(_ test: CountTest) -> Judgement {
    let (fail, pass) = logEvidence(test)
    if fail >= -ln(test.alpha) { return .fail }
    return pass >= -ln(test.beta) ? .pass : .inconclusive
  }

  /// The canary is at least so many times as bad, with confidence 1 − `alpha` at all times; 0 where nothing is known.
  package func atLeast(_ alpha: Double, _ test: CountTest) -> Double {
    profile.lowerBound(alpha, dispersion: dispersion(test))
  }

  /// The canary is at most so many times as bad; infinite where nothing is known.
  package func atMost(_ beta: Double, _ test: CountTest) -> Double {
    profile.upperBound(beta, dispersion: dispersion(test))
  }
}
