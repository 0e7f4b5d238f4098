import Engine
import PipelineModel

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers from the same seed, on every machine.
struct SplitMix: RandomNumberGenerator {
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

extension Rig {
  /// A run of a pipeline nobody would write.
  init(random chance: inout SplitMix, seed: UInt64) {
    let metrics = (0..<3).map { number in
      Pipelines.metric("m\(number)") { metric in
        metric.critical = Int.random(in: 0..<5, using: &chance) > 0
        metric.dryRun = Int.random(in: 0..<8, using: &chance) == 0
        metric.onNoData = .allCases.randomElement(using: &chance) ?? .hold
        metric.onError = .allCases.randomElement(using: &chance) ?? .hold
      }
    }
    let stages = (0..<Int.random(in: 1...4, using: &chance)).map { _ in Stage(random: &chance) }
    self.init(
      stages, metrics: metrics, stable: Bool.random(using: &chance) ? "v1" : nil, seed: seed,
      queued: Int.random(in: 0..<8, using: &chance) == 0)
  }
}

extension Stage {
  fileprivate init(random chance: inout SplitMix) {
    let work: Work
    switch Int.random(in: 0..<11, using: &chance) {
    case 8, 9: work = .flag(FlagRamp(random: &chance))
    case 10: work = Pipelines.step(retries: .random(in: 0...2, using: &chance)).work
    case 0: work = Pipelines.check(retries: .random(in: 0...2, using: &chance)).work
    case 1: work = Pipelines.approve(.random(in: 1...2, using: &chance)).work
    case 2: work = .wait(.random(&chance))
    case 3: work = .verify(Watch(gate: Gate(random: &chance), hold: .random(&chance)))
    case 4: work = .blueGreen(BlueGreen(random: &chance))
    default: work = .canary(Canary(random: &chance))
    }
    self.init(
      name: "stage", work: work, onFailure: Bool.random(using: &chance) ? .hold : .rollback,
      onInconclusive: Bool.random(using: &chance) ? .hold : .rollback,
      switchesOff: Int.random(in: 0..<4, using: &chance) == 0 ? .flag("search", in: "production") : nil)
  }
}

extension Canary {
  fileprivate init(random chance: inout SplitMix) {
    let weights = [5, 25, 50, 100].suffix(.random(in: 1...4, using: &chance))
    self.init(
      route: Bool.random(using: &chance) ? Pipelines.edge : Pipelines.west,
      deploy: Bool.random(using: &chance) ? "kube" : nil,
      previews: (0..<Int.random(in: 0...2, using: &chance)).map { _ in Preview(random: &chance) },
      steps: weights.map { weight in
        Step(weight: .percent(weight), hold: .random(&chance), gate: .maybe(&chance))
      },
      background: .maybe(&chance))
  }
}

extension FlagRamp {
  fileprivate init(random chance: inout SplitMix) {
    let weights = [1, 10, 50, 100].suffix(.random(in: 1...4, using: &chance))
    self.init(
      key: "new-checkout", environment: "production",
      steps: weights.map { .init(weight: .percent($0), hold: .random(&chance), gate: .maybe(&chance)) },
      background: .maybe(&chance))
  }
}

extension Canary.Preview {
  fileprivate init(random chance: inout SplitMix) {
    let values = ["always", "often"]
    self.init(
      header: Bool.random(using: &chance)
        ? HeaderMatch(header: "x-canary", value: values.randomElement(using: &chance) ?? "") : nil,
      mirror: [nil, Weight.none, .percent(10), .all].randomElement(using: &chance) ?? nil, hold: .random(&chance),
      gate: .maybe(&chance))
  }
}

extension BlueGreen {
  fileprivate init(random chance: inout SplitMix) {
    func watch() -> Watch? {
      Bool.random(using: &chance) ? Watch(gate: Gate(random: &chance), hold: .random(&chance)) : nil
    }
    self.init(
      route: Bool.random(using: &chance) ? Pipelines.edge : Pipelines.west, deploy: "kube", preSwitch: watch(),
      postSwitch: watch(), keepAlive: .random(&chance), background: .maybe(&chance))
  }
}

extension Gate {
  fileprivate init(random chance: inout SplitMix) {
    let metrics = [[0], [1], [0, 1], [0, 1, 2], [2, 0]].randomElement(using: &chance) ?? [0]
    self.init(
      metrics: metrics, every: .seconds(.random(in: 10...90, using: &chance)),
      delay: Bool.random(using: &chance) ? .zero : nil, atLeast: .random(in: 1...3, using: &chance),
      allow: Allowance(failures: .random(in: 0...2, using: &chance), inconclusive: .random(in: 0...2, using: &chance)))
  }
}

extension Gate? {
  fileprivate static func maybe(_ chance: inout SplitMix) -> Gate? {
    Bool.random(using: &chance) ? Gate(random: &chance) : nil
  }
}

extension Interval {
  fileprivate static func random(_ chance: inout SplitMix) -> Interval {
    .seconds(.random(in: 0...400, using: &chance))
  }
}

extension Reading {
  /// Mostly good; `failing`: anything but.
  init(random chance: inout SplitMix, failing: Bool) {
    let bad: [Reading] = [.bad, .between, .nothing, .error, .answer(.number(.nan)), .answer(.text("?"))]
    self = failing ? bad.randomElement(using: &chance) ?? .bad : .good
  }
}
