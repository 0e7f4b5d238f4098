/// Something that happens in a scenario, at a time or at a weight.
package struct ScenarioEvent: Hashable, Sendable {
  package var trigger: Trigger
  package var happenings: [Happening]

  package enum Trigger: Hashable, Sendable {
    /// Since the run's start.
    case at(Interval)
    /// When a route first has at least this weight, and so long after.
    case weight(Weight, after: Interval)
    /// When a flag was switched off because a gate failed, and so long after.
    case switchedOff(String, after: Interval)
  }

  package enum Happening: Hashable, Sendable {
    case canary([String: Change])
    case stable([String: Change])
    /// Requests a second.
    case traffic(Double)
    /// By the provider's name; `for` `nil`: to the end.
    case provider(String, ProviderFault, for: Interval?)
    case router(String, RouterFault, for: Interval?)
    case deployer(String, DeployerFault, for: Interval?)
    /// By the flag's key.
    case flag(String, FlagFault, for: Interval?)
    /// By the stage's name.
    case check(String, CheckFault)
    /// By the stage's name.
    case step(String, StepFault)
    /// The controller is killed, and comes back after a while.
    case crash(downtime: Interval)
    /// The wall clock jumps, either way.
    case clockJump(Interval)
    case act(HumanAct)
  }

  package enum ProviderFault: String, Hashable, Sendable, CaseIterable {
    case timeout, refuse, error, empty, nan, stale
  }

  package enum RouterFault: String, Hashable, Sendable, CaseIterable {
    case refuse, timeout
    /// Reloaded: every weight is back to what its file says, nothing for the candidate.
    case forget
  }

  package enum DeployerFault: String, Hashable, Sendable, CaseIterable {
    case refuse, timeout, fail
  }

  /// What others do to a flag, or what becomes of asking for it.
  package enum FlagFault: String, Hashable, Sendable, CaseIterable {
    /// A person kills it: off, and off it stays.
    case killed
    /// A person changes its rule; what share the run's variant has cannot be told any more.
    case changed
    /// It cannot be changed, nor switched off.
    case refuse
  }

  package enum CheckFault: String, Hashable, Sendable, CaseIterable {
    case pass, fail, timeout
  }

  package enum StepFault: String, Hashable, Sendable, CaseIterable {
    case pass, fail, inconclusive, timeout
    /// Its runner does not know any more what came of it.
    case lost
  }

  package init(trigger: Trigger, happenings: [Happening]) {
    self.trigger = trigger
    self.happenings = happenings
  }
}

/// A person at the command line.
package struct HumanAct: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case approve, reject, pause, resume, promote, abort, rollback
  }
  package var kind: Kind
  package var by: String
  package var roles: [String]
  package var reason: String?
  /// Of `promote`: past everything to come.
  package var all: Bool

  package init(kind: Kind, by: String, roles: [String] = [], reason: String? = nil, all: Bool = false) {
    self.kind = kind
    self.by = by
    self.roles = roles
    self.reason = reason
    self.all = all
  }
}
