package import PipelineModel

/// A metric made ready to judge: shared by all runs of a pipeline, and asked at every look.
package final class Judge: Sendable {
  package let stakes: Stakes
  /// Set for comparisons, which carry evidence from look to look.
  package let comparing: Comparing?
  /// Whether its looks carry evidence: whether `comparing` is set.
  package let carriesEvidence: Bool
  private let rule: Rule
  private let limits: Limits?

  private enum Rule: Sendable {
    case threshold(Thresholds)
    case relative(Thresholds, minimum: Double)
    case rankSum(RankSumJudge)
    case burnRate(Objective)
    case budget(Objective, ChangeKind)
    case comparison
  }

  /// - Parameter shareOfError: of what may go wrong in the whole rollout; see `[Metric].shareOfError`.
  package init(_ metric: Metric, shareOfError: Double = 1) {
    stakes = metric.stakes
    comparing = metric.comparison.map { Comparing($0, share: shareOfError) }
    carriesEvidence = metric.comparison != nil
    if case .threshold(let threshold) = metric.rule { limits = Thresholds(threshold).limits } else { limits = nil }
    switch metric.rule {
    case .threshold(let threshold): rule = .threshold(Thresholds(threshold))
    case .relative(let relative): rule = .relative(Thresholds(relative.threshold), minimum: relative.minimum)
    case .rankSum(let settings): rule = .rankSum(RankSumJudge(settings))
    case .burnRate(let objective): rule = .burnRate(objective)
    case .budget(let objective, let change): rule = .budget(objective, change)
    case .comparison: rule = .comparison
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
    case .budget(let objective, let change): try answer.judgedByBudget(objective, change)
    case .comparison: try answer.look == nil ? .noData : .inconclusive
    }
  }

  /// Judges a look of a comparison with those before it; see `Comparing.weigh`.
  package func weigh(
    _ answer: Answer, weight: Weight?, isAlone: Bool, _ evidence: inout Evidence
  ) -> Judgement {
    guard let comparing else { return judge(answer) }
    do throws(TypeFault) {
      guard let look = try answer.look else { return .noData }
      return comparing.weigh(look, weight: weight, isAlone: isAlone, &evidence)
    } catch {
      return .error
    }
  }
}

extension Answer {
  /// The counts of both arms; `nil` where one of them is not known.
  package var look: CountLook? {
    get throws(TypeFault) {
      guard let canary = try counts(.canary) else { return nil }
      // At 100 % the control's series go away; the canary's are still looked at.
      return CountLook(canary: canary, control: try counts(.control) ?? ArmCounts())
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
    switch judge.judge(canary: try series("canary"), control: try series("control")).label {
    case .pass: .pass
    case .high, .low: .fail
    case .noData, .noDataFail: .noData
    }
  }

  /// Fails as soon as one rule fires; passes when all windows are known and none does.
  fileprivate func judgedByBurn(_ objective: Objective) throws(TypeFault) -> Judgement {
    var isKnown = true
    for rule in objective.rules {
      let long = try ratio(over: rule.long).map(objective.burn) ?? .nan
      let short = try ratio(over: rule.short).map(objective.burn) ?? .nan
      guard let fires = rule.fires(long: long, short: short) else {
        isKnown = false
        continue
      }
      if fires { return .fail }
    }
    return isKnown ? .pass : .noData
  }

  fileprivate func judgedByBudget(_ objective: Objective, _ change: ChangeKind) throws(TypeFault) -> Judgement {
    let left = try ratio(over: objective.window).map { 1 - objective.burn($0) }
    switch objective.policy.allows(change, left: left) {
    case .allowed: return .pass
    case .unknown: return .noData
    case .frozen, .exhausted, .rebuilding: return .fail
    }
  }

  /// The share of bad requests over a window; `nil` without requests.
  package func ratio(over window: Interval) throws(TypeFault) -> Double? {
    guard let all = try part("all.\(window)"), all > 0, all.isFinite else { return nil }
    let bad = try part("bad.\(window)") ?? 0
    return bad.isFinite && bad >= 0 ? bad / all : nil
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
      allowed: Allowed(decrease: settings.allowedDecrease, increase: settings.allowedIncrease),
      outliers: settings.removesOutliers ? OutlierFences() : nil)
  }
}
