package import PipelineModel

/// All that is decided when a run is admitted. For one that waits for its turn, `stable`, `slots` and `spent` are decided anew
/// when it begins; nothing else changes later.
package struct Start: Hashable, Sendable {
  /// Sequence number of the `defined` entry with the pipeline's text; 0 in simulations.
  package var definition: Int64
  package var pipeline: String
  package var target: Target
  package var version: String
  /// What the target ran before; `nil` on its first run.
  package var stable: String?
  /// Every parameter with its value, defaults filled in, sorted by name.
  package var parameters: [Binding]
  /// The candidate's slot on each route of the pipeline, in the order of `Pipeline.routes`.
  package var slots: [Slot]
  /// Seed of the run's jitter, so that a replay waits as the run did.
  package var seed: UInt64
  /// `true`: waits until the target is free.
  package var queued: Bool
  /// What the change was said to be for; `nil`: as the pipeline has it.
  package var change: ChangeKind?
  /// Objectives whose error budget was spent on this target and is not rebuilt, as far as is known; sorted.
  package var spent: [String]

  /// The flags it ramps, as they were when it was admitted.
  package var ramps: [Ramp]

  package struct Ramp: Hashable, Sendable {
    package var key: String
    /// Of `fractional`; the flag must keep it.
    package var generation: String
    /// Those that read the flag.
    package var services: [String]
    /// The flag's revision: what is approved for the run is approved on it. `nil`: an earlier version admitted the run.
    package var revision: Int64?
    package init(key: String, generation: String, services: [String], revision: Int64? = nil) {
      self.key = key
      self.generation = generation
      self.services = services
      self.revision = revision
    }
  }

  package struct Binding: Hashable, Sendable {
    package var name: String
    package var value: String
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(
    definition: Int64 = 0, pipeline: String, target: Target, version: String, stable: String? = nil,
    parameters: [Binding] = [], slots: [Slot], seed: UInt64 = 0, queued: Bool = false,
    change: ChangeKind? = nil, spent: [String] = [], ramps: [Ramp] = []
  ) {
    self.definition = definition
    self.pipeline = pipeline
    self.target = target
    self.version = version
    self.stable = stable
    self.parameters = parameters
    self.slots = slots
    self.seed = seed
    self.queued = queued
    self.change = change
    self.spent = spent
    self.ramps = ramps
  }
}
