import Analysis
import Foundation
import PipelineModel

/// A rule on trial: our default, and what others do with the same traffic.
package enum LabRule: String, Hashable, Sendable, CaseIterable {
  /// The anytime-valid comparison with its burstiness estimated from the control.
  case headgate
  /// The same without a correction for bursts.
  case uncorrected = "headgate, no dispersion"
  /// A single look above twice the usual rate fails, as `failureLimit: 0` has it.
  case threshold = "plain threshold"
  /// Success of at least 1 − twice the usual rate; the fifth look below it rolls back.
  case flagger = "Flagger"
  /// The rank-sum judge over the looks of each step, at its end.
  case kayenta = "Kayenta"
  /// Two shares compared at every look as if it were the only one, one-sided at 1 %.
  case zTest = "z-test at every look"
}

/// A rule in the middle of a rollout.
struct LabTrial {
  private let rule: LabRule
  private let base: Double
  private let test: CountTest
  private var evidence = CountEvidence()
  private var canary = ArmCounts()
  private var control = ArmCounts()
  private var failures = 0
  private var series: (canary: [Double], control: [Double]) = ([], [])

  init(_ rule: LabRule, base: Double, alpha: Double) {
    self.rule = rule
    self.base = base
    test = CountTest(alpha: alpha, dispersion: rule == .uncorrected ? .none : .estimated)
  }

  /// Takes in a look; `fail` rolls back.
  mutating func judge(_ look: CountLook, beginsStep: Bool, endsStep: Bool) -> Judgement {
    switch rule {
    case .headgate, .uncorrected:
      if beginsStep { evidence.beginStep() }
      evidence.add(look, test)
      return evidence.judgement(test)
    case .threshold: return rate(look.canary) > 2 * base ? .fail : .pass
    case .flagger:
      if rate(look.canary) > 2 * base { failures += 1 }
      return failures >= 5 ? .fail : .pass
    case .kayenta: return ranks(look, endsStep)
    case .zTest: return shares(look)
    }
  }

  private func rate(_ arm: ArmCounts) -> Double { arm.all > 0 ? arm.bad / arm.all : 0 }

  private mutating func ranks(_ look: CountLook, _ endsStep: Bool) -> Judgement {
    series.canary.append(rate(look.canary))
    series.control.append(rate(look.control))
    guard endsStep else { return .inconclusive }
    defer { series = ([], []) }
    let label = RankSumJudge(direction: .increase).judge(canary: series.canary, control: series.control).label
    return label == .high ? .fail : .pass
  }

  private mutating func shares(_ look: CountLook) -> Judgement {
    canary.bad += look.canary.bad
    canary.all += look.canary.all
    control.bad += look.control.bad
    control.all += look.control.all
    let pooled = (canary.bad + control.bad) / (canary.all + control.all)
    let variance = pooled * (1 - pooled) * (1 / canary.all + 1 / control.all)
    guard variance > 0 else { return .inconclusive }
    return (rate(canary) - rate(control)) / variance.squareRoot() > 2.326 ? .fail : .pass
  }
}
