package import PipelineModel

/// A comparison of single values made ready, with the part of α and β that falls to it.
///
/// The control's values times `tolerate` are what the canary's are held against on the fail side, times `detect` on the
/// pass side; divided by them where lower is worse. Either side is a test that may be looked at at any time: of
/// quantiles see `QuantileTest`, of means `MeanDifference`. A canary that is better than the tolerated one is failed more
/// rarely still, since its values are lower one by one. It fails on the run as a whole or on the step in progress, each with
/// its part of α, and passes on the step alone.
package struct SampleComparing: Hashable, Sendable {
  package let rule: SampleComparison
  package let alpha, beta: Double

  /// - Parameter share: the comparison's part of what may go wrong in the whole rollout.
  package init(_ rule: SampleComparison, share: Double) {
    self.rule = rule
    alpha = (1 - rule.confidence) * share
    beta = (1 - rule.passConfidence) * share
  }

  /// Takes in a look, and says what all looks say together.
  ///
  /// - Parameter isAlone: nothing runs beside the canary any more; then it says what it said.
  package func weigh(_ look: SampleLook, isAlone: Bool, _ evidence: inout SampleEvidence) -> Judgement {
    if !isAlone {
      guard evidence.add(look, keepingValues: isOfQuantiles) else { return .noData }
      (evidence.strength, evidence.isLate) = evidence.run.hasEnough(rule) ? strength(evidence) : (nil, false)
    }
    return judgement(evidence)
  }

  private var isOfQuantiles: Bool { if case .quantile = rule.measure { true } else { false } }

  package func judgement(_ evidence: SampleEvidence) -> Judgement {
    switch evidence.strength {
    case .evidence(let fail, let pass):
      if fail >= -ln(alpha) { return .fail }
      return pass >= -ln(beta) ? .pass : .inconclusive
    case .bounds(let atLeast, let below):
      if atLeast > rule.tolerate { return .fail }
      return below < rule.detect ? .pass : .inconclusive
    case nil: return .inconclusive
    }
  }

  /// What all looks say together, and whether it is the step that speaks most against the canary.
  private func strength(_ evidence: SampleEvidence) -> (SampleWeighing.Strength?, isLate: Bool) {
    switch rule.measure {
    case .quantile(let p): quantiles(p, evidence)
    case .mean: means(evidence)
    }
  }

  // MARK: Quantiles

  /// A mixture of the run's e-value and the step's; in time ahead the stakes on steps to come.
  private func quantiles(_ p: Double, _ evidence: SampleEvidence) -> (SampleWeighing.Strength?, isLate: Bool) {
    let run = quantiles(p, evidence.run)
    let step = evidence.laterStep.map { $0.hasEnough(rule) ? quantiles(p, $0) : (fail: 0, pass: 0) }
    let early = run.fail - ln(2)
    let late = step.map { $0.fail + ln(evidence.stepStake) } ?? -.infinity
    let fail = logSum(logSum(early, late), ln(evidence.stakeToCome))
    return (.evidence(fail: fail, pass: (step ?? run).pass), late > early)
  }

  /// ln of the e-values of both sides.
  private func quantiles(_ p: Double, _ pair: SamplePair) -> (fail: Double, pass: Double) {
    let test = QuantileTest(quantile: p, tOpt: rule.sharpestAt)
    let canary = pair.canary.estimate(rule.measure)
    let control = pair.control.estimate(rule.measure)
    /// ln of the e-value against the control's quantile times `factor`, as far as it lies on the side asked for.
    func against(_ factor: Double, _ isAbove: Bool) -> Double {
      // So many times as much means nothing of what is not positive.
      guard control > 0, canary > 0 else { return 0 }
      guard isAbove ? canary > control * factor : canary < control * factor else { return 0 }
      return max(0, test.logEvidence(ofSorted: pair.canary.values, pair.control.values.map { $0 * factor }))
    }
    return switch rule.worse {
    case .higher: (against(rule.tolerate, true), against(rule.detect, false))
    case .lower: (against(1 / rule.tolerate, false), against(1 / rule.detect, true))
    }
  }

  // MARK: Means

  /// Bounds of how many times worse the canary's mean is; `nil` where nothing is known of it.
  private func means(_ evidence: SampleEvidence) -> (SampleWeighing.Strength?, isLate: Bool) {
    let run = means(evidence.run, alpha: alpha / 2)
    guard let step = evidence.laterStep else { return (run.map { .bounds(atLeast: $0.lower, below: $0.upper) }, false) }
    let late = step.hasEnough(rule) ? means(step, alpha: alpha * evidence.stepStake) : nil
    guard run != nil || late != nil else { return (nil, false) }
    let (early, now) = (run?.lower ?? 0, late?.lower ?? 0)
    return (.bounds(atLeast: max(early, now), below: late?.upper ?? .infinity), now > early)
  }

  private func means(_ pair: SamplePair, alpha: Double) -> (lower: Double, upper: Double)? {
    let arms = (control: pair.control.moments, canary: pair.canary.moments)
    func difference(_ error: Double) -> MeanDifference? {
      guard arms.control.mean > 0 else { return nil }
      return MeanDifference(
        control: arms.control, canary: arms.canary, relative: true, tightestAt: 2 * rule.sharpestAt, alpha: error)
    }
    guard let fail = difference(alpha), let pass = difference(beta) else {
      return equalMeans(arms.control, arms.canary)
    }
    func ratio(_ difference: Double) -> Double { max(0, 1 + difference) }
    return switch rule.worse {
    case .higher: (ratio(fail.estimate - fail.oneSidedReach), ratio(pass.estimate + pass.oneSidedReach))
    case .lower: (1 / ratio(fail.estimate + fail.oneSidedReach), 1 / ratio(pass.estimate - pass.oneSidedReach))
    }
  }

  /// Values that never vary say at once how they compare.
  private func equalMeans(_ control: Moments, _ canary: Moments) -> (lower: Double, upper: Double)? {
    guard control.count >= 2, canary.count >= 2, control.isConstant, canary.isConstant,
      control.mean > 0, canary.mean > 0
    else { return nil }
    let ratio = rule.worse == .higher ? canary.mean / control.mean : control.mean / canary.mean
    return (ratio, ratio)
  }

  // MARK: The record

  package func weighing(_ evidence: SampleEvidence) -> SampleWeighing {
    func summary(_ arm: SampleArm) -> SampleWeighing.Arm {
      .init(count: arm.moments.count, estimate: arm.estimate(rule.measure))
    }
    let isOfRun = judgement(evidence) == .fail && !evidence.isLate
    let told = isOfRun ? evidence.run : evidence.step
    return SampleWeighing(
      look: evidence.looks, skipped: evidence.skipped, since: isOfRun ? 1 : evidence.stepSince,
      canary: summary(told.canary), control: summary(told.control), strength: evidence.strength?.rounded)
  }
}

