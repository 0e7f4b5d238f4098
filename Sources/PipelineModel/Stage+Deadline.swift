extension Stage.Work {
  /// The shortest the work can take, deployment and checks counted as nothing.
  package var shortest: Interval {
    switch self {
    case .check, .step, .approve: .zero
    case .canary(let canary):
      canary.previews.reduce(.zero) { $0 + $1.hold } + canary.steps.reduce(.zero) { $0 + $1.hold }
    case .flag(let ramp): ramp.steps.reduce(.zero) { $0 + $1.hold }
    case .blueGreen(let change):
      (change.preSwitch?.hold ?? .zero) + (change.postSwitch?.hold ?? .zero) + change.keepAlive
    case .verify(let watch): watch.hold
    case .wait(let interval): interval
    }
  }

  /// How much longer its gates may take, all of them.
  package var patience: Interval {
    switch self {
    case .check, .step, .approve, .wait: .zero
    case .canary(let canary):
      (canary.previews.map(\.gate) + canary.steps.map(\.gate)).reduce(canary.background?.patience ?? .zero) {
        $0 + ($1?.patience ?? .zero)
      }
    case .flag(let ramp):
      ramp.steps.reduce(ramp.background?.patience ?? .zero) { $0 + ($1.gate?.patience ?? .zero) }
    case .blueGreen(let change):
      [change.preSwitch?.gate, change.postSwitch?.gate, change.background].reduce(.zero) {
        $0 + ($1?.patience ?? .zero)
      }
    case .verify(let watch): watch.gate.patience
    }
  }

  /// What a stage gets when it names no deadline: what it needs at most, or twice what it needs at least plus 15 min.
  package var defaultDeadline: Interval {
    switch self {
    case .check(let check): check.timeout * Int64(check.retries + 1) + .minutes(5)
    case .step(let call): call.timeout * Int64(call.retries + 1) + .minutes(5)
    case .approve(let approval): approval.expires
    case .canary, .blueGreen, .verify, .flag: shortest * 2 + patience + .minutes(15)
    case .wait(let interval): interval + .minutes(5)
    }
  }
}
