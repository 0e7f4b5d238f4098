/// Requests as they were counted interval by interval over some days, for plans that know night from day.
package struct RecordedTraffic: Hashable, Sendable {
  package struct Point: Hashable, Sendable {
    /// Length of the interval; > 0.
    package var seconds: Double
    package var all, bad: Double
    package init(seconds: Double, all: Double, bad: Double) {
      self.seconds = seconds
      self.all = all
      self.bad = bad
    }
  }

  /// In the order of time; what lies between two of them is left out.
  package let points: [Point]
  /// Requests a second, and the share of bad ones, over all of it.
  package let requests, rate: Double
  /// Variance ÷ mean of the bad ones, as estimated from neighbouring intervals; ≥ 1.
  package let dispersion: Double

  /// - Returns: `nil` where nothing was counted: nothing can be planned from that.
  package init?(_ points: [Point]) {
    let sound = points.filter { $0.seconds > 0 && ArmCounts(bad: $0.bad, all: $0.all).isSound }
    let length = sound.reduce(0) { $0 + $1.seconds }
    let (all, bad) = (sound.reduce(0) { $0 + $1.all }, sound.reduce(0) { $0 + $1.bad })
    guard length > 0, all > 0, all.isFinite else { return nil }
    self.points = sound
    requests = all / length
    rate = min(1, bad / all)
    var bursts = Burstiness()
    for point in sound { bursts.add(ArmCounts(bad: min(point.bad, point.all), all: point.all)) }
    dispersion = bursts.estimate
  }

  /// How long it takes until a share of the requests comes to so many, for the middle one of all times to begin at and for
  /// the one that nine in ten are quicker than. The record is gone through in a circle.
  ///
  /// Every interval counts its own requests at the same share, so that one outage on record does not make every plan look
  /// quick.
  ///
  /// - Returns: `nil` where it never does.
  package func wait(for amount: Double, share: Double) -> (usual: Double, long: Double)? {
    let rates = points.map { $0.all * share }
    let round = rates.reduce(0, +)
    guard amount.isFinite, round > 0 else { return nil }
    let whole = (amount / round).rounded(.down)
    let (rest, length) = (amount - whole * round, points.reduce(0) { $0 + $1.seconds })
    // Where the count stands when an interval ends; twice around, so that every start has all of a round before it.
    var reached = [0.0]
    var ends = [0.0]
    for index in 0..<2 * points.count {
      reached.append(reached[index] + rates[index % points.count])
      ends.append(ends[index] + points[index % points.count].seconds)
    }
    var waits: [Double] = []
    var end = 0
    for start in points.indices {
      while end < reached.count - 1, reached[end] - reached[start] < rest { end += 1 }
      let over = max(0, reached[end] - reached[start] - rest)
      let last = end > 0 ? reached[end] - reached[end - 1] : 0
      let unused = last > 0 ? over / last * (ends[end] - ends[end - 1]) : 0
      waits.append(whole * length + ends[end] - ends[start] - unused)
    }
    waits.sort()
    return (Samples.percentile(50, ofSorted: waits), Samples.percentile(90, ofSorted: waits))
  }
}
