import BackendHTTP
import PipelineModel
import PluginKit

/// The form that a query is sent as; a POST has no limit on the query's length.
enum PrometheusForm {
  static func fields(of query: MetricQuery, timeout: Interval) -> [HTTPCall.Field] {
    var fields = [HTTPCall.Field("query", query.text)]
    if let range = query.range {
      fields.append(.init("start", seconds(query.at.milliseconds - range.over.milliseconds)))
      fields.append(.init("end", seconds(query.at.milliseconds)))
      fields.append(.init("step", seconds(range.step.milliseconds)))
    } else {
      fields.append(.init("time", seconds(query.at.milliseconds)))
    }
    // So that the server stops working for an answer nobody waits for.
    fields.append(.init("timeout", "\(max(1, timeout.milliseconds))ms"))
    return fields
  }

  /// Seconds with three decimals; `Double` would not keep every millisecond.
  private static func seconds(_ milliseconds: Int64) -> String {
    let rest = "\(abs(milliseconds % 1000))"
    let sign = milliseconds < 0 ? "-" : ""
    return "\(sign)\(abs(milliseconds / 1000)).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }
}
