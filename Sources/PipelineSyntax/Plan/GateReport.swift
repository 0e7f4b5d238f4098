import Analysis
package import PipelineModel

/// What a gate will look at in the time it has, what it needs to pass, and what makes it fail.
package struct GateReport: Hashable, Sendable {
  package var looks: Int64
  package var firstLook: Interval
  package var every: Interval
  /// When the look can come that decides against the version, at the earliest; `nil`: no single look decides.
  package var earliestFailure: Interval?
  package var metrics: [Metric]
  /// How much longer than the hold it may take while it is inconclusive.
  package var patience: Interval
  /// A sentence each, without full stops.
  package var passes: String
  package var fails: String

  package struct Metric: Hashable, Sendable {
    package var name: String
    package var provider: String
    package var rule: String
    /// `nil`: it decides; otherwise why it does not.
    package var role: String?
  }

  /// - Parameter isOfFlag: the traffic is shared out by a flag.
  package init(_ gate: Gate, over hold: Interval, _ metrics: [PipelineModel.Metric], isOfFlag: Bool) {
    let used = gate.metrics.map { metrics[$0] }
    looks = gate.looks(in: hold)
    firstLook = gate.delay
    every = gate.every
    patience = gate.patience
    if used.contains(where: \.failsAtOnce) {
      earliestFailure = gate.delay + gate.every * Int64(gate.allow.decidingFailure - 1)
    }
    self.metrics = used.map { Metric($0, isOfFlag: isOfFlag) }
    let scored = gate.score == nil ? [] : used.filter { $0.decides && $0.rankSum != nil }
    let single = used.filter { $0.decides && !scored.contains($0) }
    var (passing, limits): ([String], [String]) = ([], [])
    if let score = gate.score, !scored.isEmpty {
      passing.append("\(score.sentence(of: scored)) is at least \(plain(score.pass))")
      limits.append("a score below \(plain(score.marginal))")
    }
    if !single.isEmpty {
      passing.append(gate.evidence(of: single.map(\.name)))
      limits.append("\(gate.allow.failureLimits.joined(separator: " or ")) of one metric")
    }
    passes = "at the end, if \(passing.joined(separator: ", and "))"
    fails = "at once, at \(limits.joined(separator: ", or "))"
    let failing = used.filter { $0.decides && ($0.onNoData == .fail || $0.onError == .fail) }
    if !failing.isEmpty {
      fails += ", and for want of answers to \(failing.map(\.name).joined(separator: ", "))"
    }
  }
}

extension Scoring {
  fileprivate func sentence(of metrics: [PipelineModel.Metric]) -> String {
    let groups = Set(metrics.flatMap(\.groups)).sorted().map { group in
      weights.first { $0.group == group }.map { "\(group) \(plain($0.percent))%" } ?? group
    }
    return "the score of \(metrics.map(\.name).joined(separator: ", ")) by groups (\(groups.joined(separator: ", ")))"
  }
}

extension Gate {
  fileprivate func evidence(of metrics: [String]) -> String {
    let each = metrics.count == 1 ? "\(metrics[0]) has" : "each of \(metrics.joined(separator: ", ")) has"
    let count = atLeast == 1 ? "a measurement" : "at least \(atLeast) measurements"
    return "\(each) \(count), \(allow.bounds.joined(separator: " and "))"
  }
}

extension GateReport.Metric {
  init(_ metric: Metric, isOfFlag: Bool) {
    name = metric.name
    provider = metric.provider
    switch metric.rule {
    case .comparison(let rule): self.rule = rule.sentence
    case .relative(let rule): self.rule = "compares both versions: " + rule.threshold.sentence
    case .rankSum(let rule): self.rule = rule.sentence
    case .samples(let rule): self.rule = rule.sentence
    case .burnRate(let objective):
      self.rule = "fails while the budget of \(objective.name) burns too fast, passes otherwise"
    case .budget(let objective, let change):
      let kind = change == .emergency ? "an emergency" : "a \(change.rawValue)"
      self.rule = "passes while the budget of \(objective.name) allows \(kind) change, fails otherwise"
    case .threshold(let rule): self.rule = rule.sentence
    }
    if metric.comparesArms { self.rule += metric.splitSentence(isOfFlag: isOfFlag) }
    role = metric.dryRun ? "dry run: decides nothing" : metric.critical ? nil : "not critical: decides nothing"
  }
}

