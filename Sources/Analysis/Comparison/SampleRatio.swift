/// Whether the canary gets the share of the requests that was set.
///
/// Two one-sided test martingales on the requests of both arms, against odds that are off by at most `tolerance`: routers
/// round, clients keep connections open. Both together err with chance `alpha` at most, however often one looks. Kept
/// anew for every weight.
package struct SampleRatio: Hashable, Sendable {
  package private(set) var canary = 0.0
  package private(set) var control = 0.0
  private var above = SIMD8<Double>()
  private var below = SIMD8<Double>()

  package static let tolerance = 1.25
  package static let alpha = 0.001
  private static let rungs = Ladder(null: tolerance, alternatives: CountTest.worse.map { $0 * tolerance })

  package init() {}

  /// - Parameter share: the canary's, as it was set; between 0 and 1, neither of them.
  package mutating func add(canary: Double, control: Double, share: Double) {
    guard share > 0, share < 1, canary >= 0, control >= 0, (canary + control).isFinite else { return }
    self.canary += canary
    self.control += control
    above += Self.rungs.gain(Self.odds(canary, control, share))
    below += Self.rungs.gain(Self.odds(control, canary, 1 - share))
  }

  /// Requests as events of a comparison whose exposure is the split.
  private static func odds(_ events: Double, _ others: Double, _ share: Double) -> CountLook {
    CountLook(canary: ArmCounts(bad: events, all: share), control: ArmCounts(bad: others, all: 1 - share))
  }

  /// ln of the larger of the two e-values.
  package var logEvidence: Double {
    max(Self.rungs.logMixture(above, over: 1), Self.rungs.logMixture(below, over: 1))
  }

  package var isOff: Bool { logEvidence >= ln(2 / Self.alpha) }

  /// The canary's share of the requests that were seen; `nil` without any.
  package var share: Double? { canary + control > 0 ? canary / (canary + control) : nil }
}
