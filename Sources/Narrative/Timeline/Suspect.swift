package import PipelineModel

/// A run or a flag that may have brought about what went wrong at an instant, and why it is thought so.
package struct Suspect: Hashable, Sendable {
  /// Of all its changes in the period, the one that is suspected most.
  package var change: ExposureChange
  package var overlap: Overlap
  /// 1 at the instant itself, falling with the distance: see `Suspicion.nearness`.
  package var nearness: Double
  /// How long before the instant.
  package var distance: Interval

  /// 0 … 1: overlap × nearness × √exposure. The root, because what a small share of requests does may reach the others
  /// by way of what they have in common.
  package var score: Double { overlap.factor * nearness * change.exposure.squareRoot() }

  /// How a change and what went wrong have their services in common.
  package enum Overlap: String, Hashable, Sendable, CaseIterable {
    /// It is of one of the services asked about, or nobody said which.
    case same
    /// Nobody said which services it is of.
    case unknown
    /// It is of other services only.
    case other

    package var factor: Double {
      switch self {
      case .same: 1
      case .unknown: 0.5
      case .other: 0.1
      }
    }
  }
}

/// What suspects are asked for.
package struct Suspicion: Hashable, Sendable {
  /// When it went wrong.
  package var instant: Timestamp
  /// How long before that a change may have been.
  package var within: Interval
  /// Empty: not known.
  package var services: [String]

  package init(before instant: Timestamp, within: Interval, services: [String] = []) {
    self.instant = instant
    self.within = within
    self.services = services
  }

  /// How near a change is to the instant: 1 / (1 + distance / scale), where the scale is a 144th of the period, ten minutes
  /// of a day. So ten minutes before a change is half as suspect as at the instant itself, an hour before a seventh.
  package func nearness(_ distance: Interval) -> Double {
    let scale = max(1, Double(within.milliseconds) / 144)
    return scale / (scale + Double(distance.milliseconds))
  }

  /// The most suspected change of each run and each flag, the worst first.
  package func suspects(among changes: [ExposureChange]) -> [Suspect] {
    var worst: [ExposureChange.Origin: Suspect] = [:]
    for change in changes where change.time < instant && instant - change.time <= within {
      let suspect = self.suspect(change)
      if suspect.score > 0, suspect.isWorse(than: worst[change.origin]) { worst[change.origin] = suspect }
    }
    return worst.values.sorted { $0.isWorse(than: $1) }
  }

  private func suspect(_ change: ExposureChange) -> Suspect {
    let distance = instant - change.time
    return Suspect(
      change: change, overlap: overlap(change), nearness: nearness(distance), distance: distance)
  }

  private func overlap(_ change: ExposureChange) -> Suspect.Overlap {
    if services.isEmpty || !Set(services).isDisjoint(with: change.services) { return .same }
    return change.services.isEmpty ? .unknown : .other
  }
}

extension Suspect {
  /// The later change of two that are suspected alike.
  fileprivate func isWorse(than other: Suspect?) -> Bool {
    guard let other else { return true }
    return (score, change.sequence) > (other.score, other.change.sequence)
  }
}
