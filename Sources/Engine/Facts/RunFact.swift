package import PipelineModel

/// What a fold of a run takes from one of its entries; what was concluded then, the fold finds again.
package struct RunFact: Hashable, Sendable {
  package var sequence: Int64
  package var time: Timestamp
  package var run: RunID
  /// Sequence number of the same run's entry before this one; 0 for its first.
  package var previous: Int64
  package var actor: Principal
  package var fact: Fact
}

extension RunFact {
  /// `nil` for an entry of no run.
  package init?(_ entry: Entry) {
    guard let run = entry.run else { return nil }
    self.init(entry, of: run)
  }

  package init(_ entry: Entry, of run: RunID) {
    self.init(
      sequence: entry.sequence, time: entry.time, run: run, previous: entry.previous, actor: entry.actor,
      fact: entry.fact)
  }

  package init(_ measurement: MeasuredEntry, of run: RunID) {
    self.init(
      sequence: measurement.header.sequence, time: measurement.header.time, run: run,
      previous: measurement.header.previous, actor: .controller,
      fact: .measured(measurement.effect, .answer(.number(measurement.value))))
  }
}
