package import PipelineModel

/// The score of a canary over groups of metrics, by the rules of Kayenta's weighted-sum scorer.
package struct Scorecard: Hashable, Sendable {
  package var pass: Double
  package var marginal: Double
  /// In percent, by group; groups without a weight share what is left of 100.
  package var weights: [String: Double]

  package struct Entry: Hashable, Sendable {
    package var groups: [String]
    package var label: RankSumJudge.Label
    package var isCritical: Bool
    package init(groups: [String], label: RankSumJudge.Label, isCritical: Bool = false) {
      self.groups = groups
      self.label = label
      self.isCritical = isCritical
    }
  }

  package struct Score: Hashable, Sendable {
    /// 0 … 100, to two decimals.
    package var summary: Double
    /// 0 for a group that has only missing data, though it counts 100.
    package var groups: [String: Double]
  }

  package init(pass: Double = 95, marginal: Double = 75, weights: [String: Double] = [:]) {
    self.pass = pass
    self.marginal = marginal
    self.weights = weights
  }

  /// Every metric belongs to at least one group.
  package func score(_ entries: [Entry]) -> Score {
    var groups: [String: Double] = [:]
    var sum = 0.0
    let names = Set(entries.flatMap(\.groups)).sorted()
    for name in names {
      let own = entries.filter { $0.groups.contains(name) }.map(\.label)
      let judged = own.count { $0 != .noData }
      let share = judged == 0 ? 0 : 100 * Double(own.count { $0 == .pass }) / Double(judged)
      groups[name] = share
      sum += (judged == 0 ? 100 : share) * weight(of: name, among: names) / 100
    }
    return Score(summary: isHopeless(entries) ? 0 : (sum * 100).rounded() / 100, groups: groups)
  }

  private func weight(of group: String, among names: [String]) -> Double {
    if let weight = weights[group] { return weight }
    let given = names.compactMap { weights[$0] }
    return (100 - given.reduce(0, +)) / Double(max(1, names.count - given.count))
  }

  private func isHopeless(_ entries: [Entry]) -> Bool {
    entries.contains { $0.isCritical && $0.label != .pass }
      || 2 * entries.count { $0.label == .noData } >= entries.count
  }

  /// Between marginal and pass lies `inconclusive`.
  package func judgement(_ summary: Double) -> Judgement {
    if summary >= pass { return .pass }
    return summary >= marginal ? .inconclusive : .fail
  }
}
