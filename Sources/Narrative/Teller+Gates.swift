import Analysis
package import Engine
package import PipelineModel

extension Teller {
  func judged(_ site: GateSite, _ metric: Int, _ judgement: Judgement) -> Sentence? {
    guard case .measured(_, let reading) = entry.fact else { return nil }
    let subject = plan.pipeline.metrics[metric]
    if var told = compared(site, metric, judgement) ?? budgeted(site, metric, judgement) {
      told.text += notes(on: reading, subject)
      return told
    }
    let isDoubted = reading.notes?.warnings.isEmpty == false
    let tone: Sentence.Tone = judgement == .pass && !isDoubted ? .detail : .warning
    let remark = judgement == .error ? fault(reading, subject) : limits(subject, judgement)
    return say(tone, "\(subject.name) \(measured(reading, subject)): \(judgement.phrase)\(remark)")
  }

  private func phrase(of answer: Answer, _ metric: Metric) -> String {
    metric.phrase(of: answer) ?? answer.phrase(unit: Unit(of: metric))
  }

  private func measured(_ reading: Reading, _ metric: Metric) -> String {
    switch reading {
    case .answer(let answer), .noted(let answer, _): phrase(of: answer, metric) + notes(on: reading, metric)
    case .failure(let failure): "could not be measured (\(failure.message))"
    }
  }

  /// Who answered instead, and what was said against the answer; nothing where there is nothing to know.
  private func notes(on reading: Reading, _ metric: Metric) -> String {
    guard let notes = reading.notes else { return "" }
    let stand = notes.stand.map { " (from fallback \($0.provider), since \($0.because))" } ?? ""
    if notes.warnings.isEmpty { return stand }
    let provider = notes.stand?.provider ?? metric.provider
    return stand + " (\(provider) warns: \(notes.warnings.joined(separator: "; ")))"
  }

  private func limits(_ metric: Metric, _ judgement: Judgement) -> String {
    guard judgement == .fail || judgement == .inconclusive else { return "" }
    return " (\(metric.limits))"
  }

  /// Why an answer did not fit the rule, when it did not: the query is to be mended then, not the service.
  private func fault(_ reading: Reading, _ metric: Metric) -> String {
    guard let answer = reading.given, let fault = Judge(metric).fault(in: answer) else { return "" }
    return " (\(fault))"
  }

  func concluded(_ site: GateSite, _ verdict: Verdict, _ reports: [MetricReport]) -> Sentence? {
    let subject = name(site)
    let details = ([score(of: site)].compactMap(\.self) + reports.map(report)).joined(separator: "; ")
    switch verdict {
    case .pass: return say(.good, "\(subject) passed: \(details)")
    case .fail: return say(.bad, "\(subject) failed: \(details)")
    case .inconclusive, .noData, .error, .stopped: return say(.warning, "\(subject) says \(verdict.phrase): \(details)")
    }
  }

  private func report(_ report: MetricReport) -> String {
    let metric = plan.pipeline.metrics[report.metric]
    if let told = compared(report) { return told }
    if metric.rankSum != nil, let label = label(of: report) { return "\(metric.name) \(label)" }
    let looks = report.passes + report.failures + report.inconclusive + report.noData + report.errors
    let last = report.last.map { ", last \(Unit(of: metric).format($0))" } ?? ""
    let missing = report.noData + report.errors
    let gaps = missing > 0 ? ", \(missing) without an answer" : ""
    switch report.verdict {
    case .fail: return "\(metric.name) failed \(report.failures) of \(looks) looks\(last) (\(metric.limits))\(gaps)"
    case .stopped: return "\(metric.name) stopped after \(looks) looks"
    case .pass, .inconclusive, .noData, .error:
      let remark = metric.decides ? "" : ", does not decide"
      let said = report.verdict == .noData && looks > missing ? "too few measurements" : report.verdict.phrase
      return "\(metric.name) \(said), \(report.passes) of \(looks) looks good\(last)\(gaps)\(remark)"
    }
  }
}

extension Metric {
  /// The rule as its author wrote it.
  package var limits: String {
    switch rule {
    case .threshold(let threshold): threshold.limits
    case .relative(let relative): relative.threshold.limits
    case .comparison(let comparison): comparison.limits
    case .samples(let rule): rule.limits
    case .rankSum(let rule): "fail: a shift beyond \(Unit.percent.format(rule.tolerance)) of itself, by ranks"
    case .burnRate(let objective):
      "fail: the budget of \(objective.name) burns faster than "
        + objective.rules.map { "\(Unit.plain.format($0.factor))× over \($0.long) and \($0.short)" }
        .joined(separator: ", or ")
    case .budget(let objective, _):
      "pass: at least \(Unit.percent.format(objective.policy.freezeBelow)) of the budget of \(objective.name) is left"
    }
  }
}

extension Metric.Threshold {
  fileprivate var limits: String {
    [passText.map { "pass: \($0)" }, failText.map { "fail: \($0)" }].compactMap(\.self).joined(separator: ", ")
  }
}

extension Comparison {
  fileprivate var limits: String {
    let most = tolerate == 1 ? "worse than beside it" : "more than \(Unit.plain.format(tolerate))× as bad as beside it"
    return "fail: \(most), pass: less than \(Unit.plain.format(detect))×"
      + (limit.map { ", at most \(Unit.percent.format($0))" } ?? "")
  }
}

extension Judgement {
  var phrase: String {
    switch self {
    case .pass: "pass"
    case .fail: "fail"
    case .inconclusive: "inconclusive"
    case .noData: "no data"
    case .error: "error"
    }
  }
}

extension Answer {
  package func phrase(unit: Unit) -> String {
    switch self {
    case .number(let value): unit.format(value)
    case .list(let items) where items.isEmpty: "gave an empty answer"
    case .list(let items):
      "[" + items.prefix(4).map { $0.phrase(unit: unit) }.joined(separator: ", ") + (items.count > 4 ? ", …]" : "]")
    case .null: "gave no value"
    case .bool(let value): value ? "is true" : "is false"
    case .text(let text): "\"\(text)\""
    case .object: "is an object"
    }
  }
}

extension Decision {
  /// Its name in the journal.
  package var name: String {
    switch self {
    case .entered: "entered"
    case .moved: "moved"
    case .skipped: "skipped"
    case .judged(_, _, let judgement): "judged \(judgement)"
    case .weighed: "weighed"
    case .sampled: "sampled"
    case .budgeted(_, _, let look): "budgeted \(look.ruling.rawValue)"
    case .scored(_, let report): "scored \(report.judgement)"
    case .concluded(_, let verdict, _): "concluded \(verdict)"
    case .awaitsEvidence: "awaitsEvidence"
    case .held: "held"
    case .overrode: "overrode"
    case .approved: "approved"
    case .passed: "passed"
    case .retrying: "retrying"
    case .reasserted: "reasserted"
    case .switchesOff: "switchesOff"
    case .beganAnew: "beganAnew"
    case .restored: "restored"
    case .stageFailed: "stageFailed"
    case .rollbackBegan: "rollbackBegan"
    case .escalated: "escalated"
    case .abandoned: "abandoned"
    case .released: "released"
    case .recorded: "recorded"
    case .ended(let outcome): "ended \(outcome.rawValue)"
    case .ignored: "ignored"
    }
  }
}
