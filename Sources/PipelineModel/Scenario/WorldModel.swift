/// What users of each version see, and how fast the backends are.
package struct WorldModel: Hashable, Sendable {
  /// Requests a second over both versions.
  package var traffic: Double
  /// What each metric shows for the stable version, by the metric's name.
  package var stable: [String: Distribution]
  /// How the candidate differs; a metric that is not named is the same as for the stable version.
  package var canary: [String: Change]
  package var takes: Delays
  /// Requests a second that try out a candidate which is up and has no share of the traffic yet.
  package var preview: Double

  package struct Delays: Hashable, Sendable {
    package var deploy: Interval
    package var router: Interval
    package var provider: Interval
    package var check: Interval
    package var step: Interval
    package init(
      deploy: Interval = .seconds(30), router: Interval = .zero, provider: Interval = .zero,
      check: Interval = .seconds(1), step: Interval = .minutes(1)
    ) {
      self.deploy = deploy
      self.router = router
      self.provider = provider
      self.check = check
      self.step = step
    }
  }

  package init(
    traffic: Double, stable: [String: Distribution], canary: [String: Change] = [:], takes: Delays = Delays(),
    preview: Double = 0
  ) {
    self.traffic = traffic
    self.stable = stable
    self.canary = canary
    self.takes = takes
    self.preview = preview
  }
}

/// Where a metric's values come from, in base units.
package enum Distribution: Hashable, Sendable {
  case constant(Double)
  /// A share of the requests that the version got in the metric's interval: binomial; no requests, no data.
  case ratio(Double)
  case normal(mean: Double, deviation: Double)
  case lognormal(median: Double, sigma: Double)
  case uniform(low: Double, high: Double)
}

/// How a metric changes.
package enum Change: Hashable, Sendable {
  /// As the stable version.
  case same
  case become(Distribution)
  /// Its values times a factor.
  case scale(Double)
  /// Its values plus an amount.
  case shift(Double)
}
