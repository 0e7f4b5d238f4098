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
  /// A hold that leaves room for chance: half as much again, in whole minutes.
  package var recommendedHold: Interval?

  /// The usual traffic, where it is given for the plan and not by the pipeline.
  package struct Traffic: Hashable, Sendable {
    package var requests, bad: Double
    package init(requests: Double, bad: Double) {
      self.requests = requests
      self.bad = bad
    }
  }

  init(_ name: String, _ rule: Comparison, shareOfError: Double, at weight: Weight, _ traffic: Traffic?) {
    let test = Comparing(rule, share: shareOfError).test
    metric = name
    detect = rule.detect
    requests = traffic?.requests ?? rule.requests
    usualRate = traffic?.bad ?? rule.usualRate
    errorsToFail = DecisionPlan.errorsToFail(
      share: weight.fraction, ratio: rule.detect, tolerate: rule.tolerate, alpha: test.alpha)
    errorsToPass = DecisionPlan.errorsToPass(share: weight.fraction, detect: rule.detect, beta: test.beta)
    errorsToFail *= rule.expectedDispersion
    errorsToPass *= rule.expectedDispersion
    guard let requests, let usualRate else { return }
    func time(_ errors: Double, _ ratio: Double) -> Interval? {
      let rate = DecisionPlan.errorsPerSecond(
        requests: requests, rate: usualRate, share: weight.fraction, ratio: ratio)
      let seconds = errors / rate
      return seconds.isFinite && seconds < 1e9 ? .milliseconds(Int64((seconds * 1000).rounded())) : nil
    }
    timeToFail = time(errorsToFail, rule.detect)
    timeToPass = time(errorsToPass, 1)
    guard let timeToFail, let timeToPass else { return }
    let enough = max(timeToFail, timeToPass).milliseconds * 3 / 2
    recommendedHold = .minutes((enough + 59_999) / 60_000)
  }

  /// Whether both decisions are expected within a hold; `nil`: nobody knows.
  package func fits(_ hold: Interval) -> Bool? {
    guard let timeToFail, let timeToPass else { return nil }
    return max(timeToFail, timeToPass) <= hold
  }

  func sentence(over hold: Interval) -> String {
    let needs =
      "\(metric): a version \(plain(detect))× as bad is failed after about \(Self.count(errorsToFail)) bad requests in both "
      + "arms\(Self.about(timeToFail)), a good one passes after \(Self.count(errorsToPass))\(Self.about(timeToPass))"
    switch fits(hold) {
    case true?: return needs
    case false?:
      return needs + "; the hold of \(hold) is too short to decide, hold for \(recommendedHold ?? hold) or longer"
    case nil: return needs
    }
  }

  private static func about(_ time: Interval?) -> String { time.map { ", about \($0.roughly)" } ?? "" }
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
  fileprivate var expectedDispersion: Double {
    switch dispersion {
    case .none: 1
    case .estimated: 1.25
    case .given(let index): index
    }
  }
}

extension [Metric] {
  /// What the deciding comparisons of a gate need at a weight; nothing where no share of the traffic can be compared.
  func decisions(of gate: Gate, at weight: Weight, _ traffic: StepDecision.Traffic?) -> [StepDecision] {
    guard weight > .none, weight < .all else { return [] }
    return gate.metrics.compactMap { index in
      guard let rule = self[index].comparison, self[index].decides else { return nil }
      return StepDecision(self[index].name, rule, shareOfError: shareOfError(of: index), at: weight, traffic)
    }
  }
}
