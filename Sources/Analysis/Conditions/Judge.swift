package import PipelineModel

/// A metric made ready to judge: shared by all runs of a pipeline, and asked at every look.
package final class Judge: Sendable {
  package let stakes: Stakes
  /// Set for comparisons of counts and of single values, which carry evidence from look to look.
  package let comparing: Comparing?
  package let sampling: SampleComparing?
  /// Set for rules that compare by ranks, and may count for a score.
  package let ranking: RankSumJudge?
  /// Set for rules about what is left of an error budget, which depend on what was seen of it before.
  package let budget: (objective: Objective, change: ChangeKind)?
  private let rule: Rule
  private let limits: Limits?

  private enum Rule: Sendable {
    case threshold(Thresholds)
    case relative(Thresholds, minimum: Double)
    case rankSum(RankSumJudge)
    case burnRate(Objective)
    case budget(Objective, ChangeKind)
    case comparison(MissingCount)
    case samples
  }

  /// Whether it looks at two versions, so that the split of the traffic between them can be checked.
  package let comparesArms: Bool
  /// Whether one answer by itself does not tell all: what the run has seen before belongs to it.
  package let needsRun: Bool

  /// - Parameter shareOfError: of what may go wrong in the whole rollout; see `[Metric].shareOfError`.
  package init(_ metric: Metric, shareOfError: Double = 1) {
    stakes = metric.stakes
    comparing = metric.comparison.map { Comparing($0, share: shareOfError) }
    sampling = metric.samples.map { SampleComparing($0, share: shareOfError) }
    ranking = metric.rankSum.map { RankSumJudge($0) }
    if case .budget(let objective, let change) = metric.rule { budget = (objective, change) } else { budget = nil }
    needsRun = comparing != nil || sampling != nil || budget != nil || ranking != nil
    comparesArms = metric.comparesArms
    if case .threshold(let threshold) = metric.rule { limits = Thresholds(threshold).limits } else { limits = nil }
    switch metric.rule {
    case .threshold(let threshold): rule = .threshold(Thresholds(threshold))
    case .relative(let relative): rule = .relative(Thresholds(relative.threshold), minimum: relative.minimum)
    case .rankSum(let settings): rule = .rankSum(RankSumJudge(settings))
    case .burnRate(let objective): rule = .burnRate(objective)
    case .budget(let objective, let change): rule = .budget(objective, change)
    case .comparison(let comparison): rule = .comparison(comparison.missing)
    case .samples: rule = .samples
    }
  }

  /// `fail` wins over `pass`; with one of the two given, its opposite is the other; with both and neither met,
  /// inconclusive. What cannot be known is `noData`, a type fault `error`.
  ///
  /// Not for comparisons: one look of them is judged with those before; by itself it is inconclusive.
  package func judge(_ answer: Answer) -> Judgement {
    if let limits, case .number(let value) = answer { return limits.judge(value) }
    return (try? evaluate(answer)) ?? .error
  }

  /// Why an answer is judged `error`, in words; `nil` when it is not.
  package func fault(in answer: Answer) -> String? {
    do {
      _ = try evaluate(answer)
      return nil
    } catch {
      return error.description
    }
  }

  private func evaluate(_ answer: Answer) throws(TypeFault) -> Judgement {
    switch rule {
    case .threshold(let thresholds): try thresholds.judge(answer)
    case .relative(let thresholds, let minimum): try answer.judgedRelatively(thresholds, minimum)
    case .rankSum(let judge): try answer.judgedByRanks(judge)
    case .burnRate(let objective): try answer.judgedByBurn(objective)
    case .budget(let objective, let change):
      try BudgetLook(objective, change, answer.budgetLeft(objective), wasSpent: false).judgement
    case .comparison(let missing): try answer.look(missing) == nil ? .noData : .inconclusive
    case .samples: try answer.sampleLook == nil ? .noData : .inconclusive
    }
  }

  /// Judges a look of a comparison with those before it, and tells of it unless nothing was seen; see `Comparing.weighed`.
  package func weigh(
    _ answer: Answer, isAlone: Bool, _ evidence: inout Evidence
  ) -> (judgement: Judgement, weighing: Weighing?) {
    guard let comparing else { return (judge(answer), nil) }
    do throws(TypeFault) {
      guard let look = try answer.look(comparing.rule.missing) else { return (.noData, nil) }
      let (judgement, weighing) = comparing.weighed(look, isAlone: isAlone, &evidence)
      let isTold = judgement != .noData && evidence != Evidence()
      return (judgement, isTold ? weighing : nil)
    } catch {
      return (.error, nil)
    }
  }
}

extension Answer {
  /// The counts of both arms; `nil` where one of them is not known.
  package func look(_ missing: MissingCount) throws(TypeFault) -> CountLook? {
    guard let canary = try counts(.canary, missing) else { return nil }
    // At 100 % the control's series go away; the canary's are still looked at.
    return CountLook(canary: canary, control: try counts(.control, missing) ?? ArmCounts())
  }

  /// Single values of both arms; `nil` where one of them has none.
  package var sampleLook: SampleLook? {
    get throws(TypeFault) {
      guard let canary = try samples(.canary), let control = try samples(.control) else { return nil }
      return SampleLook(canary: canary, control: control)
    }
  }

