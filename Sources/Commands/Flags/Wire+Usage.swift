import ControlAPI
import Flags
import PipelineModel

extension ExposureReport {
  init(
    _ name: FlagName, _ exposures: [FlagExposure], subjects: Serving.Exposures.Subjects, since: Timestamp, lost: Int64,
    limit: Int
  ) {
    self.init(
      environment: name.environment, key: name.key, subjects: subjects.rawValue, countedSince: since.rfc3339,
      exposed: exposures.map {
        Exposed(
          subject: $0.subject, variant: $0.variant, way: $0.way.rawValue, first: $0.first?.rfc3339,
          last: $0.last?.rfc3339, count: $0.count, atMost: $0.atMost, certain: $0.isCertain)
      }, isCut: exposures.count >= limit, lost: lost)
  }
}

extension StaleReport {
  init(environment: String, _ search: StaleSearch, _ found: [StaleFlag], now: Timestamp) {
    self.init(
      environment: environment, from: search.start.rfc3339, countedSince: search.countedSince?.rfc3339,
      isCovered: search.isCovered,
      flags: found.map { flag in
        Flag(key: flag.flag, owner: flag.owner, reasons: flag.reasons.map { Reason(kind: $0.kind, text: $0.text) })
      })
  }
}

extension StaleFlag.Reason {
  fileprivate var kind: String {
    switch self {
    case .unused: "unused"
    case .onlyInBulk: "onlyInBulk"
    case .oneSided: "oneSided"
    case .expired: "expired"
    case .withoutOwner: "withoutOwner"
    }
  }

  fileprivate var text: String {
    switch self {
    case .unused: "nobody asked for it"
    case .onlyInBulk(let count): "only given out with all others, \(count) times"
    case .oneSided(let variant, let evaluations):
      variant.isEmpty
        ? "all \(evaluations) evaluations gave the client's own default"
        : "all \(evaluations) evaluations gave `\(variant)`"
    case .expired(let instant): "it expired on \(instant.rfc3339.prefix(10))"
    case .withoutOwner: "it has no owner"
    }
  }
}
