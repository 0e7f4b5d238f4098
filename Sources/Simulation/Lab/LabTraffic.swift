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
    /// Most by themselves, and a tenth or a fifth of them in bursts of ten or of thirty.
    case fewTens = "a tenth by ten"
    case fewThirties = "a fifth by thirty"
    /// By themselves at first, in bursts of ten from the 23rd look on.
    case lateTens = "by ten from look 23"
    /// The canary's in bursts of ten, the control's by themselves.
    case lopsided = "canary by ten"
    /// For ten looks both arms fail twenty times as much.
    case outage
    /// By themselves at first, half of them in bursts of thirty from the first look at the last share on.
    case lateThirties = "half by thirty from look 31"

    /// Whether the default rule promises that few healthy releases are rolled back: where errors come alike in both arms, and
    /// large bursts do not begin in mid-run.
    package var isPromised: Bool { self != .lopsided && self != .lateThirties }

    /// How the errors of an arm come at a look.
    fileprivate func bursts(isCanary: Bool, look: Int) -> (share: Double, size: Double) {
      switch self {
      case .independent, .autocorrelated, .outage: (0, 1)
      case .clustered: (1, 3)
      case .tens: (1, 10)
      case .thirties: (1, 30)
      case .fewTens: (0.1, 10)
      case .fewThirties: (0.2, 30)
      case .lateTens: look < 22 ? (0, 1) : (1, 10)
      case .lateThirties: look < 30 ? (0, 1) : (0.5, 30)
      case .lopsided: isCanary ? (1, 10) : (0, 1)
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
      canary: ArmCounts(bad: errors(canary, min(1, rate * (isFaulty ? ratio : 1)), isCanary: true), all: canary),
      control: ArmCounts(bad: errors(all - canary, rate, isCanary: false), all: all - canary))
  }

  private mutating func errors(_ requests: Double, _ rate: Double, isCanary: Bool) -> Double {
    let (share, size) = kind.bursts(isCanary: isCanary, look: look)
    let single = share < 1 ? random.binomial(requests, rate * (1 - share)) : 0
    return min(requests, single + random.bursts(requests, rate * share, of: size))
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
