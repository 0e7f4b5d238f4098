/// What the looks of one stretch of a run have shown of both arms' bad requests.
///
/// A value of fixed size. Where the split stays and the dispersion is given, it does not matter how the looks are cut; where it is
/// estimated, a look counts for so much at most, so more of them may count for more.
package struct Stretch: Hashable, Sendable {
  /// Looks with requests in both arms.
  package private(set) var looks = 0
  package private(set) var canary = ArmCounts()
  package private(set) var control = ArmCounts()
  private var failRatios = SIMD8<Double>()
  private var passRatios = SIMD8<Double>()
  private var profile = RatioProfile()

  package init() {}

  mutating func add(_ look: CountLook, _ gain: LookGain?) {
    looks += 1
    canary += look.canary
    control += look.control
    guard let gain else { return }
    failRatios += gain.fail
    passRatios += gain.pass
    profile.add(gain.profile)
  }

  /// ln of the e-value against "no worse than tolerated".
  package func logFail(_ test: CountTest, over dispersion: Double) -> Double {
    test.fail.logMixture(failRatios, over: dispersion)
  }

  /// ln of the e-value against "as bad as must not pass".
  package func logPass(_ test: CountTest, over dispersion: Double) -> Double {
    test.pass.logMixture(passRatios, over: dispersion)
  }

  /// The canary is at least so many times as bad, with confidence 1 − `alpha` at all times; 0 where nothing is known.
  package func atLeast(_ alpha: Double, over dispersion: Double) -> Double {
    profile.lowerBound(alpha, dispersion: dispersion)
  }

  /// The canary is less than so many times as bad; infinite where nothing is known.
  package func atMost(_ beta: Double, over dispersion: Double) -> Double {
    profile.upperBound(beta, dispersion: dispersion)
  }
}

/// What one look adds to the log likelihood ratios; there is none where nothing was bad.
struct LookGain {
  var fail, pass: SIMD8<Double>
  var profile: SIMD16<Double>

  /// - Parameter estimate: variance ÷ mean of the errors as far as it is estimated; `nil`: it is given.
  init?(_ look: CountLook, _ test: CountTest, estimate: Double?) {
    guard look.canary.bad + look.control.bad > 0 else { return nil }
    fail = test.fail.gain(look)
    if let estimate { fail = test.fail.bounded(fail, most: CountTest.mostOfLook, over: estimate) }
    pass = test.pass.gain(look)
    profile = RatioProfile.gain(look)
  }
}
