/// A service level objective: what share of requests must be good over a window.
package struct Objective: Hashable, Sendable {
  package var name: String
  /// Between 0 and 1, neither of them: 99.9 % is 0.999.
  package var target: Double
  package var window: Interval
  package var rules: [BurnRule]
  package var policy: BudgetPolicy
  package var missing: MissingCount

  /// Fires when the error budget burns faster than `factor` over both windows.
  package struct BurnRule: Hashable, Sendable {
    package var factor: Double
    package var long: Interval
    package var short: Interval
    package init(factor: Double, long: Interval, short: Interval) {
      self.factor = factor
      self.long = long
      self.short = short
    }
  }

  /// For a window of 30 days: 2 % of the budget in an hour, 5 % in six hours, 10 % in three days.
  ///
  /// Source: "The Site Reliability Workbook", chapter 5, table 5-8.
  package static let defaultRules = [
    BurnRule(factor: 14.4, long: .hours(1), short: .minutes(5)),
    BurnRule(factor: 6, long: .hours(6), short: .minutes(30)),
    BurnRule(factor: 1, long: .hours(72), short: .hours(6)),
  ]

  package init(
    name: String, target: Double, window: Interval = .hours(24 * 30), rules: [BurnRule] = defaultRules,
    policy: BudgetPolicy = BudgetPolicy(), missing: MissingCount = .noData
  ) {
    self.name = name
    self.target = target
    self.window = window
    self.rules = rules
    self.policy = policy
    self.missing = missing
  }
}

/// What an error budget allows as it shrinks.
package struct BudgetPolicy: Hashable, Sendable {
  /// With less than this left, features wait.
  package var freezeBelow: Double
  /// Once it was spent, this much must be left before features go again.
  package var rebuilt: Double

  package init(freezeBelow: Double = 0.25, rebuilt: Double = 0.5) {
    self.freezeBelow = freezeBelow
    self.rebuilt = rebuilt
  }
}

/// What a change is for.
package enum ChangeKind: String, Hashable, Sendable, CaseIterable {
  case feature, reliability, security, emergency
}
