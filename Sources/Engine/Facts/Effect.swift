package import PipelineModel

/// Something the shell is to do for a run, in the imperative. Its outcome comes back as a fact that carries its id.
package struct Effect: Hashable, Sendable {
  package var id: EffectID
  package var work: Work
  /// Not to be begun before this instant.
  package var notBefore: Timestamp
  /// When it was first to be begun: every try under its id counts its time from there.
  package let since: Timestamp
  /// 1 at the first try.
  package var attempt: Int

  /// Plain numbers only: effects are copied with every look.
  package enum Work: Hashable, Sendable {
    /// Ask the provider of a metric. Comes back as `measured`.
    case measure(GateSite, metric: Int)
    /// Comes back as `shifted` or `failed`. Calls for one route never overlap; a newer one replaces an older.
    case setWeight(route: Int, Weight)
    /// Copy this share of a route's requests to the candidate, too. As `setWeight`.
    case setMirror(route: Int, Weight)
    /// Send requests with a header to the candidate, whatever its share: one of `Plan.headers`; `nil`: none. As
    /// `setWeight`.
    case setHeaderRoute(route: Int, header: Int?)
    /// Bring up the candidate, or, when a rollback needs it again, the stable version. `deployed` or `failed`.
    case deploy(stage: Int, Arm)
    /// Take down what runs in an arm's slot. `retired` or `failed`.
    case retire(stage: Int, Arm)
    /// Run the command of a check. `checked` or `failed`.
    case check(stage: Int)
    /// Switch off the flag that the stage names for a failed gate, for good. `switchedOff` or `failed`.
    case switchOff(stage: Int)
    /// End a check's command. Nothing comes back.
    case cancelCheck(EffectID)
    /// Have a runner do the stage's step. `performed` or `failed`.
    case step(stage: Int)
    /// End what a step began. Nothing comes back.
    case cancelStep(EffectID, stage: Int)
  }

  package init(id: EffectID, work: Work, notBefore: Timestamp, attempt: Int = 1) {
    self.id = id
    self.work = work
    self.notBefore = notBefore
    since = notBefore
    self.attempt = attempt
  }
}

/// What a route does for the candidate beside its share.
package enum Extra: String, Hashable, Sendable, CaseIterable {
  case mirror, headerRoute
}

/// The two versions a run knows.
package enum Arm: String, Hashable, Sendable, CaseIterable {
  case candidate, stable
}

/// Where a gate stands within the stage in progress.
package enum GateSite: UInt8, Hashable, Sendable, CaseIterable {
  /// The gate of the move in progress: a canary step, a pre- or post-switch watch, a soak.
  case move
  /// The gate that judges the whole stage.
  case background
}
