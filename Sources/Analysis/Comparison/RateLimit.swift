import PipelineModel

/// A guard rail: an absolute limit on the canary's share of bad requests, whatever the control does.
///
/// A test martingale against "the share is at most the limit", with alternatives at 1.5, 3 and 10 times it and half way
/// to 1 and near it; so a release that fails every request is caught after a handful of them.
package struct RateLimit: Hashable, Sendable {
  package let limit: Double
  package let alpha: Double
  private let alternatives: [Double]
  private let within: LeastShare

  /// - Parameter limit: more than 0, less than 1.
  package init(limit: Double, alpha: Double) {
    self.limit = limit
    self.alpha = alpha
    within = LeastShare(limit: limit, parts: [0.9, 2.0 / 3, 1.0 / 3, 1.0 / 30])
    let near = (1 + limit) / 2
    alternatives = [1.5 * limit, 3 * limit, 10 * limit].filter { $0 < near } + [near, 1 - (1 - limit) / 50]
  }

  /// ln of the e-value of `bad` of `all` requests.
  package func logEvidence(_ counts: ArmCounts) -> Double {
    guard counts.isSound, counts.all > 0 else { return 0 }
    let bad = min(counts.bad, counts.all)
    let good = counts.all - bad
    return logSumExp(
      alternatives.lazy.map { bad * ln($0 / limit) + good * ln1p((limit - $0) / (1 - limit)) })
      - ln(Double(alternatives.count))
  }

  /// ln of the e-value against "the share is at least the limit", with alternatives from just below it to a thirtieth of it.
  package func logEvidenceWithin(_ counts: ArmCounts) -> Double { within.logEvidence(counts) }

  package func isBroken(by counts: ArmCounts) -> Bool { logEvidence(counts) >= -ln(alpha) }
}

/// What a guard rail carries from look to look: the canary's requests in the run as a whole, since the look with which a
/// fault is likeliest to have begun late, and since nothing runs beside it.
package struct RailEvidence: Hashable, Sendable {
  package private(set) var run = ArmCounts()
  package private(set) var late = ArmCounts()
  package private(set) var alone = ArmCounts()
  /// Number of the first look of a canary alone.
  package private(set) var aloneSince = 1
  package private(set) var onset = Onset()

  package init() {}

  mutating func beginStep() { onset.beginStep() }

  mutating func add(_ canary: ArmCounts, _ limit: RateLimit, isAlone: Bool) {
    if !isAlone { alone = ArmCounts() }
    guard canary.isSound, canary.all > 0 else { return }
    let suspicion = limit.logEvidence(late)
    if onset.look(suspicion) { late = ArmCounts() }
    run += canary
    if onset.suspect > 0 { late += canary }
    guard isAlone else { return }
    if alone.all == 0 { aloneSince = onset.looks }
    alone += canary
  }

  func isBroken(_ limit: RateLimit) -> Bool {
    onset.logMixture(run: limit.logEvidence(run), late: limit.logEvidence(late)) >= -ln(limit.alpha)
  }

  /// The counts that break the rail, else those of a canary alone, and the number of the look they begin with; `nil`: the
  /// rail has nothing to tell.
  func account(_ limit: RateLimit) -> (since: Int, canary: ArmCounts)? {
    guard isBroken(limit) else { return alone.all > 0 ? (aloneSince, alone) : nil }
    let isLate = onset.isLate(run: limit.logEvidence(run), late: limit.logEvidence(late))
    return isLate ? (onset.suspect, late) : (1, run)
  }

  /// What is to be said of a canary that nothing runs beside: shown to be within the limit all the time since, and no
  /// suspicion that it has left it of late, as strong as what lets it pass.
  func judgement(_ limit: RateLimit, beta: Double) -> Judgement {
    if isBroken(limit) { return .fail }
    return limit.logEvidenceWithin(alone) >= -ln(beta) && limit.logEvidence(late) < -ln(beta) ? .pass : .inconclusive
  }
}
