package import PipelineModel

/// A comparison made ready: its test and its guard rail, with the part of α and β that falls to each.
package struct Comparing: Hashable, Sendable {
  package let rule: Comparison
  package let test: CountTest
  package let rail: RateLimit?

  /// - Parameter share: the comparison's part of what may go wrong in the whole rollout.
  package init(_ rule: Comparison, share: Double) {
    self.rule = rule
    let alpha = (1 - rule.confidence) * share
    let dispersion: CountTest.Dispersion =
      switch rule.dispersion {
      case .none: .none
      case .estimated: .estimated
      case .given(let index): .given(index)
      }
    // A guard rail is for catastrophes: they need little, and it gets little.
    test = CountTest(
      tolerate: rule.tolerate, detect: rule.detect, alpha: rule.limit == nil ? alpha : alpha * 0.9,
      beta: (1 - rule.passConfidence) * share, dispersion: dispersion)
    rail = rule.limit.map { RateLimit(limit: $0, alpha: alpha * 0.1) }
  }

  /// Takes in a look, and says what all looks say together.
  ///
  /// - Parameters:
  ///   - weight: the canary's share as it was set; `nil`: not known to have held through the look, so not checked.
  ///   - isAlone: nothing runs beside the canary any more. The comparison then says what it said, and the guard rail judges.
  package func weigh(_ look: CountLook, weight: Weight?, isAlone: Bool, _ evidence: inout Evidence) -> Judgement {
    if let weight { evidence.checkSplit(look, at: weight) }
    evidence.guardCanary(look.canary, isAlone: isAlone)
    if !isAlone { evidence.compare(look, test) }
    if let rail, rail.isBroken(by: evidence) { return .fail }
    if isAlone, let rail {
      guard look.canary.all > 0 else { return .noData }
      return evidence.alone.bad <= rail.limit * evidence.alone.all ? .pass : .inconclusive
    }
    guard isAlone || (look.canary.all > 0 && look.control.all > 0) else {
      // A failure once reached stays; a pass needs to be said anew.
      return evidence.counts.judgement(test) == .fail ? .fail : .noData
    }
    return evidence.counts.judgement(test)
  }

  package func weighing(_ evidence: Evidence) -> Weighing {
    let counts = evidence.counts
    let (fail, pass) = counts.logEvidence(test)
    return Weighing(
      look: counts.looks, skipped: counts.skipped, canary: counts.canary, control: counts.control,
      logFail: fail.rounded(to: 1e4), logPass: pass.rounded(to: 1e4), atLeast: counts.atLeast(test.alpha, test),
      below: counts.atMost(test.beta, test), dispersion: counts.dispersion(test).rounded(to: 1e3),
      isBeyondLimit: rail?.isBroken(by: evidence) ?? false,
      strayShare: evidence.split.isOff ? evidence.split.share?.rounded(to: 1e4) : nil)
  }
}

extension Double {
  fileprivate func rounded(to scale: Double) -> Double { (self * scale).rounded() / scale + 0 }
}
