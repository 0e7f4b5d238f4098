/// Special functions, for positive arguments. Formula numbers are those of the NIST Digital Library of Mathematical
/// Functions (DLMF).
enum Special {
  static let halfLogTwoPi = 0.918_938_533_204_672_741_8

  /// ln Γ(x) for x > 0: Stirling's series (5.11.1) from 12 up, the recurrence (5.5.1) below.
  static func logGamma(_ x: Double) -> Double {
    guard x > 0 else { return .nan }
    var shifted = x
    var product = 1.0
    while shifted < 12 {
      product *= shifted
      shifted += 1
    }
    return (shifted - 0.5) * ln(shifted) - shifted + halfLogTwoPi + stirling(shifted) - ln(product)
  }

  /// What Stirling's formula leaves out, for x ≥ 12.
  private static func stirling(_ x: Double) -> Double {
    let square = 1 / (x * x)
    let tail = square * (1.0 / 1680 - square * (1.0 / 1188 - square * 691 / 360_360))
    return (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - tail))) / x
  }

  /// ln B(a, b). Large arguments never meet as a difference of large logarithms.
  static func logBeta(_ a: Double, _ b: Double) -> Double {
    let (small, large) = (min(a, b), max(a, b))
    guard small >= 12 else {
      if large < 1e6 { return logGamma(small) + logGamma(large) - logGamma(small + large) }
      return logGamma(small) - logGammaRatio(large, small)
    }
    let share = small / (small + large)
    let rest = stirling(small) + stirling(large) - stirling(small + large)
    return halfLogTwoPi - 0.5 * ln(large) + rest + (small - 0.5) * ln(share) + large * ln1p(-share)
  }

  /// ln Γ(x + a) − ln Γ(x) for large x and small a.
  private static func logGammaRatio(_ x: Double, _ a: Double) -> Double {
    let grown = x + a
    return (x - 0.5) * ln1p(a / x) + a * ln(grown) - a + stirling(grown) - stirling(x)
  }

  /// ln P(a, x), the lower regularised incomplete gamma function: the series 8.7.1 below a + 1, else 1 − Q.
  static func logGammaP(_ a: Double, _ x: Double) -> Double {
    guard x > 0 else { return -.infinity }
    if x < a + 1 { return logGammaSeries(a, x) }
    return ln1p(-exponential(logGammaFraction(a, x)))
  }

  /// ln Q(a, x), the upper one: the continued fraction 8.9.2 from a + 1 up, else 1 − P.
  static func logGammaQ(_ a: Double, _ x: Double) -> Double {
    guard x > 0 else { return 0 }
    if x >= a + 1 { return logGammaFraction(a, x) }
    return ln1p(-exponential(logGammaSeries(a, x)))
  }

  private static func logGammaSeries(_ a: Double, _ x: Double) -> Double {
    var term = 1 / a
    var sum = term
    var n = a
    while term > sum * 1e-17 {
      n += 1
      term *= x / n
      sum += term
    }
    return a * ln(x) - x - logGamma(a) + ln(sum)
  }

  private static func logGammaFraction(_ a: Double, _ x: Double) -> Double {
    // Lentz's method on the even part of the fraction.
    var b = x + 1 - a
    var c = 1e300
    var d = 1 / b
    var h = d
    for i in 1...100_000 {
      let step = Double(i)
      let coefficient = -step * (step - a)
      b += 2
      d = 1 / nonzero(coefficient * d + b)
      c = nonzero(b + coefficient / c)
      h *= d * c
      if (d * c - 1).magnitude < 1e-16 { break }
    }
    return a * ln(x) - x - logGamma(a) + ln(h)
  }

  /// ln of ∫₀ˣ tᵃ⁻¹(1−t)ᵇ⁻¹ dt, the incomplete beta function, by the continued fraction 8.17.22.
  static func logIncompleteBeta(_ a: Double, _ b: Double, _ x: Double) -> Double {
    if x >= 1 { return logBeta(a, b) }
    guard x > 0 else { return -.infinity }
    let front = a * ln(x) + b * ln1p(-x)
    if x < (a + 1) / (a + b + 2) { return front + ln(betaFraction(a, b, x) / a) }
    let whole = logBeta(a, b)
    let rest = front + ln(betaFraction(b, a, 1 - x) / b) - whole
    return whole + ln1p(-exponential(min(rest, 0)))
  }

  private static func betaFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    var c = 1.0
    var d = 1 / nonzero(1 - (a + b) * x / (a + 1))
    var h = d
    for i in 1...100_000 {
      let m = Double(i)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonzero(1 + even * d)
      c = nonzero(1 + even / c)
      h *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonzero(1 + odd * d)
      c = nonzero(1 + odd / c)
      h *= d * c
      if (d * c - 1).magnitude < 1e-16 { break }
    }
    return h
  }

  private static func nonzero(_ x: Double) -> Double { x.magnitude < 1e-300 ? 1e-300 : x }

  /// ζ(s) for s > 1, by Euler–Maclaurin summation (25.2.9).
  static func zeta(_ s: Double) -> Double {
    let n = 20.0
    var sum = 0.0
    for k in 1..<20 { sum += power(Double(k), -s) }
    let tail = power(n, 1 - s) / (s - 1) + 0.5 * power(n, -s)
    let first = s * power(n, -s - 1) / 12
    let second = s * (s + 1) * (s + 2) * power(n, -s - 3) / 720
    let third = s * (s + 1) * (s + 2) * (s + 3) * (s + 4) * power(n, -s - 5) / 30_240
    return sum + tail + first - second + third
  }
}
