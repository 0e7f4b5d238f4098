import Engine
import PipelineModel
import PluginKit

extension Errands {
  /// A provider keeps its own timeout.
  static let queryTimeout = Interval.seconds(10)

  func measure(_ order: WorkOrder, _ index: Int) async throws(Failure) -> Fact {
    let metric = order.plan.pipeline.metrics[index]
    let query = MetricQuery(
      metric: metric.name, text: try order.text(metric.query), range: metric.range, at: clock.elsewhere,
      timeout: Self.queryTimeout, interval: order.interval)
    return .measured(order.effect.id, .answer(try await backends.provider(metric.provider).sample(query)))
  }
}
