/// The standard normal distribution.
enum Normal {
  /// Φ(z), the share below z.
  static func cdf(_ z: Double) -> Double { 0.5 * complementaryError(-z * 0.5.squareRoot()) }

  /// ln Φ(z), finite far into the lower tail, by the asymptotic series (DLMF 7.12.1) where Φ itself would vanish.
  static func logCDF(_ z: Double) -> Double {
    if z > -30 { return ln(cdf(z)) }
    let square = 1 / (z * z)
    return -0.5 * z * z - Special.halfLogTwoPi - ln(-z) + ln1p(-square * (1 - 3 * square * (1 - 5 * square)))
  }

  /// z with Φ(z) = p, for 0 < p < 1: the approximation 26.2.23 of Abramowitz and Stegun, made exact by Halley's method.
  static func quantile(_ p: Double) -> Double {
    guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
    if p > 0.5 { return -quantile(1 - p) }
    let t = (-2 * ln(p)).squareRoot()
    var z = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))))
    for _ in 0..<4 {
      let error = (cdf(z) - p) * exponential(0.5 * z * z + Special.halfLogTwoPi)
      z -= error / (1 + 0.5 * z * error)
    }
    return z
  }
}

/// ln Σ eˣ over the elements, without overflow; −∞ of nothing.
func logSumExp(_ terms: some Sequence<Double>) -> Double {
  var highest = -Double.infinity
  for term in terms { highest = max(highest, term) }
  guard highest > -.infinity else { return -.infinity }
  var sum = 0.0
  for term in terms { sum += share(term - highest) }
  return highest + ln(sum)
}

/// eˣ for x ≤ 0 in a sum that is at least 1: what is too little to change it is nothing, and costs nothing.
@inline(__always)
func share(_ x: Double) -> Double { x > -40 ? exponential(x) : 0 }

/// ln(eᵃ + eᵇ), without overflow; −∞ of twice nothing.
@inline(__always)
func logSum(_ a: Double, _ b: Double) -> Double {
  let (low, high) = a < b ? (a, b) : (b, a)
  return high > -.infinity ? high + ln1p(exponential(low - high)) : high
}