extension Metric {
  /// What of the split of the traffic holds a run, where that is not as usual.
  fileprivate func splitSentence(isOfFlag: Bool) -> String {
    guard let factor = splitTolerance(isFlag: isOfFlag) else {
      let why = isOfFlag && split == nil && countsRequests ? ", for a flag's share is one of people" : ""
      return "; the split of the traffic is not checked\(why)"
    }
    return split == nil ? "" : "; holds when the odds of the split are off by more than \(plain(factor))×"
  }
}

extension RankSum {
  fileprivate var sentence: String {
    let worse =
      switch direction {
      case .increase: "higher, from \(plain(allowedIncrease))×"
      case .decrease: "lower, from \(plain(allowedDecrease))×"
      case .either: "higher, from \(plain(allowedIncrease))×, or lower, from \(plain(allowedDecrease))×"
      }
    return "compares both versions by ranks, as Kayenta does: fails when \(worse)"
      + (mustPass ? ", and then the gate with it" : "")
  }
}

extension SampleComparison {
  fileprivate var sentence: String {
    let noun =
      switch measure {
      case .quantile(let p): "the \(percent(p)) quantile"
      case .mean: "the mean"
      }
    return "compares \(noun): fails when worse than \(plain(tolerate))× what is beside it, passes when less than "
      + "\(plain(detect))×, else inconclusive; says nothing before each version has \(plain(minimum)) values, and how "
      + "many it needs to decide depends on how they are spread, which nobody knows beforehand"
  }
}

extension Comparison {
  fileprivate var sentence: String {
    let limit = limit.map { ", or beyond \(percent($0))" } ?? ""
    let little = negligible > 0 ? " or with less than \(percent(negligible)) bad" : ""
    return "fails when worse than \(plain(tolerate))× what runs beside it\(limit), passes when less than "
      + "\(plain(detect))×\(little), else inconclusive"
  }
}

/// Without a fraction where there is none.
func plain(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }
func percent(_ share: Double) -> String { plain((share * 10_000).rounded() / 100) + "%" }

extension PipelineModel.Metric.Threshold {
  fileprivate var sentence: String {
    switch (passText, failText) {
    case (let pass?, nil): "passes when \(pass), fails otherwise"
    case (nil, let fail?): "fails when \(fail), passes otherwise"
    case (let pass, let fail): "passes when \(pass ?? "?"), fails when \(fail ?? "?"), else inconclusive"
    }
  }
}

extension Allowance {
  /// Number of the failed measurement in a row that decides, when all of them fail.
  fileprivate var decidingFailure: Int { min(failures, failuresInARow ?? failures) + 1 }

  fileprivate var failureLimits: [String] {
    let limits = [("failure", Int?.some(failures)), ("failure in a row", failuresInARow)]
    return limits.compactMap { noun, limit in limit.map { "the \(Self.ordinal($0 + 1)) \(noun)" } }
  }

  /// What a metric that passes has shown at most.
  fileprivate var bounds: [String] {
    [("failed", failures), ("inconclusive", inconclusive)].map { noun, limit in
      limit == 0 ? "none \(noun)" : "at most \(limit) \(noun)"
    }
  }

  private static func ordinal(_ number: Int) -> String {
    let suffix =
      switch (number % 100, number % 10) {
      case (11...13, _): "th"
      case (_, 1): "st"
      case (_, 2): "nd"
      case (_, 3): "rd"
      default: "th"
      }
    return "\(number)\(suffix)"
  }
}

extension PipelineModel.Metric {
  /// Whether a single look can count as a failure. What is compared under the bursts that are estimated takes several looks,
  /// unless a limit is passed.
  fileprivate var failsAtOnce: Bool {
    switch rule {
    case .comparison(let comparison): comparison.limit != nil || comparison.dispersion != .estimated
    case .samples: false
    case .threshold, .relative, .rankSum, .burnRate, .budget: true
    }
  }
}
