package import PipelineModel

/// The score of a gate in progress: the labels of its metrics since the last score, and what the scores said.
///
/// A score is made once every metric that counts for it has been looked at since the one before. The latest says it all,
/// as with Kayenta: an early one below `marginal` fails the gate at once, one below `pass` leaves it undecided.
package struct ScoreBoard: Hashable, Sendable {
  /// Indices into the pipeline's metrics.
  package let metrics: [Int]
  private let groups: [[String]]
  /// Whether a metric without data is left out, as its policy says.
  private let mayLack: [Bool]
  private let card: Scorecard
  /// Parallel to `metrics`; `nil`: not looked at since the last score.
  private var labels: [Ranked?]
  package private(set) var tally = Tally(isCarried: true)

  /// What one metric's look brings to the score.
  package enum Ranked: Hashable, Sendable {
    case label(RankSumJudge.Label, isCritical: Bool, ratio: Double?)
    /// The question was not answered, so there is no score.
    case unanswered
  }

  /// `nil`: the gate has no score, or nothing that counts for one.
  package init?(_ gate: Gate, of pipeline: [Metric]) {
    guard let scoring = gate.score else { return nil }
    metrics = gate.metrics.filter { pipeline[$0].rankSum != nil && pipeline[$0].decides }
    if metrics.isEmpty { return nil }
    groups = metrics.map { pipeline[$0].groups }
    mayLack = metrics.map { pipeline[$0].onNoData == .ignore }
    card = Scorecard(
      pass: scoring.pass, marginal: scoring.marginal,
      weights: Dictionary(scoring.weights.map { ($0.group, $0.percent) }) { first, _ in first })
    labels = metrics.map { _ in nil }
  }

  /// Takes in a look of a metric.
  ///
  /// - Returns: the score, when this look was the last it waited for.
  package mutating func take(_ ranked: Ranked, of metric: Int) -> ScoreReport? {
    guard let place = metrics.firstIndex(of: metric) else { return nil }
    labels[place] = ranked
    guard labels.allSatisfy({ $0 != nil }) else { return nil }
    let report = report
    labels = metrics.map { _ in nil }
    tally.record(report.judgement, value: report.summary)
    return report
  }

  private var report: ScoreReport {
    var entries: [Scorecard.Entry] = []
    var shown: [ScoreReport.Shown] = []
    for (place, ranked) in labels.enumerated() {
      guard case .label(let label, let isCritical, let ratio)? = ranked else {
        return ScoreReport(summary: nil, judgement: .error, groups: [], metrics: [])
      }
      entries.append(.init(groups: groups[place], label: label, isCritical: isCritical))
      shown.append(.init(metric: metrics[place], label: label, isCritical: isCritical, ratio: ratio))
    }
    let score = card.score(entries)
    return ScoreReport(
      summary: score.summary, judgement: judgement(score, entries),
      groups: score.groups.sorted { $0.key < $1.key }.map { .init(name: $0.key, score: $0.value.twoDecimals) },
      metrics: shown)
  }

  /// A score that is low only for want of data is no evidence against the version, and one that is high without a word
  /// from some metric is none for it.
  private func judgement(_ score: Scorecard.Score, _ entries: [Scorecard.Entry]) -> Judgement {
    let judgement = card.judgement(score.summary)
    guard judgement != .pass else { return isWhole(entries) ? .pass : .noData }
    var complete = entries
    for place in complete.indices {
      switch complete[place].label {
      case .noData, .noDataFail: complete[place].label = .pass
      case .pass, .high, .low: break
      }
    }
    return card.judgement(card.score(complete).summary) == judgement ? judgement : .noData
  }

  /// Whether something passed, and nothing lacks data that must have it.
  private func isWhole(_ entries: [Scorecard.Entry]) -> Bool {
    entries.contains { $0.label == .pass } && zip(entries, mayLack).allSatisfy { $0.label != .noData || $1 }
  }

  /// Whether the gate has failed by its score.
  package func hasFailed(_ gate: Gate) -> Bool { tally.hasFailed(gate.allow) }

  /// What the gate says, its other metrics included.
  package func verdict(_ gate: Gate, _ tallies: [Tally], of pipeline: [Stakes]) -> Verdict {
    let own = tally.standing(atLeast: gate.atLeast, allow: gate.allow)
    return gate.worst(tallies, of: pipeline, besides: metrics).map(own.worse) ?? own
  }
}

/// A gate's score after a round of looks, kept in the journal.
package struct ScoreReport: Hashable, Sendable {
  /// 0 … 100, to two decimals; `nil`: a question was not answered.
  package var summary: Double?
  package var judgement: Judgement
  package var groups: [Group]
  package var metrics: [Shown]

  package struct Group: Hashable, Sendable {
    package var name: String
    package var score: Double
    package init(name: String, score: Double) {
      self.name = name
      self.score = score
    }
  }

  package struct Shown: Hashable, Sendable {
    package var metric: Int
    package var label: RankSumJudge.Label
    package var isCritical: Bool
    /// Mean of the canary ÷ mean of the control; `nil`: not known.
    package var ratio: Double?
    package init(metric: Int, label: RankSumJudge.Label, isCritical: Bool = false, ratio: Double? = nil) {
      self.metric = metric
      self.label = label
      self.isCritical = isCritical
      self.ratio = ratio
    }
  }

  package init(summary: Double?, judgement: Judgement, groups: [Group], metrics: [Shown]) {
    self.summary = summary
    self.judgement = judgement
    self.groups = groups
    self.metrics = metrics
  }
}

extension Double {
  var twoDecimals: Double { (self * 100).rounded() / 100 }
}
