package import PipelineModel

/// One thing on a time line, wherever it came from.
package struct Moment: Hashable, Sendable {
  /// The entry of the journal that it is from. Two moments of one instant stand in this order.
  package var sequence: Int64
  package var topic: Topic
  /// `nil`: of no run.
  package var run: RunID?
  /// Empty: of none in particular.
  package var services: [String]
  /// `nil`: of none in particular.
  package var environment: String?
  package var sentence: Sentence

  package var time: Timestamp { sentence.time }

  package enum Topic: String, Hashable, Sendable, CaseIterable {
    /// A run was started, waits, began, or ended.
    case deployment
    /// A stage was entered, or a share of traffic moved.
    case step
    case approval
    /// Somebody paused a run, or let it go on; a run waits for a person.
    case hold
    /// A gate or a check did not pass, or somebody went past one.
    case gate
    case rollback
    /// A router was found with another weight than was set.
    case drift
    case incident
    /// A time in which changes wait began or ended, by declaration or by a spent error budget; a change met it.
    case freeze
    /// A flag was changed, or asked to be.
    case flag
    /// Somebody asked for something that could not be done.
    case refusal
  }

  package init(
    sequence: Int64, topic: Topic, run: RunID? = nil, services: [String] = [], environment: String? = nil,
    sentence: Sentence
  ) {
    self.sequence = sequence
    self.topic = topic
    self.run = run
    self.services = services
    self.environment = environment
    self.sentence = sentence
  }
}

extension [Moment] {
  /// By time, and within one instant as the journal has them.
  package func inOrder() -> [Moment] { sorted { ($0.time, $0.sequence) < ($1.time, $1.sequence) } }
}
