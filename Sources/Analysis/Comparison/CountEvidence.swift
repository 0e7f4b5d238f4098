package import PipelineModel

/// What the looks of one run have shown of one metric's bad requests.
///
/// Three stretches of the run are kept apart: the whole of it, the step in progress, and the looks since the one with which
/// a fault is likeliest to have begun late. A canary fails on the first and the third together, weighed by `Onset`, so that
/// what it did well for long does not cover what it does badly now. It passes on the step's own: each share of the traffic
/// is a new question. A fold of the same looks gives the same value, so the journal's counts are all that a restart needs.
package struct CountEvidence: Hashable, Sendable {
  package private(set) var run = Stretch()
  package private(set) var step = Stretch()
  package private(set) var late = Stretch()
  package private(set) var onset = Onset()
  /// Looks left out for want of requests in one arm.
  package private(set) var skipped = 0
  private var bursts = ArmBursts()

  package init() {}

  package mutating func beginStep() {
    step = Stretch()
    onset.beginStep()
  }

  /// Takes in a look.
  ///
  /// - Returns: `false` for one that says nothing: an empty arm, or counts that are none.
  @discardableResult
  package mutating func add(_ look: CountLook, _ test: CountTest) -> Bool {
    guard look.canary.isSound, look.control.isSound, look.canary.all > 0, look.control.all > 0 else {
      skipped += 1
      return false
    }
    let suspicion = late.logFail(test, over: dispersion(test))
    if onset.look(suspicion) { late = Stretch() }
    if test.dispersion == .estimated { bursts.add(look) }
    let gain = LookGain(look, test, estimate: test.dispersion == .estimated ? bursts.estimate : nil)
    run.add(look, gain)
    step.add(look, gain)
    if onset.suspect > 0 { late.add(look, gain) }
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

  /// ln of the e-value against "no worse than tolerated", in the run as a whole or from some look on; and of that against
  /// "as bad as must not pass", in this step.
  package func logEvidence(_ test: CountTest) -> (fail: Double, pass: Double) {
    let sides = sides(test)
    return (sides.fail, sides.pass)
  }

  package func judgement(_ test: CountTest) -> Judgement { sides(test).judgement(test) }

  func sides(_ test: CountTest) -> Sides {
    let divisors =
      test.dispersion == .estimated ? bursts.divisors : ArmBursts.Divisors(all: dispersion(test))
    let run = run.logFail(test, over: divisors.against)
    let late = onset.suspect > 0 ? late.logFail(test, over: divisors.against) : -.infinity
    let beside = step.logPass(test, over: divisors.beside)
    return Sides(
      divisors: divisors, isLate: onset.isLate(run: run, late: late), fail: onset.logMixture(run: run, late: late),
      beside: beside,
      pass: test.negligible?.logMixture(relative: beside, step.canary, over: divisors.ofQuiet) ?? beside)
  }
}

/// Both sides of a comparison as they stand after a look.
struct Sides {
  /// What the evidence of each is divided by.
  var divisors: ArmBursts.Divisors
  /// Whether the late looks speak more against the canary than the run does.
  var isLate: Bool
  /// ln of the e-value of the fail side; of the comparison with the control, and of the pass side as a whole.
  var fail, beside, pass: Double

  func judgement(_ test: CountTest) -> Judgement {
    if fail >= -ln(test.alpha) { return .fail }
    return pass >= -ln(test.beta) ? .pass : .inconclusive
  }
}

extension CountEvidence {
  /// What there is to tell beside a judgement: the stretch it rests on, the number of its first look, and bounds of the
  /// ratio, each with its side's confidence where errors come one by one: they explain, and decide nothing.
  struct Account {
    var judgement: Judgement
    var since: Int
    var canary, control: ArmCounts
    var logFail, logPass: Double
    var atLeast, below: Double
    var dispersion: Double
    /// It passes since there is too little that is bad to mind, whatever is beside it.
    var isNegligible: Bool
  }

  func account(_ test: CountTest, _ sides: Sides) -> Account {
    let judgement = sides.judgement(test)
    let hasFailed = judgement == .fail
    let first = hasFailed ? (sides.isLate ? onset.suspect : 1) : run.looks - step.looks + 1
    let told = hasFailed ? (sides.isLate ? late : run) : step
    return Account(
      judgement: judgement, since: first, canary: told.canary, control: told.control, logFail: sides.fail,
      logPass: sides.pass, atLeast: atLeast(test, sides), below: step.atMost(test.beta, over: sides.divisors.beside),
      dispersion: sides.divisors.against,
      isNegligible: judgement == .pass && sides.beside < -ln(test.beta))
  }

  private func atLeast(_ test: CountTest, _ sides: Sides) -> Double {
    let stake = exponential(sides.isLate ? onset.logStake : Onset.logOnStart)
    return (sides.isLate ? late : run).atLeast(test.alpha * stake, over: sides.divisors.against)
  }
}
