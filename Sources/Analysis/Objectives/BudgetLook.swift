package import PipelineModel

/// What a look at an error budget came to, kept in the journal.
package struct BudgetLook: Hashable, Sendable {
  /// The share of the budget that is left, to four decimals; `nil`: it could not be measured.
  package var left: Double?
  package var ruling: BudgetPolicy.Ruling
  package var change: ChangeKind

  package init(left: Double?, ruling: BudgetPolicy.Ruling, change: ChangeKind) {
    self.left = left
    self.ruling = ruling
    self.change = change
  }

  package var judgement: Judgement {
    switch ruling {
    case .allowed: .pass
    case .unknown: .noData
    case .frozen, .exhausted, .rebuilding: .fail
    }
  }
}

/// Which objectives' budgets were spent altogether and have not been rebuilt since: a latch that looks at budgets set and
/// release, and that outlives the runs that looked.
package struct SpentBudgets: Hashable, Sendable {
  /// What was seen of each objective, in the order of their names.
  package private(set) var seen: [Seen] = []

  package struct Seen: Hashable, Sendable {
    package var objective: String
    package var isSpent: Bool
  }

  package init(_ spent: [String] = []) { seen = spent.sorted().map { Seen(objective: $0, isSpent: true) } }

  package var spent: [String] { seen.filter(\.isSpent).map(\.objective) }

  package func contains(_ objective: String) -> Bool { seen.contains { $0.objective == objective && $0.isSpent } }

  /// - Parameter left: the share of the budget that is left; `nil` changes nothing.
  package mutating func see(_ objective: Objective, left: Double?) {
    guard let left else { return }
    if left <= 0 {
      set(objective.name, true)
    } else if left >= objective.policy.rebuilt {
      set(objective.name, false)
    }
  }

  private mutating func set(_ objective: String, _ isSpent: Bool) {
    if let place = seen.firstIndex(where: { $0.objective == objective }) {
      seen[place].isSpent = isSpent
    } else if isSpent {
      seen.append(Seen(objective: objective, isSpent: true))
      seen.sort { $0.objective < $1.objective }
    }
  }

  package mutating func forget() { seen = [] }
}
