import Analysis
import PipelineModel

/// How a gate looks at a metric during a step.
struct Looking: Hashable, Sendable {
  var every: Interval
  var delay: Interval
  /// What a look sees.
  var window: Interval
  /// Looks of the same evidence that earlier steps have taken.
  var before: Int64
  /// The hold, and how much longer it may take.
  var longest: Interval

  /// - Parameter window: `nil`: as long as it is between two looks.
  init(_ gate: Gate, over hold: Interval, window: Interval?, before: Int64) {
    every = max(gate.every, .milliseconds(1))
    delay = gate.delay
    self.window = min(window ?? every, every)
    self.before = before
    longest = hold + gate.patience
  }

  /// In the longest time.
  var looks: Double { longest < delay ? 1 : 1 + ((longest - delay).seconds / every.seconds).rounded(.down) }

  /// When so many looks have been taken.
  func time(of looks: Double) -> Interval {
    delay + .milliseconds(Int64((every.seconds * (looks - 1) * 1000).rounded()))
  }

  /// The same with more looks, all that comes seen; the fewest first. A delay that is not just the time between two looks
  /// stays: it is there for a reason.
  var oftener: [Looking] {
    ([4, 6, 8, 12, 20, 30] as [Int64]).compactMap { looks in
      var oftener = self
      let isDelayed = delay > every
      oftener.every = .seconds((longest - (isDelayed ? delay : .zero)).milliseconds / (1000 * looks))
      (oftener.window, oftener.delay) = (oftener.every, isDelayed ? delay : min(delay, oftener.every))
      return oftener.every < every && oftener.every >= .seconds(1) ? oftener : nil
    }
  }
}

/// Looks until something is expected, and when the last of them comes.
struct Wait: Hashable {
  var looks: Double?
  var usual, long: Interval?

  /// Where traffic is on record in nine of ten beginnings.
  var longest: Interval? { long ?? usual }
}

/// Traffic that is steady, or as it is on record.
struct Flowing {
  /// A second, over both versions.
  var requests: Double
  var recorded: RecordedTraffic?

  /// How long it takes until a share of the requests comes to what is needed after so many looks.
  ///
  /// - Parameter amount: falls, the more looks there are.
  func wait(_ looking: Looking, share: Double, _ amount: (Double) -> Double) -> Wait {
    guard let recorded else {
      let looks = looking.looks { amount($0) / (requests * share) }
      return Wait(looks: looks, usual: looks.map(looking.time))
    }
    let usual = looking.looks { recorded.wait(for: amount($0), share: share)?.usual }
    let long = usual == nil ? nil : looking.looks { recorded.wait(for: amount($0), share: share)?.long }
    return Wait(looks: usual, usual: usual.map(looking.time), long: long.map(looking.time))
  }
}

extension Looking {
  /// The fewest looks that see as much as is needed after so many; `nil`: that takes longer than anybody waits.
  ///
  /// - Parameter seconds: what it takes with what is known after so many looks; `nil`: for ever.
  fileprivate func looks(until seconds: (Double) -> Double?) -> Double? {
    let most = (Interval.distant.seconds / every.seconds).rounded(.up)
    func needed(_ looks: Double) -> Double {
      guard let seconds = seconds(looks), seconds.isFinite else { return .infinity }
      return max(1, (seconds / window.seconds * (1 - 1e-12)).rounded(.up))
    }
    // With endlessly many it takes the least.
    var low = needed(1e12)
    guard low < most else { return nil }
    var high = min(most, max(low, needed(low)))
    while low < high {
      let middle = ((low + high) / 2).rounded(.down)
      if needed(middle) <= middle { high = middle } else { low = middle + 1 }
    }
    return low < most ? low : nil
  }
}

extension Interval {
  /// Longer than anybody waits: thirty years.
  static let distant = Interval.hours(24 * 365 * 30)

  /// To the second, from ten minutes on to the minute, from a day on to the hour.
  var roughly: Interval {
    let unit: Int64 = milliseconds < 600_000 ? 1000 : milliseconds < 86_400_000 ? 60_000 : 3_600_000
    return .milliseconds(max(unit, (milliseconds + unit / 2) / unit * unit))
  }
}
