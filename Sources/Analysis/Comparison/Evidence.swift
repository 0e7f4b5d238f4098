package import PipelineModel

/// All that one comparison carries from look to look of a run.
package struct Evidence: Hashable, Sendable {
  package private(set) var counts = CountEvidence()
  package private(set) var rail = RailEvidence()
  /// Of the weight that is set now.
  package private(set) var split = SampleRatio()
  /// Of rules about single values.
  package var samples = SampleEvidence()
  private var splitWeight = Weight.none

  package init() {}

  /// Looks from now on are of another step: another share of the traffic, or another time of watching.
  package mutating func beginStep() {
    counts.beginStep()
    rail.beginStep()
    samples.beginStep()
  }

  mutating func compare(_ look: CountLook, _ test: CountTest) { counts.add(look, test) }

  mutating func guardCanary(_ canary: ArmCounts, _ limit: RateLimit, isAlone: Bool) {
    rail.add(canary, limit, isAlone: isAlone)
  }

  /// Takes in how the requests were split at a weight; a new weight is a new question.
  ///
  /// - Parameter tolerance: how far off the odds may be; see `Metric.splitTolerance`.
  package mutating func checkSplit(
    _ requests: RequestSplit, at weight: Weight, tolerance: Double = SampleRatio.usualTolerance
  ) {
    if weight != splitWeight {
      split.begin(tolerance: tolerance)
      splitWeight = weight
    }
    split.add(canary: requests.canary, control: requests.control, share: weight.fraction)
  }
}

/// Requests of both arms within one look.
package struct RequestSplit: Hashable, Sendable {
  package var canary, control: Double

  package init(canary: Double, control: Double) {
    self.canary = canary
    self.control = control
  }
}

/// What a comparison had to say after a look, kept in the journal beside the look's counts.
package struct Weighing: Hashable, Sendable {
  /// Number of the look that said something last; looks that said nothing.
  package var look: Int
  package var skipped: Int
  /// Number of the look from which on the counts are those that the verdict rests on: 1 for the whole run.
  package var since: Int
  /// Since then; of the control nothing where a guard rail judged.
  package var canary, control: ArmCounts
  /// ln of the e-values of both sides, to four decimals: enough to recompute a verdict, and the same on every machine.
  package var logFail, logPass: Double
  /// The canary is at least, and less than, so many times as bad; 0 and infinity where nothing is known.
  package var atLeast, below: Double
  package var dispersion: Double
  /// The guard rail is broken.
  package var isBeyondLimit: Bool
  /// It passes since it has less that is bad than anybody minds.
  package var isNegligible: Bool
  /// The canary's share of the requests, where it is not the one that was set.
  package var strayShare: Double?

  package init(
    look: Int, skipped: Int = 0, canary: ArmCounts, control: ArmCounts, logFail: Double, logPass: Double,
    atLeast: Double = 0, below: Double = .infinity, dispersion: Double = 1, since: Int = 1, isBeyondLimit: Bool = false,
    isNegligible: Bool = false, strayShare: Double? = nil
  ) {
    self.look = look
    self.skipped = skipped
    self.since = since
    self.canary = canary
    self.control = control
    self.logFail = logFail
    self.logPass = logPass
    self.atLeast = atLeast
    self.below = below
    self.dispersion = dispersion
    self.isBeyondLimit = isBeyondLimit
    self.isNegligible = isNegligible
    self.strayShare = strayShare
  }
}
