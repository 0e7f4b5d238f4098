import Analysis
package import PipelineModel

/// What a comparison needs at one weight before it can decide.
package struct StepDecision: Hashable, Sendable {
  package var metric: String
  package var detect: Double
  /// Bad requests of both versions together that a version as bad as `detect` is expected to need until it fails, and
  /// one that is as good until it passes: after as many looks as that takes, else after those of the hold.
  package var errorsToFail, errorsToPass: Double
  /// Requests of its own after which a version passes since next to none is bad; infinite where too many are.
  package var requestsToPass: Double
  /// When the look comes that is expected to tell, for passing the sooner of its two ways; `nil` where nobody said what
  /// traffic is usual, and where it never comes to that.
  package var timeToFail, timeToPass: Interval?
  package var requests, usualRate: Double?
  /// The time that nine in ten beginnings are quicker than, at night perhaps; `nil` where no traffic is on record.
  package var longToFail, longToPass: Interval?
  /// Whether a good version passes sooner since next to nothing is bad than beside the other.
  package var passesAsNegligible = false
  /// When nine in ten are decided, whichever it is; `nil`: never, or nobody knows.
  package var decided: Interval?
  /// What could be told apart instead, and how long that takes; the least first.
  package var laxer: [Laxer] = []
  /// How often to look instead, so that bursts are known soon enough for the time there is; `nil`: that would not help.
  package var oftener: Interval?

  package struct Laxer: Hashable, Sendable {
    package var detect: Double
    package var time: Interval
  }

  init(
    _ name: String, _ rule: Comparison, shareOfError: Double, at weight: Weight, _ looking: Looking,
    _ flow: UsualTraffic.Flow?
  ) {
    func plainly(_ rule: Comparison, _ looking: Looking) -> Self {
      Self(plainly: name, rule, shareOfError, weight, looking, flow)
    }
    self = plainly(rule, looking)
    laxer = [1.5, 2, 3, 5, 10].filter { $0 > rule.detect }.compactMap { detect in
      var rule = rule
      rule.detect = detect
      return plainly(rule, looking).time.map { Laxer(detect: detect, time: $0) }
    }
    guard fits(looking.longest) == false else { return }
    oftener = looking.oftener.first { plainly(rule, $0).decided.map { $0 <= looking.longest } ?? false }?.every
  }

  private init(
    plainly name: String, _ rule: Comparison, _ shareOfError: Double, _ weight: Weight, _ looking: Looking,
    _ flow: UsualTraffic.Flow?
  ) {
    metric = name
    detect = rule.detect
    requests = flow?.requests ?? rule.requests
    usualRate = flow?.bad ?? rule.usualRate
    let needs = Needs(rule, shareOfError, weight, looking, requests, usualRate, flow?.recorded)
    errorsToFail = needs.errorsToFail(after: looking.looks)
    errorsToPass = needs.errorsToPass(after: looking.looks)
    requestsToPass = needs.requestsToPass(after: looking.looks)
    guard let requests, let usualRate else { return }
    let traffic = Flowing(requests: requests, recorded: flow?.recorded)
    let share = weight.fraction
    func wait(_ share: Double, _ amount: (Double) -> Double) -> Wait { traffic.wait(looking, share: share, amount) }
    let failing = usualRate * (1 - share + share * detect)
    let fail = wait(failing) { needs.errorsToFail(after: $0) }
    let beside = wait(usualRate) { needs.errorsToPass(after: $0) }
    let alone = wait(share) { needs.requestsToPass(after: $0) }
    passesAsNegligible = alone.usual ?? .distant < beside.usual ?? .distant
    let pass = passesAsNegligible ? alone : beside
    (timeToFail, longToFail) = (fail.usual, fail.long)
    (timeToPass, longToPass) = (pass.usual, pass.long)
    errorsToFail = needs.errorsToFail(after: fail.looks ?? looking.looks)
    errorsToPass = needs.errorsToPass(after: beside.looks ?? looking.looks)
    requestsToPass = needs.requestsToPass(after: alone.looks ?? looking.looks)
    let likely = [
      wait(usualRate) { needs.errorsToPass(after: $0, isLikely: true) },
      wait(share) { 1.5 * needs.requestsToPass(after: $0) },
    ].compactMap(\.longest).min()
    let bad = wait(failing) { needs.errorsToFail(after: $0, isLikely: true) }
    if let likely, let bad = usualRate == 0 ? .zero : bad.longest { decided = max(likely, bad) }
  }

  /// Until both decisions are expected; where traffic is on record in nine of ten beginnings. Where nothing is ever bad
  /// there is nothing to fail.
  private var time: Interval? {
    guard let toPass = longToPass ?? timeToPass else { return nil }
    if usualRate == 0 { return toPass }
    return (longToFail ?? timeToFail).map { max($0, toPass) }
  }

  /// A hold within which nine in ten are decided, in whole minutes; `nil`: none is long enough, or nobody knows.
  package var recommendedHold: Interval? { decided.map { .minutes(($0.milliseconds + 59_999) / 60_000) } }

  /// Whether both decisions are expected within a hold; `nil`: nobody knows what traffic is usual.
  package func fits(_ hold: Interval) -> Bool? {
    if requests == nil || usualRate == nil { return nil }
    return time.map { $0 <= hold } ?? false
  }
}

