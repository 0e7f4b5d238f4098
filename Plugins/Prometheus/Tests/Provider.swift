import Foundation
import PipelineModel
import PluginKit

@testable import PrometheusPlugin

/// A provider made as an installation makes it.
func provider(_ backend: Backend, secrets: [String: String] = [:]) throws(Failure) -> any MetricProvider {
  let context = BackendContext(
    secret: { name throws(Failure) in
      guard let value = secrets[name] else { throw Failure(.misconfigured, "there is no secret \(name)") }
      return value
    }, stateDirectory: "/", baseDirectory: "/", now: { Timestamp(milliseconds: 0) })
  return try BackendFactory<any MetricProvider>.prometheus.make(backend, context)
}

func backend(_ url: String, _ more: [String: Settings.Value] = [:]) -> Backend {
  Backend(
    name: "prom", kind: "prometheus",
    settings: Settings(["url": .text(url), "timeout": .duration(.minutes(5))].merging(more) { _, new in new }))
}

func query(
  _ text: String, range: Metric.Range? = nil, at: Timestamp = Timestamp(milliseconds: 1_700_000_000_123),
  timeout: Interval = .seconds(30)
) -> MetricQuery {
  MetricQuery(metric: "errors", text: text, range: range, at: at, timeout: timeout)
}

func secondsSinceEpoch() -> Double { Date().timeIntervalSince1970 }
