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
      beta: (1 - rule.passConfidence) * share, dispersion: dispersion,
      negligible: rule.negligible > 0 ? NegligibleRate(limit: rule.negligible) : nil)
    rail = rule.limit.map { RateLimit(limit: $0, alpha: alpha * 0.1) }
  }

  /// Takes in a look, and says what all looks say together.
  ///
  /// - Parameter isAlone: nothing runs beside the canary any more. The comparison then ends, and the guard rail judges.
  package func weigh(_ look: CountLook, isAlone: Bool, _ evidence: inout Evidence) -> Judgement {
    take(look, isAlone: isAlone, &evidence)
    return judgement(look, isAlone: isAlone, evidence, evidence.counts.sides(test))
  }

  /// The same, with what there is to tell of it.
  package func weighed(
    _ look: CountLook, isAlone: Bool, _ evidence: inout Evidence
  ) -> (judgement: Judgement, weighing: Weighing) {
    take(look, isAlone: isAlone, &evidence)
    let sides = evidence.counts.sides(test)
    return (judgement(look, isAlone: isAlone, evidence, sides), weighing(evidence, sides))
  }

  private func take(_ look: CountLook, isAlone: Bool, _ evidence: inout Evidence) {
    if let rail { evidence.guardCanary(look.canary, rail, isAlone: isAlone) }
    if !isAlone { evidence.compare(look, test) }
  }

  private func judgement(_ look: CountLook, isAlone: Bool, _ evidence: Evidence, _ sides: Sides) -> Judgement {
    if let rail, evidence.rail.isBroken(rail) { return .fail }
    guard look.canary.all > 0, isAlone || look.control.all > 0 else {
      // A failure once reached stays; a pass needs to be said anew.
      return sides.judgement(test) == .fail ? .fail : .noData
    }
    if isAlone, let rail { return evidence.rail.judgement(rail, beta: test.beta) }
    return sides.judgement(test)
  }

  package func weighing(_ evidence: Evidence) -> Weighing { weighing(evidence, evidence.counts.sides(test)) }

  private func weighing(_ evidence: Evidence, _ sides: Sides) -> Weighing {
    let account = evidence.counts.account(test, sides)
    var weighing = Weighing(
      look: evidence.counts.run.looks, skipped: evidence.counts.skipped, canary: account.canary,
      control: account.control, logFail: account.logFail.rounded(to: 1e4),
      logPass: account.logPass.rounded(to: 1e4), atLeast: account.atLeast, below: account.below,
      dispersion: account.dispersion.rounded(to: 1e3), since: account.since, isNegligible: account.isNegligible,
      strayShare: evidence.split.isOff ? evidence.split.share?.rounded(to: 1e4) : nil)
    if let rail { tellOfRail(evidence.rail, rail, &weighing) }
    return weighing
  }

  /// A broken rail, and a canary alone, are told of by the rail's own counts.
  private func tellOfRail(_ evidence: RailEvidence, _ rail: RateLimit, _ weighing: inout Weighing) {
    weighing.isBeyondLimit = evidence.isBroken(rail)
    guard let account = evidence.account(rail) else { return }
    weighing.look = evidence.onset.looks
    weighing.since = account.since
    weighing.canary = account.canary
    weighing.control = ArmCounts()
  }
}

extension Double {
  fileprivate func rounded(to scale: Double) -> Double { (self * scale).rounded() / scale + 0 }
}
