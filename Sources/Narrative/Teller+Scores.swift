import Analysis
import Engine
package import PipelineModel

/// The sentences of scores, and of error budgets.
extension Teller {
  /// "score 62.5, fails (95 passes, below 75 fails): Errors 0, Latency 100; error-rate high, 1.8× the mean beside it"
  func scored(_ report: ScoreReport) -> String {
    guard let summary = report.summary else { return "no score: a question was not answered" }
    let groups = report.groups.map { "\($0.name) \(Unit.plain.format($0.score))" }.joined(separator: ", ")
    let notes = report.metrics.compactMap(note)
    let remarks = notes.isEmpty ? "" : "; " + notes.joined(separator: ", ")
    return "score \(Unit.plain.format(summary)), \(report.judgement.phrase)\(limits(of: report)): \(groups)\(remarks)"
  }

  private func limits(of report: ScoreReport) -> String {
    let metrics = Set(report.metrics.map(\.metric))
    let scorings = GateSite.allCases.compactMap { site in
      (run.judging(at: site) ?? before.judging(at: site))?.gate
    }
    guard let scoring = scorings.first(where: { metrics.isSubset(of: $0.metrics) && $0.score != nil })?.score else {
      return ""
    }
    return " (\(Unit.plain.format(scoring.pass)) passes, below \(Unit.plain.format(scoring.marginal)) fails)"
  }

  /// What keeps a metric from the full score; `nil`: nothing does.
  private func note(_ shown: ScoreReport.Shown) -> String? {
    let name = plan.pipeline.metrics[shown.metric].name
    let ratio = shown.ratio.map { ", \(Unit.plain.format($0))× the mean beside it" } ?? ""
    let alone = shown.isCritical ? ", which decides alone" : ""
    switch shown.label {
    case .pass: return nil
    case .high: return "\(name) high\(ratio)\(alone)"
    case .low: return "\(name) low\(ratio)\(alone)"
    case .noData: return "\(name) without data\(alone)"
    case .noDataFail: return "\(name) without data, which counts as a failure"
    }
  }

  /// The latest score of a gate that decided, as its first detail; `nil` for gates without one.
  func score(of site: GateSite) -> String? {
    guard let board = (run.judging(at: site) ?? before.judging(at: site))?.board else { return nil }
    for case .scored(site, let report) in entry.decisions { return scored(report) }
    return board.tally.last.map { "score \(Unit.plain.format($0))" } ?? "no score"
  }

  /// What a metric says that compares by ranks, where its gate has a score.
  func label(of report: MetricReport) -> String? {
    let isScored = GateSite.allCases.contains { site in
      (run.judging(at: site) ?? before.judging(at: site))?.board?.metrics.contains(report.metric) == true
    }
    guard isScored else { return nil }
    return switch report.verdict {
    case .pass: "as beside it"
    case .fail: "not as beside it"
    case .inconclusive, .noData, .error, .stopped: report.verdict.phrase
    }
  }

  // MARK: Budgets

  func budgeted(_ site: GateSite, _ metric: Int, _ judgement: Judgement) -> Sentence? {
    for case .budgeted(site, metric, let look) in entry.decisions {
      guard case .budget(let objective, _) = plan.pipeline.metrics[metric].rule else { return nil }
      let tone: Sentence.Tone = judgement == .pass ? .detail : judgement == .fail ? .bad : .warning
      return say(tone, "\(judgement.phrase): \(look.sentence(objective))")
    }
    return nil
  }
}

extension BudgetLook {
  /// "nothing is left of the error budget of availability: only emergencies, security and reliability until 50% is rebuilt"
  func sentence(_ objective: Objective) -> String {
    let policy = objective.policy
    let rest = left.map { $0 > 0 ? "\(Unit.percent.format($0))" : "nothing" }
    let subject = rest.map { "\($0) is left of the error budget of \(objective.name)" }
    let rebuilt = Unit.percent.format(policy.rebuilt)
    switch ruling {
    case .allowed where change.isException:
      let known = subject ?? "what is left of the error budget of \(objective.name) is not known"
      return "\(known), and \(change.phrase) goes ahead whatever it is"
    case .allowed: return "\(subject ?? ""), enough for \(change.phrase)"
    case .frozen:
      return "\(subject ?? ""), less than the \(Unit.percent.format(policy.freezeBelow)) below which features wait"
    case .exhausted:
      return "\(subject ?? ""): only emergencies, security and reliability until \(rebuilt) is rebuilt"
    case .rebuilding:
      return "\(subject ?? ""); it was spent, so only emergencies, security and reliability until \(rebuilt) "
        + "is rebuilt"
    case .unknown: return "what is left of the error budget of \(objective.name) could not be measured"
    }
  }
}

extension BudgetPolicy.Ruling {
  /// Whether changes wait because of it.
  var freezes: Bool {
    switch self {
    case .frozen, .exhausted, .rebuilding: true
    case .allowed, .unknown: false
    }
  }
}

extension ChangeKind {
  /// As people say it: "an emergency".
  package var phrase: String {
    switch self {
    case .feature: "a feature"
    case .reliability: "a reliability change"
    case .security: "a security change"
    case .emergency: "an emergency"
    }
  }
}
