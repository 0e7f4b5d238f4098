/// One stage of a pipeline.
package struct Stage: Hashable, Sendable {
  package var name: String
  package var work: Work
  /// Counted from the stage's entry, pauses included. Passing it is a failure of the stage.
  package var deadline: Interval
  package var onFailure: FailurePolicy
  package var onInconclusive: FailurePolicy
  /// A flag that is switched off when a gate fails, once: the gates then begin anew, and `onFailure` is for what comes
  /// after.
  package var switchesOff: RouteName?

  package enum Work: Hashable, Sendable {
    case check(Check)
    case approve(Approval)
    case canary(Canary)
    case blueGreen(BlueGreen)
    case verify(Watch)
    case wait(Interval)
    case flag(FlagRamp)
  }

  package init(
    name: String, work: Work, deadline: Interval? = nil, onFailure: FailurePolicy = .rollback,
    onInconclusive: FailurePolicy = .hold, switchesOff: RouteName? = nil
  ) {
    self.name = name
    self.work = work
    self.deadline = deadline ?? work.defaultDeadline
    self.onFailure = onFailure
    self.onInconclusive = onInconclusive
    self.switchesOff = switchesOff
  }
}

package enum FailurePolicy: String, Hashable, Sendable, CaseIterable {
  case rollback
  /// Stay as it is and wait for a person; background gates and deadlines go on.
  case hold
}

/// A command that must exit with 0.
package struct Check: Hashable, Sendable {
  /// Run by `/bin/sh -c`. Parameters reach it as environment variables too, so quoting is never needed.
  package var command: Template
  package var timeout: Interval
  /// Tries after the first.
  package var retries: Int
  package var environment: [Variable]
  package var directory: Template?

  package struct Variable: Hashable, Sendable {
    package var name: String
    package var value: Template
    package init(name: String, value: Template) {
      self.name = name
      self.value = value
    }
  }

  package init(
    command: Template, timeout: Interval = .minutes(10), retries: Int = 0, environment: [Variable] = [],
    directory: Template? = nil
  ) {
    self.command = command
    self.timeout = timeout
    self.retries = retries
    self.environment = environment
    self.directory = directory
  }
}

/// A stage that waits for people.
package struct Approval: Hashable, Sendable {
  /// Roles that may approve; empty: anybody.
  package var from: [String]
  /// Different people needed; ≥ 1.
  package var approvals: Int
  package var expires: Interval
  /// Whoever started the run may not approve it.
  package var excludeRequester: Bool
  package init(from: [String] = [], approvals: Int = 1, expires: Interval = .hours(24), excludeRequester: Bool = false)
  {
    self.from = from
    self.approvals = approvals
    self.expires = expires
    self.excludeRequester = excludeRequester
  }
}

/// Traffic moved to the candidate in rising steps.
package struct Canary: Hashable, Sendable {
  package var route: RouteName
  /// Name of a deployer in `headgate.yaml` that brings the candidate up first; `nil`: it is there already.
  package var deploy: String?
  /// Rising weights, at least one.
  package var steps: [Step]
  /// Judged throughout the stage, pauses included.
  package var background: Gate?

  package struct Step: Hashable, Sendable {
    package var weight: Weight
    package var hold: Interval
    package var gate: Gate?
    package init(weight: Weight, hold: Interval, gate: Gate? = nil) {
      self.weight = weight
      self.hold = hold
      self.gate = gate
    }
  }

  package init(route: RouteName, deploy: String? = nil, steps: [Step], background: Gate? = nil) {
    self.route = route
    self.deploy = deploy
    self.steps = steps
    self.background = background
  }
}

/// The candidate brought up beside the live version, tried, switched to at once; the old one kept for a while.
package struct BlueGreen: Hashable, Sendable {
  package var route: RouteName
  package var deploy: String
  /// Judged at 0 % before the switch.
  package var preSwitch: Watch?
  /// Judged at 100 % after the switch.
  package var postSwitch: Watch?
  /// How long the old version stays up, ready to be switched back to.
  package var keepAlive: Interval
  package var background: Gate?

  package init(
    route: RouteName, deploy: String, preSwitch: Watch? = nil, postSwitch: Watch? = nil,
    keepAlive: Interval = .hours(24), background: Gate? = nil
  ) {
    self.route = route
    self.deploy = deploy
    self.preSwitch = preSwitch
    self.postSwitch = postSwitch
    self.keepAlive = keepAlive
    self.background = background
  }
}

/// A gate held for a time.
package struct Watch: Hashable, Sendable {
  package var gate: Gate
  package var hold: Interval
  package init(gate: Gate, hold: Interval) {
    self.gate = gate
    self.hold = hold
  }
}
