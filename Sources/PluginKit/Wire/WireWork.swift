package import PipelineModel

extension Wire {
  /// `deploy.start`, `deploy.poll`, `deploy.stop`
  package struct Deploy: Codable, Sendable {
    package var service: String
    package var environment: String
    package var version: String
    package var slot: String
    package var key: String
    package var within: Double

    package init(_ deployment: Deployment, within: Interval) {
      service = deployment.service
      environment = deployment.environment
      version = deployment.version
      slot = deployment.slot.rawValue
      key = deployment.key
      self.within = within.seconds
    }
  }

  /// The answer to `deploy.poll`.
  package struct DeployState: Codable, Sendable {
    package enum State: String, Codable, Sendable { case starting, ready, failed }
    package var state: State
    /// What it waits for, or why it failed.
    package var message: String?

    package init(state: State, message: String? = nil) {
      self.state = state
      self.message = message
    }
  }

  /// `step.start`: begins a stage of one's own. Twice with the same key is once.
  package struct StepStart: Codable, Sendable {
    /// Which of the kind's steps.
    package var step: String
    /// Name of the stage, for messages.
    package var stage: String
    package var key: String
    /// What the pipeline's author wrote under `with:`, checked; durations in seconds.
    package var with: JSON
    /// Parameters and built-in values of the run.
    package var values: [String: String]
    /// Longest the step may take, in seconds.
    package var timeout: Double
    package var within: Double

    package init(_ request: StepRequest, within: Interval) {
      step = request.step
      stage = request.stage
      key = request.key
      with = JSON(request.with, secrets: [:])
      values = request.values
      timeout = request.timeout.seconds
      self.within = within.seconds
    }
  }

  /// `step.poll`, `step.cancel`
  package struct StepKey: Codable, Sendable {
    package var key: String
    package var within: Double

    package init(key: String, within: Interval) {
      self.key = key
      self.within = within.seconds
    }
  }

  /// The answer to `step.poll`.
  package struct StepState: Codable, Sendable {
    package enum State: String, Codable, Sendable { case unknown, running, passed, failed, inconclusive, lost }
    package var state: State
    /// The last of what it has to say; at most 8 KiB are kept.
    package var output: String?

    package init(state: State, output: String? = nil) {
      self.state = state
      self.output = output
    }
  }
}
