package import Analysis
import Foundation

/// Synthetic traffic for trying out rules: requests and errors of both arms, look by look, for one seed.
package struct LabTraffic {
  /// How errors come.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Each request by itself.
    case independent
    /// Load and error rate wander, for both arms alike: yesterday's neighbour is today's.
    case autocorrelated
    /// In bursts of three, of ten, of thirty on average.
    case clustered
    case tens = "clustered by ten"
    case thirties = "clustered by thirty"
    /// For ten looks both arms fail twenty times as much.
    case outage

    /// The mean size of a burst.
    fileprivate var burst: Double {
      switch self {
      case .independent, .autocorrelated, .outage: 1
      case .clustered: 3
      case .tens: 10
      case .thirties: 30
      }
    }
  }

  private let kind: Kind
  private let requests: Double
  private let base: Double
  private let ratio: Double
  private var random: Random
  private var load = 0.0
  private var drift = 0.0
  private var look = 0
  private let outageStart: Int

  /// - Parameters:
  ///   - requests: in a look, both arms together.
  ///   - base: share of errors of the version that is good.
  ///   - ratio: how many times as bad the canary is.
  package init(_ kind: Kind, requests: Double, base: Double, ratio: Double, looks: Int, seed: UInt64) {
    self.kind = kind
    self.requests = requests
    self.base = base
    self.ratio = ratio
    random = Random(seed: seed)
    outageStart = Int(random.unit() * Double(max(1, looks - 10)))
  }

  /// The next look, with a share of the traffic on the canary.
  ///
  /// - Parameter isFaulty: the canary is as bad as it is to be; before, it is as good as the other.
  package mutating func next(share: Double, isFaulty: Bool = true) -> CountLook {
    defer { look += 1 }
    var (all, rate) = (requests, base)
    if kind == .autocorrelated {
      load = 0.9 * load + 0.13 * random.normal()
      drift = 0.9 * drift + 0.13 * random.normal()
      all = (requests * exp(load)).rounded()
      rate = base * exp(drift)
    }
    if kind == .outage, (outageStart..<outageStart + 10).contains(look) { rate = min(0.5, 20 * base) }
    let canary = random.binomial(all, share)
    return CountLook(
      canary: ArmCounts(bad: errors(canary, min(1, rate * (isFaulty ? ratio : 1))), all: canary),
      control: ArmCounts(bad: errors(all - canary, rate), all: all - canary))
  }

  private mutating func errors(_ requests: Double, _ rate: Double) -> Double {
    min(requests, random.bursts(requests, rate, of: kind.burst))
  }
}

extension Random {
  /// How many of `trials` come true with probability `p`, in bursts that are geometric from 1 up, with mean `size`.
  mutating func bursts(_ trials: Double, _ p: Double, of size: Double) -> Double {
    guard size > 1 else { return binomial(trials, p) }
    return (0..<Int(binomial(trials, p / size))).reduce(0) { sum, _ in
      sum + 1 + (log(max(1e-300, unit())) / log(1 - 1 / size)).rounded(.down)
    }
  }
}
