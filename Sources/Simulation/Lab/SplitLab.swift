import Analysis
import Foundation
import PipelineModel

/// How often the check of the split holds a rollout: one whose traffic is split as was set, and one where it is not.
package struct SplitLab: Sendable {
  package var seeds: Int
  package var firstSeed: UInt64
  /// In a look, both arms together.
  package var requests: Double
  package var trials: [Trial]

  /// What is tried: how requests belong together, what is sent of the share that was set, and what is tolerated.
  package struct Trial: Hashable, Sendable {
    package var requests: Belonging
    package var factor: Double
    package var tolerance: Double
    /// The first share that is set.
    package var from: Double

    package init(
      requests: Belonging, factor: Double = 1, tolerance: Double = SampleRatio.usualTolerance, from: Double = 0.05
    ) {
      self.requests = requests
      self.factor = factor
      self.tolerance = tolerance
      self.from = from
    }

    /// Visits of hundreds hide a router that is off for long.
    fileprivate var isPromised: Bool { requests.people == nil && (factor == 1 || requests.visit <= 50) }

    fileprivate var weights: [Double] { [from] + AccuracyLab.weights.filter { $0 > from } }
  }

  /// Which requests go to the same version together.
  package enum Belonging: String, Hashable, Sendable, CaseIterable {
    case alone = "each by itself"
    /// Those of a visit, which is over within a look.
    case tens = "visits of 10"
    case fifties = "visits of 50"
    case twoHundreds = "visits of 200"
    /// Those of a person, who stays with one version for good; some have many times as many as others.
    case fewPeople = "500 people who stay"
    case people = "2000 people who stay"

    fileprivate var visit: Double {
      switch self {
      case .alone, .fewPeople, .people: 1
      case .tens: 10
      case .fifties: 50
      case .twoHundreds: 200
      }
    }

    fileprivate var people: Int? {
      switch self {
      case .alone, .tens, .fifties, .twoHundreds: nil
      case .fewPeople: 500
      case .people: 2000
      }
    }
  }

  package static let usual: [Trial] =
    [Belonging.alone, .tens, .fifties, .twoHundreds].flatMap { requests in
      [1, 0.5, 1.6].map { Trial(requests: requests, factor: $0) } + [Trial(requests: requests, from: 0.01)]
    }
    + [Belonging.people, .fewPeople].flatMap { people in
      [0.05, 0.01].flatMap { from in
        [SampleRatio.usualTolerance, 2, 4].map { Trial(requests: people, tolerance: $0, from: from) }
      }
    }

  package init(seeds: Int, firstSeed: UInt64 = 1, requests: Double = 10_000, trials: [Trial] = usual) {
    self.seeds = seeds
    self.firstSeed = firstSeed
    self.requests = requests
    self.trials = trials
  }

  package func run(_ progress: () -> Void = {}) -> [AccuracyReport.Split] {
    trials.map { trial in
      var (held, atFirst) = (0, 0)
      for seed in 0..<UInt64(seeds) {
        if let step = self.step(holding: trial, firstSeed &+ seed) {
          held += 1
          if step == 0 { atFirst += 1 }
        }
        progress()
      }
      return AccuracyReport.Split(
        requests: trial.requests.rawValue, factor: trial.factor, tolerance: trial.tolerance, from: trial.from,
        isPromised: trial.isPromised, held: AccuracyReport.Share(held, of: seeds),
        atFirst: AccuracyReport.Share(atFirst, of: seeds))
    }
  }

  /// The step in which a rollout is held; `nil`: in none.
  private func step(holding trial: Trial, _ seed: UInt64) -> Int? {
    var random = Random(seed: seed &* 0x9E37_79B9_7F4A_7C15 ^ trial.factor.bitPattern)
    let people = trial.requests.people.map { People($0, &random) }
    var evidence = Evidence()
    for (step, weight) in trial.weights.enumerated() {
      let sent = people?.share(of: weight * trial.factor) ?? weight * trial.factor
      for _ in 0..<AccuracyLab.looksPerStep {
        let split = RequestSplit(
          canary: random.bursts(requests, sent, of: trial.requests.visit),
          control: random.bursts(requests, 1 - sent, of: trial.requests.visit))
        evidence.checkSplit(split, at: Weight(basisPoints: Int(weight * 10_000)), tolerance: trial.tolerance)
        if evidence.split.isOff { return step }
      }
    }
    return nil
  }
}

/// People by where their hash puts them, each with a part of all requests: log-normal, with a spread of e.
private struct People {
  private var places: [(place: Double, requests: Double)] = []

  init(_ count: Int, _ random: inout Random) {
    places = (0..<count).map { _ in (random.unit(), exp(random.normal())) }
    let all = places.reduce(0) { $0 + $1.requests }
    for index in places.indices { places[index].requests /= all }
  }

  /// The part of the requests that comes from a share of the people.
  func share(of share: Double) -> Double { places.reduce(0) { $0 + ($1.place < share ? $1.requests : 0) } }
}
