package import PipelineModel

// Backends that need nobody else to answer: they compute, or look into memory. They are asked on the thread that owns
// every run, which spares the way to another thread and back, so they must never block.

package protocol SynchronousMetricProvider: MetricProvider {
  /// As `sample`, without waiting.
  func answer(_ query: MetricQuery) throws(Failure) -> Answer
}

extension SynchronousMetricProvider {
  package func sample(_ query: MetricQuery) async throws(Failure) -> Answer { try answer(query) }
}

package protocol SynchronousTrafficRouter: TrafficRouter {
  /// As `setWeight`, without waiting.
  func set(_ change: WeightChange) throws(Failure)
}

extension SynchronousTrafficRouter {
  package func setWeight(_ change: WeightChange) async throws(Failure) { try set(change) }
}