  fileprivate func judgedRelatively(_ thresholds: Thresholds, _ minimum: Double) throws(TypeFault) -> Judgement {
    for side in Question.Side.allCases where minimum > 0 {
      guard let all = try part("\(side.rawValue).all"), all >= minimum else { return .noData }
    }
    guard let canary = try part("canary"), let control = try part("control") else { return .noData }
    func member(_ name: String, _ value: Double) -> Member { Member(name: name, value: .number(value)) }
    return try thresholds.judge(
      .object([
        member("canary", canary), member("control", control), member("difference", canary - control),
        member("ratio", control == 0 ? .nan : canary / control),
      ]))
  }

  fileprivate func judgedByRanks(_ judge: RankSumJudge) throws(TypeFault) -> Judgement {
    judge.judge(canary: try series("canary"), control: try series("control")).label.judgement
  }

  /// Fails as soon as one rule fires; passes when all windows are known and none does.
  fileprivate func judgedByBurn(_ objective: Objective) throws(TypeFault) -> Judgement {
    var isKnown = true
    for rule in objective.rules {
      let long = try ratio(objective, over: rule.long).map(objective.burn) ?? .nan
      let short = try ratio(objective, over: rule.short).map(objective.burn) ?? .nan
      guard let fires = rule.fires(long: long, short: short) else {
        isKnown = false
        continue
      }
      if fires { return .fail }
    }
    return isKnown ? .pass : .noData
  }

  /// The share of an objective's error budget that is left; `nil` without requests.
  fileprivate func budgetLeft(_ objective: Objective) throws(TypeFault) -> Double? {
    try ratio(objective, over: objective.window).map { 1 - objective.burn($0) }
  }

  /// The share of bad requests over a window; `nil` without requests, and where nobody knows how many were bad.
  package func ratio(_ objective: Objective, over window: Interval) throws(TypeFault) -> Double? {
    if let ratio = try part("ratio.\(window)") {
      guard ratio.isFinite else { return nil }
      if (0...1).contains(ratio) { return ratio }
      throw TypeFault("\(ratio) is no share of requests: `ratio` is from 0 to 1")
    }
    guard let all = try part("all.\(window)"), all > 0, all.isFinite else { return nil }
    if let good = try part("good.\(window)") { return good.isFinite && good >= 0 ? max(0, all - good) / all : nil }
    let isNone = objective.missing == .zero && isMissing("bad.\(window)")
    guard let bad = try part("bad.\(window)") ?? (isNone ? 0 : nil) else { return nil }
    return bad.isFinite && bad >= 0 ? bad / all : nil
  }
}

extension Judge {
  /// Judges a look of a rule about single values with those before it; see `SampleComparing.weigh`.
  package func weighSamples(_ answer: Answer, isAlone: Bool, _ evidence: inout SampleEvidence) -> Judgement {
    guard let sampling else { return judge(answer) }
    do throws(TypeFault) {
      guard let look = try answer.sampleLook else { return .noData }
      return sampling.weigh(look, isAlone: isAlone, &evidence)
    } catch {
      return .error
    }
  }

  /// What a look brings to a score; `nil` for rules that count for none.
  package func rank(_ answer: Answer) -> ScoreBoard.Ranked? {
    guard let ranking else { return nil }
    do throws(TypeFault) {
      let verdict = ranking.judge(canary: try answer.series("canary"), control: try answer.series("control"))
      let ratio = verdict.shift == nil || !verdict.meanRatio.isFinite ? nil : verdict.meanRatio.twoDecimals
      return .label(verdict.label, isCritical: verdict.isCritical, ratio: ratio)
    } catch {
      return .unanswered
    }
  }

  /// What a look at an error budget comes to; `nil` for other rules, and for an answer of the wrong shape.
  ///
  /// - Parameters:
  ///   - claimed: what the run says it is for; `nil`: what the pipeline says.
  ///   - spent: what was seen of budgets before, this look afterwards included.
  package func lookAtBudget(_ answer: Answer, _ claimed: ChangeKind?, _ spent: inout SpentBudgets) -> BudgetLook? {
    guard let budget else { return nil }
    do throws(TypeFault) {
      let left = try answer.budgetLeft(budget.objective)
      spent.see(budget.objective, left: left)
      return BudgetLook(
        budget.objective, claimed ?? budget.change, left, wasSpent: spent.contains(budget.objective.name))
    } catch {
      return nil
    }
  }
}

extension BudgetLook {
  fileprivate init(_ objective: Objective, _ change: ChangeKind, _ left: Double?, wasSpent: Bool) {
    self.init(
      left: left.map { ($0 * 1e4).rounded() / 1e4 + 0 },
      ruling: objective.policy.allows(change, left: left, wasExhausted: wasSpent), change: change)
  }
}

extension RankSumJudge.Label {
  package var judgement: Judgement {
    switch self {
    case .pass: .pass
    case .high, .low: .fail
    case .noData, .noDataFail: .noData
    }
  }
}

extension RankSumJudge {
  fileprivate init(_ settings: RankSum) {
    let direction: Direction =
      switch settings.direction {
      case .increase: .increase
      case .decrease: .decrease
      case .either: .either
      }
    self.init(
      tolerance: settings.tolerance, confidence: settings.confidence, direction: direction,
      missing: settings.missing == .remove ? .remove : .replace,
      effect: settings.effect == .meanRatio ? .meanRatio : .cles,
      allowed: Allowed(decrease: settings.allowedDecrease, increase: settings.allowedIncrease),
      critical: Allowed(decrease: settings.criticalDecrease, increase: settings.criticalIncrease),
      isCritical: settings.mustPass, mustHaveData: settings.mustHaveData,
      outliers: settings.outlierFactor.map { OutlierFences(factor: $0, by: settings.outlierMeasure) })
  }
}
