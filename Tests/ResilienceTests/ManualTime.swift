import PipelineModel
import PluginKit
import Synchronization

@testable import Resilience

/// Time that passes only when somebody sleeps or says so, and chance from a seed.
final class ManualTime: Sendable {
  fileprivate struct State {
    var now: Timestamp
    var seed: UInt64
    var slept: [Interval] = []
  }

  private let state: Mutex<State>

  init(_ now: Timestamp = Timestamp(milliseconds: 1_700_000_000_000), seed: UInt64 = 1) {
    state = Mutex(State(now: now, seed: seed))
  }

  var now: Timestamp { state.withLock(\.now) }
  var slept: [Interval] { state.withLock(\.slept) }

  func pass(_ interval: Interval) { state.withLock { $0.now = $0.now + interval } }

  var time: Time {
    Time(
      now: { self.now },
      sleep: { interval in
        try Task.checkCancellation()
        self.state.withLock { state in
          state.now = state.now + interval
          state.slept.append(interval)
        }
      },
      chance: { self.state.withLock { $0.chance() } })
  }
}

extension ManualTime.State {
  /// SplitMix64, as the generator of `SeededChance`.
  fileprivate mutating func chance() -> Double {
    var generator = SeededChance(seed: seed)
    defer { seed = generator.state }
    return Double.random(in: 0..<1, using: &generator)
  }
}

/// SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
struct SeededChance: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension Backend {
  static func named(_ name: String, _ resilience: ResiliencePolicy? = nil) -> Backend {
    Backend(name: name, kind: "any", settings: Settings(), resilience: resilience)
  }
}

extension BackendGuard {
  static func over(
    _ name: String, _ time: ManualTime, _ change: (inout ResiliencePolicy) -> Void = { _ in },
    board: HealthBoard = HealthBoard()
  ) -> BackendGuard {
    var policy = ResiliencePolicy.standard(of: .metrics)
    change(&policy)
    return BackendGuard(.named(name, policy), .metrics, time: time.time, board: board)
  }
}
