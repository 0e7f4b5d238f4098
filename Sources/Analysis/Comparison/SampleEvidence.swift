import PipelineModel

/// What the looks of one run have shown of single values of both versions: in the run as a whole, and in the step in
/// progress, so that what was good for long does not cover what is bad now.
package struct SampleEvidence: Hashable, Sendable {
  /// Looks with values of both arms; looks left out for want of them.
  package private(set) var looks = 0
  package private(set) var skipped = 0
  package private(set) var run = SamplePair()
  /// `nil` while the step is the first: then it is the run's.
  package private(set) var laterStep: SamplePair?
  /// Number of the step, and of its first look.
  private(set) var stepNumber = 1
  package private(set) var stepSince = 1
  private var beginsStep = false
  /// What all looks say together; `nil`: there is too little to say anything.
  package internal(set) var strength: SampleWeighing.Strength?
  /// Whether it is the step that speaks most against the canary.
  var isLate = false

  package init() {}

  package var step: SamplePair { laterStep ?? run }

  package mutating func beginStep() { beginsStep = looks > 0 }

  /// - Returns: `false` for a look that says nothing: an arm without values.
  mutating func add(_ look: SampleLook, keepingValues: Bool) -> Bool {
    guard look.canary.moments.count > 0, look.control.moments.count > 0 else {
      skipped += 1
      return false
    }
    looks += 1
    if beginsStep { enterStep() }
    run.add(look, keepingValues)
    laterStep?.add(look, keepingValues)
    return true
  }

  private mutating func enterStep() {
    beginsStep = false
    stepNumber += 1
    stepSince = looks
    laterStep = SamplePair()
  }

  /// Of what may go wrong, half falls to the run as a whole and 1 ÷ k(k − 1) of the other half to step k, from the second
  /// on; see `Onset`.
  var stepStake: Double { stepNumber > 1 ? 0.5 / Double(stepNumber * (stepNumber - 1)) : 0 }
  var stakeToCome: Double { 0.5 / Double(stepNumber) }
}

/// Single values of both arms over a stretch of a run.
package struct SamplePair: Hashable, Sendable {
  package private(set) var canary = SampleArm()
  package private(set) var control = SampleArm()

  package init() {}

  mutating func add(_ look: SampleLook, _ keepingValues: Bool) {
    canary.add(look.canary, keepingValues)
    control.add(look.control, keepingValues)
  }

  func hasEnough(_ rule: SampleComparison) -> Bool {
    min(canary.moments.count, control.moments.count) >= rule.minimum
  }
}

/// Single values of both versions, as one look saw them.
package struct SampleLook: Hashable, Sendable {
  package var canary, control: Arm

  package struct Arm: Hashable, Sendable {
    package var moments: Moments
    /// Empty where the provider summed them up.
    package var values: [Double]

    package init(values: [Double]) {
      moments = Moments(values)
      self.values = values
    }

    package init(_ moments: Moments) {
      self.moments = moments
      values = []
    }
  }

  package init(canary: Arm, control: Arm) {
    self.canary = canary
    self.control = control
  }
}

/// One arm's values over a stretch of a run.
package struct SampleArm: Hashable, Sendable {
  package private(set) var moments = Moments()
  /// In rising order. Once there are many, only some of those that come are kept, chosen by their place and not by their
  /// size, so that they stay a fair sample.
  package private(set) var values: [Double] = []
  private var toPass = 0

  package init() {}

  /// Up to so many all are kept; beyond, of every so many more only half as many of those that come.
  static let many = 20_000
  static let more = 10_000

  private var stride: Int {
    values.count < Self.many ? 1 : 2 << min(40, (values.count - Self.many) / Self.more)
  }

  mutating func add(_ look: SampleLook.Arm, _ keepingValues: Bool) {
    moments += look.moments
    guard keepingValues else { return }
    var kept: [Double] = []
    let stride = stride
    for value in look.values {
      if toPass > 0 {
        toPass -= 1
      } else {
        kept.append(value)
        toPass = stride - 1
      }
    }
    merge(kept.sorted())
  }

  private mutating func merge(_ sorted: [Double]) {
    guard let last = values.last, let first = sorted.first, first < last else { return values += sorted }
    var merged: [Double] = []
    merged.reserveCapacity(values.count + sorted.count)
    var (old, new) = (0, 0)
    while old < values.count && new < sorted.count {
      if sorted[new] < values[old] {
        merged.append(sorted[new])
        new += 1
      } else {
        merged.append(values[old])
        old += 1
      }
    }
    values = merged + values[old...] + sorted[new...]
  }

  /// NaN of nothing.
  func estimate(_ measure: SampleComparison.Measure) -> Double {
    switch measure {
    case .mean: return moments.count > 0 ? moments.mean : .nan
    case .quantile(let p):
      guard !values.isEmpty else { return .nan }
      return values[min(values.count - 1, max(0, Int((p * Double(values.count)).rounded(.up)) - 1))]
    }
  }
}
