import PipelineModel

/// All that one comparison carries from look to look of a run.
package struct Evidence: Hashable, Sendable {
  package private(set) var counts = CountEvidence()
  /// Of the canary since the run's start, for the guard rail.
  package private(set) var rail = ArmCounts()
  /// Of the canary since nothing runs beside it.
  package private(set) var alone = ArmCounts()
  /// Of the weight that is set now.
  package private(set) var split = SampleRatio()
  /// Of rules about single values.
  package var samples = SampleEvidence()
  private var splitWeight = Weight.none

  package init() {}

  mutating func compare(_ look: CountLook, _ test: CountTest) { counts.add(look, test) }

  mutating func guardCanary(_ canary: ArmCounts, isAlone: Bool) {
    rail += canary
    if isAlone { alone += canary } else { alone = ArmCounts() }
  }

  /// Takes in how the requests were split at a weight; a new weight is a new question.
  mutating func checkSplit(_ look: CountLook, at weight: Weight) {
    if weight != splitWeight {
      split = SampleRatio()
      splitWeight = weight
    }
    split.add(canary: look.canary.all, control: look.control.all, share: weight.fraction)
  }
}

/// What a comparison had to say after a look, kept in the journal beside the look's counts.
package struct Weighing: Hashable, Sendable {
  /// Number of the look that said something last; looks that said nothing.
  package var look: Int
  package var skipped: Int
  /// Since the run's start.
  package var canary, control: ArmCounts
  /// ln of the e-values of both sides, to four decimals: enough to recompute a verdict, and the same on every machine.
  package var logFail, logPass: Double
  /// The canary is at least, and less than, so many times as bad; 0 and infinity where nothing is known.
  package var atLeast, below: Double
  package var dispersion: Double
  /// The guard rail is broken.
  package var isBeyondLimit: Bool
  /// The canary's share of the requests, where it is not the one that was set.
  package var strayShare: Double?

  package init(
    look: Int, skipped: Int = 0, canary: ArmCounts, control: ArmCounts, logFail: Double, logPass: Double,
    atLeast: Double = 0, below: Double = .infinity, dispersion: Double = 1, isBeyondLimit: Bool = false,
    strayShare: Double? = nil
  ) {
    self.look = look
    self.skipped = skipped
    self.canary = canary
    self.control = control
    self.logFail = logFail
    self.logPass = logPass
    self.atLeast = atLeast
    self.below = below
    self.dispersion = dispersion
    self.isBeyondLimit = isBeyondLimit
    self.strayShare = strayShare
  }
}
