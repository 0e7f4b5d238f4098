package import PipelineModel

/// One entry of the journal: a fact, who brought it about, and what the engine concluded.
package struct Entry: Hashable, Sendable {
  /// 1, 2, 3 … without gaps.
  package var sequence: Int64
  /// Never earlier than the entry before.
  package var time: Timestamp
  /// `nil` for facts of the store itself.
  package var run: RunID?
  /// Sequence number of the same run's entry before this one; 0 for its first.
  package var previous: Int64
  package var actor: Principal
  /// Where it came from: `controller`, `cli`, with host and process where known.
  package var origin: String
  package var reason: String?
  package var fact: Fact
  package var decisions: [Decision]

  package init(
    sequence: Int64 = 0, time: Timestamp, run: RunID?, previous: Int64 = 0, actor: Principal = .controller,
    origin: String = "controller", reason: String? = nil, fact: Fact, decisions: [Decision] = []
  ) {
    self.sequence = sequence
    self.time = time
    self.run = run
    self.previous = previous
    self.actor = actor
    self.origin = origin
    self.reason = reason
    self.fact = fact
    self.decisions = decisions
  }
}
