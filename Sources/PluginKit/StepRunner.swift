package import PipelineModel

/// Does the steps of pipelines: stages of one's own. A step is started, then asked about, so that a restarted controller
/// picks it up again by its key.
package protocol StepRunner: Sendable {
  /// What it can be asked to do.
  var steps: [StepKind] { get }

  /// Begins the step. Twice with the same key is once, also when the first start was by a controller since killed.
  /// - Throws: `Failure`; `rejected` when there is no such step, or it cannot work with what it is given.
  func start(_ request: StepRequest) async throws(Failure)

  /// How far it is; `nil`: nothing was ever started under that key. A step that has ended says the same ever after, or,
  /// when it was long ago, `nil`.
  func state(of key: String) async throws(Failure) -> StepState?

  /// Ends the step. Soon after, its state is not `running`. Harmless when it has ended or never began.
  func cancel(_ key: String) async throws(Failure)

  /// The keys of all that may be under way. Does not wait.
  func known() -> [String]
}

package struct StepRequest: Hashable, Sendable {
  /// Which of the runner's steps.
  package var step: String
  /// Name of the stage, for messages.
  package var stage: String
  package var key: String
  /// What the pipeline says under `with:`, checked against the step's schema.
  package var with: Settings
  /// Parameters and built-in values of the run, by the names templates use.
  package var values: [String: String]
  /// Longest it may take; whoever started it cancels it then.
  package var timeout: Interval

  package init(
    step: String, stage: String, key: String, with: Settings = Settings(), values: [String: String] = [:],
    timeout: Interval
  ) {
    self.step = step
    self.stage = stage
    self.key = key
    self.with = with
    self.values = values
    self.timeout = timeout
  }
}

/// With the last of what the step has to say, at most 8 KiB.
package enum StepState: Hashable, Sendable {
  case running(output: String)
  case ended(StepEnd, output: String)
  /// It was started, and nobody knows what came of it.
  case lost(output: String)
}
