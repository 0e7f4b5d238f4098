package import PipelineModel

extension Objective {
  /// The share of requests that may be bad.
  package var errorBudget: Double { 1 - target }

  /// How many times faster than it may the budget is being spent, at a share of bad requests.
  package func burn(_ errorRatio: Double) -> Double { errorRatio / errorBudget }

  /// What is left of the budget over the objective's window: 1 untouched, 0 spent, less than 0 overdrawn.
  ///
  /// `nil` without requests: no evidence is not a full budget.
  package func budgetLeft(bad: Double, all: Double) -> Double? {
    guard all > 0, bad >= 0, bad.isFinite, all.isFinite else { return nil }
    return 1 - burn(bad / all)
  }

  /// Time that may be lost altogether within the window: 43.2 min for 99.9 % over 30 days.
  package var allowedOutage: Interval { .milliseconds(Int64((Double(window.milliseconds) * errorBudget).rounded())) }
}

extension Objective.BurnRule {
  /// Fires when both windows burn faster than the factor. `nil`: a window without requests.
  package func fires(long: Double, short: Double) -> Bool? {
    guard long.isFinite, short.isFinite else { return nil }
    return long > factor && short > factor
  }
}
