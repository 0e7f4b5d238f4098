import Engine
import PipelineModel
import PluginKit

extension Dispatcher {
  private static let timeout = Interval.seconds(10)
  /// A provider keeps its own timeout; this is for one that does not, and for waiting behind such a one.
  private static let longest = timeout + .seconds(5)

  func measure(_ order: WorkOrder, _ index: Int) {
    let id = order.effect.id
    let provider = order.plan.pipeline.metrics[index].provider
    lane(to: .provider(provider), width: Self.width).submit(
      job(order, within: Self.longest, patience: Self.longest, failed: { .measured(id, .failure($0)) }) {
        [backends, clock] () throws(Failure) in
        let metric = order.plan.pipeline.metrics[index]
        let query = MetricQuery(
          metric: metric.name, text: try order.text(metric.query), range: metric.range, at: clock.elsewhere,
          timeout: Self.timeout, interval: order.interval)
        return .measured(id, .answer(try await backends.provider(provider).sample(query)))
      })
  }
}
