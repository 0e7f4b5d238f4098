package import PipelineModel

/// A flag that somebody should look at, and why.
package struct StaleFlag: Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    /// Nobody asked for it in the whole time that was looked at.
    case unused
    /// Only ever given out with all others.
    case onlyInBulk(Int64)
    /// Everybody was given the same variant, so often.
    case oneSided(variant: String, evaluations: Int64)
    case expired(Timestamp)
    case withoutOwner
  }

  package var environment: String
  package var flag: String
  package var owner: String?
  /// In the order of the cases; at least one.
  package var reasons: [Reason]
}

/// Looks for flags that have done their work, or never had any.
package struct StaleSearch: Hashable, Sendable {
  /// How far back evaluations are looked at.
  package var window: Interval
  /// Fewer evaluations do not show that a flag is one-sided.
  package var evidence: Int64
  package var now: Timestamp
  /// When counting began; `nil`: nothing was ever counted.
  package var countedSince: Timestamp?

  package init(
    window: Interval = .hours(24 * 14), evidence: Int64 = 100, now: Timestamp, countedSince: Timestamp?
  ) {
    self.window = window
    self.evidence = evidence
    self.now = now
    self.countedSince = countedSince
  }

  /// Evaluations count from here on.
  package var start: Timestamp { Timestamp(milliseconds: now.milliseconds - window.milliseconds) }

  /// Whether evaluations were counted for the whole window: otherwise that nobody asked shows nothing.
  package var isCovered: Bool { countedSince.map { $0 <= start } ?? false }

  /// - Parameters:
  ///   - usage: since `start`; `nil`: there was none.
  ///   - documents: how often the definitions of all flags were taken since `start`.
  ///   - created: `nil`: not known, and long ago.
  /// - Returns: `nil` for a flag that needs nobody.
  package func finding(
    _ flag: Flag, in environment: String, contract: FlagContract?, usage: FlagUsage?, documents: Int64 = 0,
    created: Timestamp? = nil
  ) -> StaleFlag? {
    var reasons: [StaleFlag.Reason] = []
    let isOldEnough = created.map { $0 <= start } ?? true
    if isCovered, isOldEnough, (usage?.single ?? 0) == 0 {
      let bulk = (usage?.bulk ?? 0) + documents
      reasons.append(bulk == 0 ? .unused : .onlyInBulk(bulk))
    }
    if isOldEnough, flag.variants.count > 1, let usage, usage.variants.count == 1,
      let (variant, count) = usage.variants.first, count >= evidence
    {
      reasons.append(.oneSided(variant: variant, evaluations: count))
    }
    if let expires = contract?.expires, expires <= now { reasons.append(.expired(expires)) }
    if (contract?.owner ?? "").isEmpty { reasons.append(.withoutOwner) }
    guard !reasons.isEmpty else { return nil }
    return StaleFlag(environment: environment, flag: flag.key, owner: contract?.owner, reasons: reasons)
  }
}
