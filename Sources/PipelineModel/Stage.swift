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
    case step(StepCall)
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
  /// What the candidate gets before its first share: requests with a certain header, copies of requests.
  package var previews: [Preview]
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

  /// A time before the first share. What it changes stays: a header route to the end of the stage, a mirror to the first
  /// share.
  package struct Preview: Hashable, Sendable {
    /// `nil`: as before.
    package var header: HeaderMatch?
    /// The share of the requests that is copied to the candidate; `nil`: as before.
    package var mirror: Weight?
    package var hold: Interval
    package var gate: Gate?
    package init(header: HeaderMatch? = nil, mirror: Weight? = nil, hold: Interval, gate: Gate? = nil) {
      self.header = header
      self.mirror = mirror
      self.hold = hold
      self.gate = gate
    }
  }

  package init(
    route: RouteName, deploy: String? = nil, previews: [Preview] = [], steps: [Step], background: Gate? = nil
  ) {
    self.route = route
    self.deploy = deploy
    self.previews = previews
    self.steps = steps
    self.background = background
  }

  /// Whether a mirror is on when the first share comes.
  package var mirrors: Bool { previews.last { $0.mirror != nil }?.mirror.map { $0 > .none } ?? false }
  package var routesByHeader: Bool { previews.contains { $0.header != nil } }
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

/// Requests whose header has exactly this value.
package struct HeaderMatch: Hashable, Sendable, CustomStringConvertible {
  package var header: String
  package var value: String
  package init(header: String, value: String) {
    self.header = header
    self.value = value
  }
  package var description: String { "\(header): \(value)" }

  /// Why no router can be asked for it; `nil` when it can.
  package var refusal: String? {
    let isToken = header.unicodeScalars.allSatisfy { $0.isPlainSign || $0 == "-" }
    guard isToken, !header.isEmpty else { return "a header's name has letters, digits and - only" }
    let marks = "-._~:/@+= ".unicodeScalars
    let isPlain = value.unicodeScalars.allSatisfy { $0.isPlainSign || marks.contains($0) }
    guard isPlain, !value.isEmpty, value.first != " ", value.last != " " else {
      return "a header's value has letters, digits, spaces inside and - . _ ~ : / @ + = only"
    }
    return nil
  }
}

extension Unicode.Scalar {
  fileprivate var isPlainSign: Bool { isASCII && (properties.isAlphabetic || ("0"..."9").contains(self)) }
}
