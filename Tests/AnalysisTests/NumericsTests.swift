import Foundation
import Testing

@testable import Analysis

// Special functions against identities and known values, where they are large, small, or nearly cancel.

struct NumericsTests {
  @Test(arguments: [1e-8, 0.1, 0.5, 1, 1.5, 2, 3.7, 10, 11.99, 12, 100, 1e6, 1e12])
  func `ln Γ follows its recurrence`(x: Double) {
    let difference = Special.logGamma(x + 1) - Special.logGamma(x) - log(x)
    #expect(difference.magnitude <= 1e-14 * max(1, Special.logGamma(x).magnitude))
  }

  @Test func `ln Γ has its known values`() {
    #expect(isNear(Special.logGamma(0.5), 0.5 * log(Double.pi), 1e-14))
    #expect(isNear(Special.logGamma(1), 0, 1e-14))
    #expect(isNear(Special.logGamma(11), log(3_628_800), 1e-13))
    #expect(Special.logGamma(0).isNaN && Special.logGamma(-1).isNaN)
  }

  @Test(arguments: [(1e12, 1e12), (1e12, 3), (0.5, 0.5), (20, 1e9), (5, 7)])
  func `ln B follows its recurrence, also where it is a small difference`(a: Double, b: Double) {
    let difference = Special.logBeta(a + 1, b) - Special.logBeta(a, b) - log(a / (a + b))
    #expect(
      difference.magnitude <= 1e-3 * (log(a / (a + b)).magnitude + 1e-9) + 1e-12 * Special.logBeta(a, b).magnitude)
  }

  @Test func `incomplete functions sum to the whole`() {
    for (a, x) in [(0.5, 0.1), (3, 2), (3, 30), (100, 90), (100, 120), (1e4, 1e4)] {
      #expect(isNear(exp(Special.logGammaP(a, x)) + exp(Special.logGammaQ(a, x)), 1, 1e-11))
    }
    for (a, b, x) in [(0.5, 0.5, 0.3), (3, 7, 0.2), (3, 7, 0.9), (200, 300, 0.4)] {
      let parts = Special.logIncompleteBeta(a, b, x) - Special.logBeta(a, b)
      let rest = Special.logIncompleteBeta(b, a, 1 - x) - Special.logBeta(a, b)
      #expect(isNear(exp(parts) + exp(rest), 1, 1e-11))
    }
  }

  @Test(arguments: [1e-300, 1e-20, 1e-9, 0.01, 0.025, 0.3, 0.5, 0.7, 0.975, 1 - 1e-9])
  func `normal quantiles lead back to their share`(p: Double) {
    #expect((Normal.cdf(Normal.quantile(p)) / p - 1).magnitude < 1e-10)
  }

  @Test func `normal quantiles have their known values`() {
    #expect(isNear(Normal.quantile(0.975), 1.959963984540054, 1e-14))
    #expect(Normal.quantile(0) == -.infinity && Normal.quantile(1) == .infinity && Normal.quantile(2).isNaN)
    #expect(isNear(Normal.logCDF(-40), -804.608442, 1e-5))
  }

  @Test func `ζ has its known values`() {
    #expect(isNear(Special.zeta(2), Double.pi * Double.pi / 6, 1e-13))
    #expect(isNear(Special.zeta(1.4), 3.105547278, 1e-7))
  }

  @Test(arguments: 1...30)
  func `sorting by bytes is sorting`(seed: UInt64) {
    var chance = Chance(seed)
    let values = (0..<Int(chance.next(400))).map { _ in
      chance.unit() < 0.2 ? 0 : (chance.unit() - 0.5) * exp(chance.unit() * 100 - 50)
    }
    var sorted = values
    sorted.withUnsafeMutableBufferPointer { sorted in
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * values.count) {
        RadixSort.sort(values, into: sorted, $0)
      }
    }
    #expect(sorted == values.sorted())
  }

  @Test(arguments: 1...30)
  func `ranks kept from shift to shift are those counted anew`(seed: UInt64) throws {
    var chance = Chance(seed)
    // Few distinct values, so that there are ties within and across.
    let x = (0..<Int(chance.next(60))).map { _ in (chance.unit() * 8).rounded() }
    let y = (0..<Int(chance.next(60))).map { _ in (chance.unit() * 9).rounded() + 1 }
    for shift in [-3.0, 0, 0.5, 0.500001, 1, 4] {
      let above = x.reduce(0.0) { sum, x in
        sum + y.reduce(0.0) { $0 + (x - shift > $1 ? 1 : x - shift == $1 ? 0.5 : 0) }
      }
      let all = (x.map { $0 - shift } + y).reduce(into: [:]) { $0[$1, default: 0.0] += 1 }
      let ties = all.values.reduce(0) { $0 + $1 * $1 * $1 - $1 }
      let (n, m) = (Double(x.count), Double(y.count))
      let w = above - n * m / 2
      let variance = n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1)))
      let wanted = (w - 0.5 * (w > 0 ? 1 : w < 0 ? -1 : 0)) / variance.squareRoot()
      #expect(isNear(try #require(RankSumTest.z(x, y, shift: shift)), wanted, 1e-12))
    }
  }
}
