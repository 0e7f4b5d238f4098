package import PipelineModel

/// What a gate will look at in the time it has, what it needs to pass, and what makes it fail.
package struct GateReport: Hashable, Sendable {
  package var looks: Int64
  package var firstLook: Interval
  package var every: Interval
  /// When the look can come that decides against the version, at the earliest.
  package var earliestFailure: Interval
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

  package init(_ gate: Gate, over hold: Interval, _ metrics: [PipelineModel.Metric]) {
    let used = gate.metrics.map { metrics[$0] }
    looks = gate.looks(in: hold)
    firstLook = gate.delay
    every = gate.every
    patience = gate.patience
    earliestFailure = gate.delay + gate.every * Int64(gate.allow.decidingFailure - 1)
    self.metrics = used.map(Metric.init)
    passes = "at the end, if \(gate.evidence(of: used.filter(\.decides).map(\.name)))"
    fails = "at once, at \(gate.allow.failureLimits.joined(separator: " or ")) of one metric"
    let failing = used.filter { $0.decides && ($0.onNoData == .fail || $0.onError == .fail) }
    if !failing.isEmpty {
      fails += ", and for want of answers to \(failing.map(\.name).joined(separator: ", "))"
    }
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
  init(_ metric: Metric) {
    name = metric.name
    provider = metric.provider
    switch metric.rule {
    case .comparison(let rule): self.rule = rule.sentence
    case .relative(let rule): self.rule = "compares both versions: " + rule.threshold.sentence
    case .rankSum: self.rule = "compares both versions by ranks, as Kayenta does"
    case .burnRate(let objective):
      self.rule = "fails while the budget of \(objective.name) burns too fast, passes otherwise"
    case .budget(let objective, let change):
      self.rule = "passes while the budget of \(objective.name) allows a \(change.rawValue) change, fails otherwise"
    case .threshold(let rule): self.rule = rule.sentence
    }
    role = metric.dryRun ? "dry run: decides nothing" : metric.critical ? nil : "not critical: decides nothing"
  }
}

extension Comparison {
  fileprivate var sentence: String {
    let limit = limit.map { ", or beyond \(percent($0))" } ?? ""
    return "fails when worse than \(plain(tolerate))× what runs beside it\(limit), passes when less than "
      + "\(plain(detect))×, else inconclusive"
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
