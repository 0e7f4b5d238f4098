package import Analysis
package import PipelineModel

/// One run of a pipeline: the machine that decides.
///
///     waiting ──begun──► working ──every stage passed──► ended(promoted)
///        │                  │                                 │
///        │                  ├─ failed, nothing moved ► ended(failed | aborted)
///        │                  └─ failed, or asked ► rollingBack ◄┘ asked
///        └─ aborted ► ended       every route undone ► ended(rolledBack)
///
/// Pure: no clock, no chance, no I/O. `apply` takes a fact and the instant it happened, and says what to do.
package struct Run: Equatable, Sendable {
  package let id: RunID
  package let plan: Plan
  package internal(set) var start: Start
  package let startedBy: Principal
  package let startedAt: Timestamp

  package internal(set) var phase: Phase {
    didSet {
      lookAhead()
      if case .ended(let outcome) = phase { self.outcome = outcome } else { outcome = nil }
    }
  }
  /// How it ended; `nil` while it goes on. Follows from the phase.
  package private(set) var outcome: Outcome?
  /// Set while a person has paused the run: gates judge on, nothing advances.
  package internal(set) var paused = false
  /// A person went past every gate to come.
  package internal(set) var unguarded = false
  /// Effects asked for whose outcome has not come, in the order they were last asked for.
  package internal(set) var pending: [Effect] = []
  /// What has been asked of each route, parallel to `plan.routes`.
  package internal(set) var routes: [RouteState]
  /// Slots the run deployed to or emptied, in the order it did.
  package internal(set) var deployments: [DeploymentMark] = []
  /// The stage in progress, or the last one that was.
  package internal(set) var lastStage: Int?
  /// Why the run was taken back, once it was.
  package internal(set) var withdrawn: Cause?
  /// Flags that were switched off because a gate failed.
  package internal(set) var switchedOff: [RouteName] = []
  /// Who approved the run, at any of its stages, and when.
  package internal(set) var approvals: [RunApproval] = []
  /// When the first stage was entered; `nil` while the run waits for its turn.
  package internal(set) var begunAt: Timestamp?
  /// The gate of the move in progress, and the one over the whole stage.
  var moveGate: Judging?
  /// What the comparisons carry from look to look, parallel to the pipeline's metrics; empty before the first.
  var evidence: [Evidence] = []
  /// What is known of objectives whose budget was spent, looks of this run included; `nil`: the run has not looked, or
  /// what it saw has been handed on.
  package internal(set) var budgets: SpentBudgets?
  /// The weight at which the run was held because the traffic was not split so.
  var astray: Weight?
  var backgroundGate: Judging?
  /// What phase and gates mean for the time to come. Follows from them.
  package internal(set) var horizon = Horizon()
  var lastEffect = 0

  package enum Phase: Hashable, Sendable {
    /// The target is busy. → working, ended.
    case waiting
    /// → rollingBack, ended.
    case working(Working)
    /// → ended.
    case rollingBack(Rollback)
    /// → rollingBack, when a promoted run is asked to roll back.
    case ended(Outcome)
  }

  /// Opens a run with its first fact. The run begins at once unless it is queued.
  package init(
    id: RunID, plan: Plan, start: Start, by principal: Principal, at now: Timestamp, into reaction: inout Reaction
  ) {
    self.id = id
    self.plan = plan
    self.start = start
    startedBy = principal
    startedAt = now
    phase = .waiting
    routes = plan.routes.map { _ in RouteState() }
    if !start.queued { begin(now, &reaction) }
  }
}

/// A person's consent to a run going on.
package struct RunApproval: Hashable, Sendable {
  package var by: Principal
  package var at: Timestamp
}

/// What a run has asked of one route.
package struct RouteState: Hashable, Sendable {
  /// The weight the run last asked for; `nil` before it asked for any.
  package var wanted: Weight?
  /// Whether the router has confirmed it.
  package var confirmed = false
  /// What the router was last seen to give the candidate, whatever is wanted now.
  package var given = Weight.none
  /// When it last did.
  package var confirmedAt: Timestamp?
  /// Whether it ever asked for more than nothing, mirrors and header routes included.
  package var moved = false
  /// The mirror the run last asked for; `nil` before it asked for any.
  package var mirror: Weight?
  package var mirrorIsConfirmed = false
  /// The header route the run last asked for; `nil`, and also none, is no such route.
  package var header: HeaderMatch?
  /// Whether it ever asked for one.
  package var hasHeader = false
  package var headerIsConfirmed = false

  package init(wanted: Weight? = nil, confirmed: Bool = false) {
    self.wanted = wanted
    self.confirmed = confirmed
  }
}

extension RouteState {
  /// What of the extras was ever asked for.
  package var extras: [Extra] { (mirror == nil ? [] : [.mirror]) + (hasHeader ? [.headerRoute] : []) }

  package func isConfirmed(_ extra: Extra) -> Bool {
    switch extra {
    case .mirror: mirrorIsConfirmed
    case .headerRoute: headerIsConfirmed
    }
  }

  mutating func confirm(_ extra: Extra, _ isConfirmed: Bool = true) {
    switch extra {
    case .mirror: mirrorIsConfirmed = isConfirmed
    case .headerRoute: headerIsConfirmed = isConfirmed
    }
  }
}

/// A slot the run brought a version up in, or took one down from.
package struct DeploymentMark: Hashable, Sendable {
  package var stage: Int
  /// The candidate was brought up, or the stable version was taken down.
  package var arm: Arm
}

/// What the engine wants done, and what it concluded.
package struct Reaction: Sendable {
  package var effects: [Effect] = []
  package var decisions: [Decision] = []

  package init() {}

  /// Empties both lists, and keeps their storage. There is little in them, mostly one of each.
  package mutating func clear() {
    while effects.popLast() != nil {}
    while decisions.popLast() != nil {}
  }
}

/// A fact that cannot follow what the run already is: the journal is damaged, or is not ours.
package struct IllegalTransition: Error, Hashable, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}

/// An act that cannot be done now, in words for the person who asked.
package struct Refusal: Error, Hashable, CustomStringConvertible {
  package var description: String
  package init(_ description: String) { self.description = description }
}
