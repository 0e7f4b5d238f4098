/// A world to try a pipeline in, what happens in it, and what is expected to come of it.
package struct Scenario: Hashable, Sendable {
  package var name: String
  /// Path of the pipeline's file, relative to the scenario's.
  package var pipeline: String
  package var seed: UInt64
  package var parameters: [String: String]
  /// The version that is stable when the run starts.
  package var stable: String?
  /// What the change is for; `nil`: as the pipeline says.
  package var change: ChangeKind?
  /// Objectives whose error budget was spent before, and was not rebuilt when the run starts.
  package var spent: [String]
  package var world: WorldModel
  /// In the order of the file.
  package var events: [ScenarioEvent]
  package var expect: Expectation

  package init(
    name: String, pipeline: String, seed: UInt64 = 1, parameters: [String: String] = [:], stable: String? = nil,
    change: ChangeKind? = nil, spent: [String] = [], world: WorldModel, events: [ScenarioEvent] = [],
    expect: Expectation = Expectation()
  ) {
    self.name = name
    self.pipeline = pipeline
    self.seed = seed
    self.parameters = parameters
    self.stable = stable
    self.change = change
    self.spent = spent
    self.world = world
    self.events = events
    self.expect = expect
  }
}

/// What a simulation must have come to; what is `nil` is not asked.
package struct Expectation: Hashable, Sendable {
  package var outcome: Result?
  /// The run has ended before, or after, this time since its start.
  package var before: Interval?
  package var after: Interval?
  /// The candidate never had more than this.
  package var exposedAtMost: Weight?
  /// Name of the last stage that was entered.
  package var stage: String?

  package enum Result: String, Hashable, Sendable, CaseIterable {
    case promoted, rolledBack = "rolled back", failed, aborted
    /// It waited for a person at some time, whatever came after.
    case held
  }

  package init(
    outcome: Result? = nil, before: Interval? = nil, after: Interval? = nil, exposedAtMost: Weight? = nil,
    stage: String? = nil
  ) {
    self.outcome = outcome
    self.before = before
    self.after = after
    self.exposedAtMost = exposedAtMost
    self.stage = stage
  }

  package var isEmpty: Bool { self == Expectation() }
}
