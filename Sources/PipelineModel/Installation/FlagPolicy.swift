/// Who may do what to flags, environment by environment, as `flags:` of `headgate.yaml` says.
package struct FlagPolicy: Hashable, Sendable {
  /// In the order of the file; none: every environment goes by `Environment.standard`.
  package var environments: [Environment]

  package init(environments: [Environment] = []) { self.environments = environments }

  /// What holds in an environment; `nil`: there is none of that name.
  package func environment(_ name: String) -> Environment? {
    environments.isEmpty ? .standard(name) : environments.first { $0.name == name }
  }

  /// What becomes of a deployment of a service while a flag of that service ramps, since the ramp's numbers would no
  /// longer say which of the two did it.
  package enum Collision: String, Hashable, Sendable, CaseIterable {
    /// The deployment is refused.
    case block
    /// It waits until the ramp has ended.
    case queue
    /// It goes ahead, and the ramp's gates begin their evidence anew.
    case rebaseline
  }

  package struct Environment: Hashable, Sendable {
    package var name: String
    /// Generation of `fractional` that new flags are pinned to: `v1`, `v2` or `v3`.
    package var fractional: String
    /// Roles that may change flags, or ask for a change where approvals are wanted; empty: anybody.
    package var change: [String]
    /// Roles that may approve; empty: anybody but who asked.
    package var approve: [String]
    /// Approvals that a change needs; 0: none. Killing never needs one.
    package var approvals: Int
    /// For how long a change that was asked for may be approved.
    package var expires: Interval
    /// Roles that may kill; empty: anybody.
    package var kill: [String]
    /// Roles that may go past approvals with a reason; empty: anybody. Every use is listed for review.
    package var breakGlass: [String]
    /// More approvals where more people move.
    package var movers: Movers?
    package var whileRamping: Collision

    package struct Movers: Hashable, Sendable {
      /// Share of people above which it holds.
      package var above: Weight
      package var approvals: Int

      package init(above: Weight, approvals: Int) {
        self.above = above
        self.approvals = approvals
      }
    }

    package init(
      name: String, fractional: String = "v2", change: [String] = [], approve: [String] = [], approvals: Int = 0,
      expires: Interval = .hours(24), kill: [String] = [], breakGlass: [String] = [], movers: Movers? = nil,
      whileRamping: Collision = .block
    ) {
      self.name = name
      self.fractional = fractional
      self.change = change
      self.approve = approve
      self.approvals = approvals
      self.expires = expires
      self.kill = kill
      self.breakGlass = breakGlass
      self.movers = movers
      self.whileRamping = whileRamping
    }

    /// What holds where nothing is said: in `production` a change needs the approval of a second person.
    package static func standard(_ name: String) -> Environment {
      Environment(name: name, approvals: standardApprovals(name))
    }

    package static func standardApprovals(_ name: String) -> Int { name == "production" ? 1 : 0 }
  }
}
