import Engine
import PipelineModel
import PluginKit

extension Dispatcher {
  private static let patience = Interval.seconds(10)

  func measure(_ order: WorkOrder, _ metric: Metric) {
    let id = order.effect.id
    lane("provider \(metric.provider)").submit(
      job(order, within: Self.patience + .seconds(5), failed: { .measured(id, .failure($0)) }) {
        [backends, clock] () throws(Failure) in
        let query = MetricQuery(
          metric: metric.name, text: try order.text(metric.query), range: metric.range, at: clock.now,
          timeout: Self.patience, interval: order.interval)
        return .measured(id, .answer(try await backends.provider(metric.provider).sample(query)))
      })
  }
}
