import Engine
import PipelineModel
import PluginKit

extension Errands {
  /// A provider keeps its own timeout.
  static let queryTimeout = Interval.seconds(10)

  func measure(_ order: WorkOrder, _ index: Int) async throws(Failure) -> Fact {
    let provider = try backends.provider(order.plan.pipeline.metrics[index].provider)
    return .measured(order.effect.id, .answer(try await provider.sample(try query(order, index))))
  }

  func query(_ order: WorkOrder, _ index: Int) throws(Failure) -> MetricQuery {
    let metric = order.plan.pipeline.metrics[index]
    return MetricQuery(
      metric: metric.name, text: try order.text(metric.query), range: metric.range, at: clock.elsewhere,
      timeout: Self.queryTimeout, interval: order.interval)
  }
}
