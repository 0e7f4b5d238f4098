package import PipelineModel

/// Whether the canary gets the share of the requests that was set.
///
/// Two one-sided test martingales on the requests of both arms, against odds that are off by at most `tolerance`: routers
/// round, clients keep connections open. Kept anew for every weight. Requests that belong together go to the same arm
/// together, so the evidence is divided by the dispersion index of the canary's share, estimated from neighbouring looks of
/// all weights; see `Burstiness`. A single look counts for so much and no more, as in a comparison of errors: a visit of
/// hundreds of requests is no evidence. At each weight, for each metric, both together err with chance `alpha` at most,
/// however often one looks, as far as that index tells; people who stay with one version for many looks it cannot see.
package struct SampleRatio: Hashable, Sendable {
  package private(set) var canary = 0.0
  package private(set) var control = 0.0
  private var above = SIMD8<Double>()
  private var below = SIMD8<Double>()
  private var bursts = Burstiness()
  private let rungs: Ladder

  /// For one metric at one weight.
  package static let alpha = 0.001
  /// What routers and clients do to a split that is right.
  package static let usualTolerance = 1.25

  /// - Parameter tolerance: how many times what they should be the odds of the canary may be, and that part of it; ≥ 1.
  package init(tolerance: Double = usualTolerance) {
    rungs = Ladder(null: tolerance, alternatives: CountTest.worse.map { $0 * tolerance })
  }

  /// The split from now on is another one; requests are as bursty as they were.
  mutating func begin(tolerance: Double) {
    let bursts = bursts
    self = SampleRatio(tolerance: tolerance)
    self.bursts = bursts
    self.bursts.interrupt()
  }

  /// - Parameter share: the canary's, as it was set; between 0 and 1, neither of them.
  package mutating func add(canary: Double, control: Double, share: Double) {
    guard share > 0, share < 1, canary >= 0, control >= 0, (canary + control).isFinite else { return }
    self.canary += canary
    self.control += control
    bursts.add(ArmCounts(bad: canary, all: canary + control))
    above += gain(Self.odds(canary, control, share))
    below += gain(Self.odds(control, canary, 1 - share))
  }

  private func gain(_ look: CountLook) -> SIMD8<Double> {
    let estimate = bursts.pairs > 0 ? bursts.estimate : Self.ofNothing
    return rungs.bounded(rungs.gain(look), most: CountTest.mostOfLook, over: estimate)
  }

  /// The index that a canary without any request is taken to have: it is noticed after a dozen looks.
  private static let ofNothing = 10.0

  /// Requests as events of a comparison whose exposure is the split.
  private static func odds(_ events: Double, _ others: Double, _ share: Double) -> CountLook {
    CountLook(canary: ArmCounts(bad: events, all: share), control: ArmCounts(bad: others, all: 1 - share))
  }

  /// ln of the larger of the two e-values.
  package var logEvidence: Double {
    let dispersion = bursts.index
    return max(rungs.logMixture(above, over: dispersion), rungs.logMixture(below, over: dispersion))
  }

  package var isOff: Bool {
    // A mixture is no more than the largest of its terms, and divided it is less.
    max(above.max(), below.max()) >= Self.needed && logEvidence >= Self.needed
  }

  private static let needed = ln(2 / alpha)

  /// The canary's share of the requests that were seen; `nil` without any.
  package var share: Double? { canary + control > 0 ? canary / (canary + control) : nil }
}

extension Metric {
  /// How far off the odds of the canary may be; `nil`: the split is not checked.
  ///
  /// A flag's share is one of people: some hundreds of them, some with far more requests than others, are never split as it
  /// was set, and stay where they are. So there nothing is checked unless the pipeline says how far off it may be.
  ///
  /// - Parameter isFlag: the share that was set is a flag's.
  package func splitTolerance(isFlag: Bool) -> Double? {
    guard comparesArms, countsRequests else { return nil }
    return switch split {
    case .off: nil
    case .tolerating(let factor): factor
    case nil: isFlag ? nil : SampleRatio.usualTolerance
    }
  }
}
