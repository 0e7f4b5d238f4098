import Engine
import PipelineModel
import PluginKit

extension Errands {
  func measure(_ order: WorkOrder, _ index: Int) async throws(Failure) -> Fact {
    let provider = try backends.provider(order.plan.pipeline.metrics[index].provider)
    return .measured(order.effect.id, Reading(try await provider.ask(try query(order, index))))
  }

  func query(_ order: WorkOrder, _ index: Int) throws(Failure) -> MetricQuery {
    let metric = order.plan.pipeline.metrics[index]
    return MetricQuery(
      metric: metric.name, text: try order.text(metric.query), range: metric.range, at: clock.elsewhere,
      timeout: backends.limits(of: metric.provider).timeout, interval: order.interval, look: order.look)
  }
}

extension Reading {
  fileprivate init(_ sample: Sample) {
    if let stand = sample.stand {
      self = .stoodIn(sample.answer, by: stand.provider, because: stand.because)
    } else {
      self = .answer(sample.answer)
    }
  }
}