/// What a comparison needs at one weight, depending on how many looks it has had to learn of bursts.
private struct Needs {
  private let test: CountTest
  private let outlook: BurstOutlook
  private let rate: Double
  private let failing, passing: EventsNeeded

  init(
    _ rule: Comparison, _ shareOfError: Double, _ weight: Weight, _ looking: Looking, _ requests: Double?,
    _ rate: Double?, _ recorded: RecordedTraffic?
  ) {
    test = Comparing(rule, share: shareOfError).test
    let share = weight.fraction
    let errors = requests.flatMap { requests in rate.map { requests * $0 * looking.window.seconds } } ?? .infinity
    outlook = BurstOutlook(
      test.dispersion, estimate: recorded?.dispersion ?? 1, control: errors * (1 - share), canary: errors * share,
      before: Double(looking.before))
    self.rate = rate ?? 0
    failing = DecisionPlan.toFail(
      share: share, ratio: rule.detect, tolerate: rule.tolerate, alpha: test.alphaFromStart
    ).bounded(
      to: test.mostOfLook(rule.detect, over: outlook.actual), each: errors * (1 - share + share * rule.detect),
      dispersion: outlook.actual)
    passing = DecisionPlan.toPass(share: share, detect: rule.detect, beta: test.betaBeside)
  }

  func errorsToFail(after looks: Double, isLikely: Bool = false) -> Double {
    let divisor = 1 + (outlook.index(after: looks) - 1) * BurstReach.of(test.detect / test.tolerate)
    return isLikely ? failing.likely(over: divisor, dispersion: outlook.actual) : failing.expected(over: divisor)
  }

  func errorsToPass(after looks: Double, isLikely: Bool = false) -> Double {
    let divisor = 1 + (outlook.indexToPass(after: looks) - 1) * BurstReach.of(test.detect)
    return isLikely ? passing.likely(over: divisor, dispersion: outlook.actual) : passing.expected(over: divisor)
  }

  func requestsToPass(after looks: Double) -> Double {
    test.negligible?.requestsToPass(rate: rate, beta: test.beta, over: outlook.indexOfQuiet(after: looks)) ?? .infinity
  }
}

extension [Metric] {
  /// What the deciding comparisons of a gate need at a weight; nothing where no share of the traffic can be compared.
  ///
  /// - Parameters:
  ///   - looking: `window` and what else is the metric's own is put in.
  ///   - shareOfError: what falls to a metric; `nil`: what does in a rollout of one stage.
  func decisions(
    of gate: Gate, over hold: Interval, at weight: Weight, after before: [Canary.Step] = [], _ traffic: UsualTraffic?,
    shareOfError: ((Int) -> Double)? = nil
  ) -> [StepDecision] {
    guard weight > .none, weight < .all else { return [] }
    return gate.metrics.compactMap { index in
      guard let rule = self[index].comparison, self[index].decides else { return nil }
      let looking = Looking(gate, over: hold, window: self[index].interval, before: before.looks(at: index))
      return StepDecision(
        self[index].name, rule, shareOfError: shareOfError?(index) ?? self.shareOfError(of: index), at: weight,
        looking, traffic?.flow(of: self[index].name))
    }
  }
}

extension Pipeline {
  func decisions(
    of gate: Gate, over hold: Interval, at weight: Weight, after before: [Canary.Step], _ traffic: UsualTraffic?
  ) -> [StepDecision] {
    metrics.decisions(of: gate, over: hold, at: weight, after: before, traffic, shareOfError: shareOfError)
  }
}

extension [Canary.Step] {
  /// Looks at a metric that these steps have at least had when they are over, beside another version.
  fileprivate func looks(at metric: Int) -> Int64 {
    reduce(0) { sum, step in
      guard step.weight < .all, let gate = step.gate, gate.metrics.contains(metric) else { return sum }
      return sum + gate.looks(in: step.hold)
    }
  }
}
