import Analysis
package import PipelineModel

/// What a comparison needs at one weight before it can decide.
package struct StepDecision: Hashable, Sendable {
  package var metric: String
  package var detect: Double
  /// Bad requests of both versions together that a version as bad as `detect` is expected to need until it fails, and
  /// one that is as good until it passes.
  package var errorsToFail, errorsToPass: Double
  /// The time these take; `nil` where nobody said what traffic is usual.
  package var timeToFail, timeToPass: Interval?
  package var requests, usualRate: Double?
  /// The time that nine in ten beginnings are quicker than, at night perhaps; `nil` where no traffic is on record.
  package var longToFail, longToPass: Interval?
  /// A hold that leaves room for chance: half as much again, in whole minutes.
  package var recommendedHold: Interval?

  init(_ name: String, _ rule: Comparison, shareOfError: Double, at weight: Weight, _ flow: UsualTraffic.Flow?) {
    let test = Comparing(rule, share: shareOfError).test
    metric = name
    detect = rule.detect
    requests = flow?.requests ?? rule.requests
    usualRate = flow?.bad ?? rule.usualRate
    let dispersion = rule.expectedDispersion(flow?.recorded)
    errorsToFail =
      dispersion
      * DecisionPlan.errorsToFail(
        share: weight.fraction, ratio: rule.detect, tolerate: rule.tolerate, alpha: test.alpha)
    errorsToPass = dispersion * DecisionPlan.errorsToPass(share: weight.fraction, detect: rule.detect, beta: test.beta)
    if let recorded = flow?.recorded {
      reckon(with: recorded, at: weight)
    } else {
      reckonWithSteadyTraffic(at: weight)
    }
    guard let toFail = longToFail ?? timeToFail, let toPass = longToPass ?? timeToPass else { return }
    let enough = max(toFail, toPass).milliseconds * 3 / 2
    recommendedHold = .minutes((enough + 59_999) / 60_000)
  }

  private mutating func reckonWithSteadyTraffic(at weight: Weight) {
    guard let requests, let usualRate else { return }
    func time(_ errors: Double, _ ratio: Double) -> Interval? {
      Self.interval(
        errors
          / DecisionPlan.errorsPerSecond(requests: requests, rate: usualRate, share: weight.fraction, ratio: ratio))
    }
    timeToFail = time(errorsToFail, detect)
    timeToPass = time(errorsToPass, 1)
  }

  private mutating func reckon(with recorded: RecordedTraffic, at weight: Weight) {
    let share = weight.fraction
    let toFail = recorded.wait(for: errorsToFail, growth: 1 - share + share * detect)
    let toPass = recorded.wait(for: errorsToPass, growth: 1)
    timeToFail = toFail.flatMap { Self.interval($0.usual) }
    timeToPass = toPass.flatMap { Self.interval($0.usual) }
    longToFail = toFail.flatMap { Self.interval($0.long) }
    longToPass = toPass.flatMap { Self.interval($0.long) }
  }

  private static func interval(_ seconds: Double) -> Interval? {
    seconds.isFinite && seconds < 1e9 ? .milliseconds(Int64((seconds * 1000).rounded())) : nil
  }

  /// Whether both decisions are expected within a hold, in nine of ten beginnings where traffic is on record; `nil`:
  /// nobody knows.
  package func fits(_ hold: Interval) -> Bool? {
    guard let toFail = longToFail ?? timeToFail, let toPass = longToPass ?? timeToPass else { return nil }
    return max(toFail, toPass) <= hold
  }

  func sentence(over hold: Interval) -> String {
    let needs =
      "\(metric): a version \(plain(detect))× as bad is failed after about \(Self.count(errorsToFail)) bad requests in both "
      + "arms\(Self.about(timeToFail, longToFail)), a good one passes after \(Self.count(errorsToPass))"
      + Self.about(timeToPass, longToPass)
    switch fits(hold) {
    case true?: return needs
    case false?:
      return needs + "; the hold of \(hold) is too short to decide, hold for \(recommendedHold ?? hold) or longer"
    case nil: return needs
    }
  }

  private static func about(_ time: Interval?, _ long: Interval?) -> String {
    guard let time else { return "" }
    guard let long, long.roughly > time.roughly else { return ", about \(time.roughly)" }
    return ", about \(time.roughly), \(long.roughly) when it is quiet"
  }

  private static func count(_ value: Double) -> String { value < 1e9 ? "\(Int(value.rounded(.up)))" : "endlessly many" }
}

extension Interval {
  /// To the second, from ten minutes on to the minute, from a day on to the hour.
  var roughly: Interval {
    let unit: Int64 = milliseconds < 600_000 ? 1000 : milliseconds < 86_400_000 ? 60_000 : 3_600_000
    return .milliseconds(max(unit, (milliseconds + unit / 2) / unit * unit))
  }
}

extension Comparison {
  /// What evidence is divided by; an estimate that rests on a dozen looks asks for about a quarter more.
  fileprivate func expectedDispersion(_ recorded: RecordedTraffic?) -> Double {
    switch dispersion {
    case .none: 1
    case .estimated: max(1.25, recorded?.dispersion ?? 1)
    case .given(let index): index
    }
  }
}

extension [Metric] {
  /// What the deciding comparisons of a gate need at a weight; nothing where no share of the traffic can be compared.
  func decisions(of gate: Gate, at weight: Weight, _ traffic: UsualTraffic?) -> [StepDecision] {
    guard weight > .none, weight < .all else { return [] }
    return gate.metrics.compactMap { index in
      guard let rule = self[index].comparison, self[index].decides else { return nil }
      let flow = traffic?.flow(of: self[index].name)
      return StepDecision(self[index].name, rule, shareOfError: shareOfError(of: index), at: weight, flow)
    }
  }
}
