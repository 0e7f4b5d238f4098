package import PipelineModel

/// What changes of a run with each step: the part of its read model that is written again and again.
package struct RunProgress: Hashable, Sendable {
  package var run: RunID
  package var status: RunRecord.Status
  /// Name of the stage in progress, or of the last one.
  package var stage: String?
  /// The largest share of a route that the candidate was seen to have.
  package var weight: Weight
  /// Sequence number of the run's last entry.
  package var last: Int64
  package var endedAt: Timestamp?

  package init(
    run: RunID, status: RunRecord.Status, stage: String?, weight: Weight, last: Int64, endedAt: Timestamp?
  ) {
    self.run = run
    self.status = status
    self.stage = stage
    self.weight = weight
    self.last = last
    self.endedAt = endedAt
  }
}

/// What lists show of a run: the read model, one row a run.
package struct RunRecord: Hashable, Sendable {
  package var id: RunID
  package var pipeline: String
  package var target: Target
  package var version: String
  package var stable: String?
  package var startedBy: Principal
  package var startedAt: Timestamp
  package var status: Status
  /// Name of the stage in progress, or of the last one.
  package var stage: String?
  /// The largest share of a route that the candidate was seen to have.
  package var weight: Weight
  package var endedAt: Timestamp?
  /// Sequence number of the run's first entry, and of its last.
  package var first: Int64
  package var last: Int64

  package enum Status: String, Hashable, Sendable, CaseIterable {
    case queued, running, paused, held, rollingBack
    case promoted, rolledBack, failed, aborted

    package var hasEnded: Bool {
      switch self {
      case .queued, .running, .paused, .held, .rollingBack: false
      case .promoted, .rolledBack, .failed, .aborted: true
      }
    }
  }

  package init(
    id: RunID, pipeline: String, target: Target, version: String, stable: String?, startedBy: Principal,
    startedAt: Timestamp, status: Status, stage: String?, weight: Weight, endedAt: Timestamp?, first: Int64, last: Int64
  ) {
    self.id = id
    self.pipeline = pipeline
    self.target = target
    self.version = version
    self.stable = stable
    self.startedBy = startedBy
    self.startedAt = startedAt
    self.status = status
    self.stage = stage
    self.weight = weight
    self.endedAt = endedAt
    self.first = first
    self.last = last
  }
  /// The part that steps change.
  package var progress: RunProgress {
    get { RunProgress(run: id, status: status, stage: stage, weight: weight, last: last, endedAt: endedAt) }
    set {
      (status, stage, weight) = (newValue.status, newValue.stage, newValue.weight)
      (last, endedAt) = (newValue.last, newValue.endedAt)
    }
  }
}
