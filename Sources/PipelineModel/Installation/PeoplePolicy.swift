/// Who may act in another's name.
///
/// On the command line whoever acts is the account of this machine that the command runs as; `--as` names somebody else.
/// Tokens have their person written beside them in `headgate.yaml`, and name nobody.
package struct PeoplePolicy: Hashable, Sendable {
  /// Accounts that may name others, as `actingFor:` of `headgate.yaml` has them.
  package var actingFor: Accounts

  package enum Accounts: Hashable, Sendable {
    case anybody
    /// Empty: nobody.
    case these([String])
  }

  package init(actingFor: Accounts = .these([])) { self.actingFor = actingFor }

  /// Whether somebody is who is said to act.
  package func admits(_ principal: Principal) -> Bool {
    guard let account = principal.saidBy else { return true }
    return switch actingFor {
    case .anybody: true
    case .these(let accounts): accounts.contains(account)
    }
  }
}

/// Who may declare and end freezes, as `freezes:` of `headgate.yaml` says; empty: anybody.
package struct FreezePolicy: Hashable, Sendable {
  package var start: [String]
  package var end: [String]

  package init(start: [String] = [], end: [String] = []) {
    self.start = start
    self.end = end
  }
}
