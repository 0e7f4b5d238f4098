import Analysis
package import PipelineModel

/// What a comparison needs at one weight before it can decide.
package struct StepDecision: Hashable, Sendable {
  package var metric: String
  package var detect: Double
  /// Bad requests of both versions together that a version as bad as `detect` is expected to need until it fails, and
  /// one that is as good until it passes.
  package var errorsToFail, errorsToPass: Double
  /// Requests of its own after which a version passes since next to none is bad; infinite where too many are.
  package var requestsToPass: Double
  /// The time these take, of the two ways to pass the shorter; `nil` where nobody said what traffic is usual, and where it
  /// never comes to that.
  package var timeToFail, timeToPass: Interval?
  package var requests, usualRate: Double?
  /// The time that nine in ten beginnings are quicker than, at night perhaps; `nil` where no traffic is on record.
  package var longToFail, longToPass: Interval?
  /// Whether a good version passes sooner since next to nothing is bad than beside the other.
  package var passesAsNegligible = false
  /// What could be told apart instead, and how long that takes; the least first.
  package var laxer: [Laxer] = []

  package struct Laxer: Hashable, Sendable {
    package var detect: Double
    package var time: Interval
  }

  init(_ name: String, _ rule: Comparison, shareOfError: Double, at weight: Weight, _ flow: UsualTraffic.Flow?) {
    self.init(plainly: name, rule, shareOfError, weight, flow)
    laxer = [1.5, 2, 3, 5, 10].filter { $0 > rule.detect }.compactMap { detect in
      var rule = rule
      rule.detect = detect
      return Self(plainly: name, rule, shareOfError, weight, flow).time.map { Laxer(detect: detect, time: $0) }
    }
  }

  private init(
    plainly name: String, _ rule: Comparison, _ shareOfError: Double, _ weight: Weight, _ flow: UsualTraffic.Flow?
  ) {
    let test = Comparing(rule, share: shareOfError).test
    let share = weight.fraction
    // What evidence about these ratios is divided by.
    func divisor(_ ratio: Double) -> Double {
      1 + (rule.dispersion.expected(flow?.recorded) - 1) * BurstReach.of(ratio)
    }
    metric = name
    detect = rule.detect
    requests = flow?.requests ?? rule.requests
    usualRate = flow?.bad ?? rule.usualRate
    errorsToFail =
      divisor(detect / rule.tolerate)
      * DecisionPlan.errorsToFail(share: share, ratio: detect, tolerate: rule.tolerate, alpha: test.alphaFromStart)
    errorsToPass = divisor(detect) * DecisionPlan.errorsToPass(share: share, detect: detect, beta: test.betaBeside)
    requestsToPass =
      test.negligible?.requestsToPass(
        rate: usualRate ?? 0, beta: test.beta, over: rule.dispersion.expectedOfQuiet(flow?.recorded)) ?? .infinity
    guard let requests, let usualRate else { return }
    let traffic = Flowing(requests: requests, recorded: flow?.recorded)
    (timeToFail, longToFail) = traffic.wait(for: errorsToFail, share: usualRate * (1 - share + share * detect))
    (timeToPass, longToPass) = traffic.wait(for: errorsToPass, share: usualRate)
    let alone = traffic.wait(for: requestsToPass, share: share)
    guard let time = alone.usual, time < timeToPass ?? .distant else { return }
    (timeToPass, longToPass) = alone
    passesAsNegligible = true
  }

  /// Until both decisions are expected; where traffic is on record in nine of ten beginnings. Where nothing is ever bad
  /// there is nothing to fail.
  private var time: Interval? {
    guard let toPass = longToPass ?? timeToPass else { return nil }
    if usualRate == 0 { return toPass }
    return (longToFail ?? timeToFail).map { max($0, toPass) }
  }

  /// A hold that leaves room for chance: half as much again, in whole minutes; `nil`: none is long enough, or nobody knows.
  package var recommendedHold: Interval? { time.map { .minutes(($0.milliseconds * 3 / 2 + 59_999) / 60_000) } }

  /// Whether both decisions are expected within a hold; `nil`: nobody knows what traffic is usual.
  package func fits(_ hold: Interval) -> Bool? {
    if requests == nil || usualRate == nil { return nil }
    return time.map { $0 <= hold } ?? false
  }
}

/// Traffic that is steady, or as it is on record.
private struct Flowing {
  /// A second, over both versions.
  var requests: Double
  var recorded: RecordedTraffic?

  /// How long it takes until a share of the requests comes to so many.
  func wait(for amount: Double, share: Double) -> (usual: Interval?, long: Interval?) {
    guard let recorded else { return (Self.interval(amount / (requests * share)), nil) }
    let wait = recorded.wait(for: amount, share: share)
    return (wait.flatMap { Self.interval($0.usual) }, wait.flatMap { Self.interval($0.long) })
  }

  private static func interval(_ seconds: Double) -> Interval? {
    seconds < Interval.distant.seconds ? .milliseconds(Int64((seconds * 1000).rounded())) : nil
  }
}

extension Interval {
  /// Longer than anybody waits: thirty years.
  fileprivate static let distant = Interval.hours(24 * 365 * 30)

  /// To the second, from ten minutes on to the minute, from a day on to the hour.
  var roughly: Interval {
    let unit: Int64 = milliseconds < 600_000 ? 1000 : milliseconds < 86_400_000 ? 60_000 : 3_600_000
    return .milliseconds(max(unit, (milliseconds + unit / 2) / unit * unit))
  }
}

extension Comparison.Dispersion {
  /// The index that is expected; an estimate that rests on a dozen looks asks for about three tenths more.
  fileprivate func expected(_ recorded: RecordedTraffic?) -> Double {
    switch self {
    case .none: 1
    case .estimated: max(1.3, recorded?.dispersion ?? 1)
    case .given(let index): index
    }
  }

  /// The same where next to nothing is bad: bursts are reckoned with that nobody has seen yet.
  fileprivate func expectedOfQuiet(_ recorded: RecordedTraffic?) -> Double {
    self == .estimated ? max(CountTest.dispersionOfQuiet, expected(recorded)) : expected(recorded)
  }
}

extension [Metric] {
  /// What the deciding comparisons of a gate need at a weight; nothing where no share of the traffic can be compared.
  ///
  /// - Parameter shareOfError: what falls to a metric; `nil`: what does in a rollout of one stage.
  func decisions(
    of gate: Gate, at weight: Weight, _ traffic: UsualTraffic?, shareOfError: ((Int) -> Double)? = nil
  ) -> [StepDecision] {
    guard weight > .none, weight < .all else { return [] }
    return gate.metrics.compactMap { index in
      guard let rule = self[index].comparison, self[index].decides else { return nil }
      let flow = traffic?.flow(of: self[index].name)
      let share = shareOfError?(index) ?? self.shareOfError(of: index)
      return StepDecision(self[index].name, rule, shareOfError: share, at: weight, flow)
    }
  }
}

extension Pipeline {
  func decisions(of gate: Gate, at weight: Weight, _ traffic: UsualTraffic?) -> [StepDecision] {
    metrics.decisions(of: gate, at: weight, traffic, shareOfError: shareOfError)
  }
}
