/// How much more than the dispersion index an alternative needs, so that large bursts do not break the promise.
///
/// Bursts do not only make counts vary more; now and then one is far larger than the others, and the further an
/// alternative is from the hypothesis the more a single one speaks for it. Let the sizes of bursts vary as waiting times do,
/// with mean m, so that the dispersion index comes to 2m, and let g₁ and g₀ be what an event of canary and control adds to
/// the log likelihood ratio. Divided by c·m, the mean of an increment over bursts is
///
///     θ₀ ÷ (1 − g₁/c) + (1 − θ₀) ÷ (1 − g₀/c),
///
/// which is 1 at c = −g₀g₁ ÷ KL(θ₀‖θ₁), and less above. That is most, at ρ = e^|δ − δ₀|, where the arm that speaks has
/// hardly any of the requests: c → (ρ − 1)·ln ρ ÷ (ρ − 1 − ln ρ), 2 where the alternative is near and 3.1 at ten times.
package enum BurstReach {
  /// c ÷ 2 for an alternative that is so many times the hypothesis, or that part of it: what the index is to be multiplied
  /// by as far as it exceeds 1; at least 1.
  package static func of(_ ratio: Double) -> Double {
    let step = (ratio > 1 ? ratio : 1 / ratio) - 1
    guard step > 1e-3 else { return 1 }
    let logRatio = ln1p(step)
    return step * logRatio / (2 * (step - logRatio))
  }
}
