extension Stage {
  /// Gives the new version a share of a route, or takes it.
  package var movesTraffic: Bool {
    switch work {
    case .canary, .blueGreen, .flag: true
    case .check, .step, .approve, .verify, .wait: false
    }
  }

  /// All of them, the one over the whole stage included.
  package var gates: [Gate] { work.watchGates + [work.background].compactMap(\.self) }

  /// The gate over the whole stage.
  package var background: Gate? { work.background }
}

extension Stage.Work {
  fileprivate var background: Gate? {
    switch self {
    case .canary(let canary): canary.background
    case .blueGreen(let change): change.background
    case .flag(let ramp): ramp.background
    case .check, .step, .approve, .verify, .wait: nil
    }
  }

  fileprivate var watchGates: [Gate] {
    switch self {
    case .check, .step, .approve, .wait: []
    case .canary(let canary): (canary.previews.map(\.gate) + canary.steps.map(\.gate)).compactMap(\.self)
    case .flag(let ramp): ramp.steps.compactMap(\.gate)
    case .blueGreen(let change): [change.preSwitch?.gate, change.postSwitch?.gate].compactMap(\.self)
    case .verify(let watch): [watch.gate]
    }
  }
}