/// What a comparison of single values had to say after a look, kept in the journal beside the look's answer.
package struct SampleWeighing: Hashable, Sendable {
  /// Number of the look that said something last; looks that said nothing.
  package var look: Int
  package var skipped: Int
  /// Number of the look from which on the values are those that the verdict rests on: 1 for the whole run.
  package var since: Int
  package var canary, control: Arm
  /// `nil`: there is too little to say anything.
  package var strength: Strength?

  package struct Arm: Hashable, Sendable {
    package var count: Double
    /// The mean, or the quantile.
    package var estimate: Double
    package init(count: Double, estimate: Double) {
      self.count = count
      self.estimate = estimate
    }
  }

  package enum Strength: Hashable, Sendable {
    /// ln of the e-values of both sides.
    case evidence(fail: Double, pass: Double)
    /// The canary is at least, and less than, so many times as bad, each with its side's confidence.
    case bounds(atLeast: Double, below: Double)

    /// To four decimals: enough to recompute a verdict, and the same on every machine.
    fileprivate var rounded: Strength {
      func rounded(_ value: Double) -> Double { value.isFinite ? (value * 1e4).rounded() / 1e4 + 0 : value }
      return switch self {
      case .evidence(let fail, let pass): .evidence(fail: rounded(fail), pass: rounded(pass))
      case .bounds(let atLeast, let below): .bounds(atLeast: rounded(atLeast), below: rounded(below))
      }
    }
  }

  package init(
    look: Int, skipped: Int = 0, since: Int = 1, canary: Arm, control: Arm, strength: Strength?
  ) {
    self.look = look
    self.skipped = skipped
    self.since = since
    self.canary = canary
    self.control = control
    self.strength = strength
  }
}
