package import PipelineModel

extension BudgetPolicy {
  /// What a budget allows.
  ///
  /// - Parameters:
  ///   - left: the share of the budget that is left; `nil`: nobody knows, which allows nothing but exceptions.
  ///   - wasExhausted: it was spent altogether, and has not been rebuilt to `rebuilt` since.
  package func allows(_ change: ChangeKind, left: Double?, wasExhausted: Bool = false) -> Ruling {
    guard let left, left.isFinite else { return change.isException ? .allowed : .unknown }
    if change.isException { return .allowed }
    if left <= 0 { return .exhausted }
    if wasExhausted, left < rebuilt { return .rebuilding }
    return left < freezeBelow && change == .feature ? .frozen : .allowed
  }

  package enum Ruling: String, Hashable, Sendable, CaseIterable {
    case allowed
    /// Too little is left for features.
    case frozen
    /// Nothing is left: only emergencies, security and reliability.
    case exhausted
    /// It was spent, and is not rebuilt yet.
    case rebuilding
    /// The budget could not be measured.
    case unknown
  }
}

extension ChangeKind {
  /// Goes ahead whatever the budget says.
  package var isException: Bool {
    switch self {
    case .feature: false
    case .reliability, .security, .emergency: true
    }
  }
}
