/// How much a comparison needs before it can decide.
package enum DecisionPlan {
  /// Bad requests in both arms together that are expected to be needed to fail a canary that is `ratio` times as bad, at
  /// a canary's share of `share`: (ln 1/α + ln 6) ÷ KL(θ₁‖θ₀).
  ///
  /// ln 6 is what the mixture over six alternatives costs. Infinite where `ratio` is tolerated.
  package static func errorsToFail(
    share: Double, ratio: Double, tolerate: Double = 1, alpha: Double = 0.01
  ) -> Double {
    guard ratio > tolerate else { return .infinity }
    return toFail(share: share, ratio: ratio, tolerate: tolerate, alpha: alpha).expected()
  }

  /// Bad requests that are expected to be needed to pass a canary that is as good as the control.
  package static func errorsToPass(share: Double, detect: Double, beta: Double = 0.05) -> Double {
    guard detect > 1 else { return .infinity }
    return toPass(share: share, detect: detect, beta: beta).expected()
  }

  /// See `errorsToFail`; `ratio` is more than `tolerate`.
  package static func toFail(
    share: Double, ratio: Double, tolerate: Double = 1, alpha: Double = 0.01
  ) -> EventsNeeded {
    EventsNeeded(wanted: ln(6) - ln(alpha), theta(share, ratio), theta(share, tolerate))
  }

  /// See `errorsToPass`; `detect` is more than 1.
  package static func toPass(share: Double, detect: Double, beta: Double = 0.05) -> EventsNeeded {
    EventsNeeded(wanted: ln(3) - ln(beta), theta(share, 1), theta(share, detect))
  }

  /// The canary's share of the bad requests.
  static func theta(_ share: Double, _ ratio: Double) -> Double { share * ratio / (1 - share + share * ratio) }

  /// Kullback–Leibler divergence of two binomials, in nats per event.
  static func divergence(_ p: Double, _ q: Double) -> Double {
    p * ln(p / q) + (1 - p) * (ln1p(-p) - ln1p(-q))
  }
}
