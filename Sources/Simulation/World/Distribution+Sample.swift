import Foundation
import PipelineModel

extension Distribution {
  /// One value, for a version that got `requests` in the metric's interval; `nil` where no traffic leaves nothing to
  /// measure. Constants are gauges, and are there without traffic too.
  func sample(requests: Double, _ random: inout Random) -> Double? {
    if case .constant(let value) = self { return value }
    guard requests >= 1 else { return nil }
    switch self {
    case .constant(let value): return value
    case .ratio(let share): return random.binomial(requests, share) / requests
    case .normal(let mean, let deviation): return mean + deviation * random.normal()
    case .lognormal(let median, let sigma): return median * exp(sigma * random.normal())
    case .uniform(let low, let high): return low + (high - low) * random.unit()
    }
  }

  func changed(by change: Change, of stable: Distribution) -> Distribution {
    switch change {
    case .same: stable
    case .become(let other): other
    case .scale(let factor): scaled(by: factor)
    case .shift(let amount): shifted(by: amount)
    }
  }

  private func scaled(by factor: Double) -> Distribution {
    switch self {
    case .constant(let value): .constant(value * factor)
    case .ratio(let share): .ratio(min(1, share * factor))
    case .normal(let mean, let deviation): .normal(mean: mean * factor, deviation: deviation * factor)
    case .lognormal(let median, let sigma): .lognormal(median: median * factor, sigma: sigma)
    case .uniform(let low, let high): .uniform(low: low * factor, high: high * factor)
    }
  }

  private func shifted(by amount: Double) -> Distribution {
    switch self {
    case .constant(let value): .constant(value + amount)
    case .ratio(let share): .ratio(min(1, max(0, share + amount)))
    case .normal(let mean, let deviation): .normal(mean: mean + amount, deviation: deviation)
    case .lognormal(let median, let sigma): .lognormal(median: median + amount, sigma: sigma)
    case .uniform(let low, let high): .uniform(low: low + amount, high: high + amount)
    }
  }
}
