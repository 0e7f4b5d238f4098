import PipelineModel

/// What a metric looks at, as its texts name it.
enum Subject: Sendable {
  case version, variant
  /// They name neither, or both.
  case either

  init(_ metric: Metric) {
    let names = Set(metric.texts.flatMap(\.variables))
    let ofVersions = [Template.BuiltIn.version, .slot].map(\.rawValue)
    switch (names.isDisjoint(with: ofVersions), names.isDisjoint(with: Template.namesOfRamps)) {
    case (false, true): self = .version
    case (true, false): self = .variant
    case (true, true), (false, false): self = .either
    }
  }

  func includes(_ route: RouteName) -> Bool {
    switch self {
    case .version: !route.isFlag
    case .variant: route.isFlag
    case .either: true
    }
  }
}
