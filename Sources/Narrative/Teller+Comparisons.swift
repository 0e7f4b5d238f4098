package import Analysis
import Engine
import Foundation
package import PipelineModel

/// The sentence of a comparison, for somebody who was woken by it.
extension Teller {
  /// A look of a comparison that said something; `nil` for all others.
  func compared(_ site: GateSite, _ metric: Int, _ judgement: Judgement) -> Sentence? {
    if let sampled = sampled(site, metric, judgement) { return sampled }
    guard let comparing = run.comparing(metric), let weighing = weighing(site, metric) else { return nil }
    let name = plan.pipeline.metrics[metric].name
    let tone: Sentence.Tone = judgement == .fail ? .bad : .detail
    return say(tone, "\(judgement.phrase): \(weighing.sentence(name, comparing, judgement))")
  }

  /// What a comparison had to say when its gate decided.
  func compared(_ report: MetricReport) -> String? {
    let metric = plan.pipeline.metrics[report.metric]
    guard report.verdict != .noData, report.verdict != .error else { return nil }
    let judgement: Judgement =
      switch report.verdict {
      case .fail: .fail
      case .pass: .pass
      case .inconclusive, .stopped, .noData, .error: .inconclusive
      }
    let remark = metric.decides ? "" : " (does not decide)"
    if let sampling = run.sampling(report.metric),
      let weighing = run.sampleWeighing(of: report.metric) ?? before.sampleWeighing(of: report.metric)
    {
      return weighing.sentence(metric.name, sampling, judgement) + remark
    }
    guard let comparing = run.comparing(report.metric),
      let weighing = run.weighing(of: report.metric) ?? before.weighing(of: report.metric)
    else { return nil }
    return weighing.sentence(metric.name, comparing, judgement) + remark
  }

  private func weighing(_ site: GateSite, _ metric: Int) -> Weighing? {
    for case .weighed(site, metric, let weighing) in entry.decisions { return weighing }
    return nil
  }
}

extension Weighing {
  /// "41 errors in 10 210 canary requests against 190 in 193 400 beside it: at least 1.6× worse (99%, look 7)"
  package func sentence(_ noun: String, _ comparing: Comparing, _ judgement: Judgement) -> String {
    let start = since > 1 ? "since look \(since), " : ""
    let counts = "\(start)\(Self.count(canary.bad)) \(noun) in \(Self.count(canary.all)) canary requests"
    let beside = " against \(Self.count(control.bad)) in \(Self.count(control.all)) beside it"
    return "\(counts)\(isOfRail ? "" : beside): \(conclusion(comparing, judgement))\(remarks)"
  }

  /// Nothing runs beside the canary, or a limit decided whatever does.
  private var isOfRail: Bool { control.all == 0 && canary.all > 0 }

  private func conclusion(_ comparing: Comparing, _ judgement: Judgement) -> String {
    let rule = comparing.rule
    let limit = Unit.percent.format(rule.limit ?? 0)
    switch judgement {
    case .fail where isBeyondLimit: return "more than the \(limit) that are allowed at most (look \(look))"
    case .pass where isOfRail: return "within the \(limit) that are allowed at most (look \(look))"
    case .inconclusive where isOfRail: return "undecided, near to the \(limit) that are allowed at most (look \(look))"
    case .pass where isNegligible:
      let share = Unit.percent.format(rule.negligible)
      return "fewer than \(share), which is negligible (\(Unit.percent.format(rule.passConfidence)), look \(look))"
    case .fail:
      let least = max(atLeast, rule.tolerate)
      let ratio = least <= 1 ? "worse" : "at least \(Unit.plain.format(least))× worse"
      return "\(ratio) (\(Unit.percent.format(rule.confidence)), look \(look))"
    case .pass:
      let most = Unit.plain.format(min(below, rule.detect))
      return "less than \(most)× as bad (\(Unit.percent.format(rule.passConfidence)), look \(look))"
    case .inconclusive, .noData, .error:
      return "undecided, \(Self.strength(logFail, comparing.test.alpha)) that it is worse, "
        + "\(Self.strength(logPass, comparing.test.beta)) that it is not (look \(look))"
    }
  }

  private var remarks: String {
    // A limit is divided by nothing.
    let hasBursts = dispersion >= 1.5 && canary.bad + control.bad > 0 && !isOfRail && !isBeyondLimit
    let bursts = hasBursts ? "; bursts are allowed for, \(Unit.plain.format(dispersion)) times as much is asked" : ""
    let stray = strayShare.map { "; it gets \(Unit.percent.format($0)) of the requests, not what was set" } ?? ""
    return bursts + stray
  }

  /// "evidence 3.2 of 100", as e-values.
  static func strength(_ logValue: Double, _ error: Double) -> String {
    "evidence \(Unit.plain.format(min(exp(logValue), 1 / error))) of \(Unit.plain.format(1 / error))"
  }

  /// Digits in groups of three: `193 400`.
  static func count(_ value: Double) -> String {
    guard value.magnitude < 1e15 else { return "\(value)" }
    var digits = String(Int64(value.rounded()))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: " ")
  }
}

extension Metric {
  /// An answer in several parts, as the rule sees it; `nil` for rules that see it as it came.
  package func phrase(of answer: Answer) -> String? {
    switch rule {
    case .threshold: return nil
    case .comparison(let rule):
      guard let look = (try? answer.look(rule.missing)) ?? nil else { return answer.wantOfCounts }
      return "\(Weighing.count(look.canary.bad)) of \(Weighing.count(look.canary.all)) beside "
        + "\(Weighing.count(look.control.bad)) of \(Weighing.count(look.control.all))"
    case .relative, .rankSum, .samples:
      guard case .object(let members) = answer else { return nil }
      return members.map { "\($0.name) \($0.value.phrase(unit: .plain))" }.joined(separator: ", ")
    case .burnRate(let objective):
      let windows = objective.rules.flatMap { [$0.long, $0.short] }
      let burns = windows.map { window in
        let ratio = try? answer.ratio(objective, over: window)
        return "\(ratio.map { Unit.plain.format(objective.burn($0)) } ?? "?")× over \(window)"
      }
      return "burns the budget of \(objective.name) at " + burns.joined(separator: ", ")
    case .budget(let objective, _):
      guard let ratio = try? answer.ratio(objective, over: objective.window) else { return "cannot tell what is left" }
      return "has \(Unit.percent.format(1 - objective.burn(ratio))) of the budget of \(objective.name) left"
    }
  }
}

extension Answer {
  /// Why there is nothing to compare.
  fileprivate var wantOfCounts: String {
    guard (requests?.canary ?? 0) > 0 else { return "has no requests to compare" }
    return "has requests, and no series of bad ones: write `missing: zero` where that means that there were none"
  }
}
