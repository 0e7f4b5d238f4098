import BackendHTTP
import PipelineModel
import PluginKit

extension CloudWatchQuestion {
  /// The body of GetMetricData.
  func body(over window: CloudWatchWindow) -> Answer {
    let last = entries.count - 1
    let queries = entries.enumerated().map { index, entry in
      let (name, content) = Self.content(entry.content, window.period)
      return Answer.object(
        [
          .init(name: "Id", value: .text(entry.id)), .init(name: name, value: content),
          .init(name: "ReturnData", value: .bool(index == last)),
        ] + (name == "Expression" ? [.init(name: "Period", value: .number(Double(window.period)))] : []))
    }
    return .object([
      .init(name: "MetricDataQueries", value: .list(queries)),
      .init(name: "StartTime", value: .number(Double(window.start))),
      .init(name: "EndTime", value: .number(Double(window.end))),
      .init(name: "ScanBy", value: .text("TimestampAscending")),
    ])
  }

  private static func content(_ content: Content, _ period: Int64) -> (String, Answer) {
    switch content {
    case .expression(let text): ("Expression", .text(text))
    case .metric(let metric): ("MetricStat", statistic(of: metric, period))
    }
  }

  private static func statistic(of metric: Metric, _ period: Int64) -> Answer {
    let dimensions = metric.dimensions.map { field in
      Answer.object([.init(name: "Name", value: .text(field.name)), .init(name: "Value", value: .text(field.value))])
    }
    let named = Answer.object([
      .init(name: "Namespace", value: .text(metric.namespace)), .init(name: "MetricName", value: .text(metric.name)),
      .init(name: "Dimensions", value: .list(dimensions)),
    ])
    return .object([
      .init(name: "Metric", value: named), .init(name: "Period", value: .number(Double(period))),
      .init(name: "Stat", value: .text(metric.statistic)),
    ])
  }
}
