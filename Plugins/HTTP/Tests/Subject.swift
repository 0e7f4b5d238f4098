import PipelineModel
import PluginKit

@testable import HTTPPlugin

/// A provider made as an installation makes it.
func provider(_ url: String, _ more: [String: Settings.Value] = [:]) throws(Failure) -> any MetricProvider {
  let settings = Settings(["url": .text(url), "timeout": .text("60s")].merging(more) { _, new in new })
  let context = BackendContext(
    secret: { _ in "hunter2" }, stateDirectory: "/", baseDirectory: "/", now: { Timestamp(milliseconds: 0) })
  return try BackendFactory<any MetricProvider>.http.make(
    Backend(name: "stats", kind: "http", settings: settings), context)
}

func query(_ text: String, timeout: Interval = .seconds(60)) -> MetricQuery {
  MetricQuery(metric: "errors", text: text, at: Timestamp(milliseconds: 0), timeout: timeout)
}
