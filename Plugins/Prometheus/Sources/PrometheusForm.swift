import PipelineModel
import PluginKit

/// The form that a query is sent as; a POST has no limit on the query's length.
enum PrometheusForm {
  static func text(of query: MetricQuery, timeout: Interval) -> String {
    var fields = [("query", query.text)]
    if let range = query.range {
      fields.append(("start", seconds(query.at.milliseconds - range.over.milliseconds)))
      fields.append(("end", seconds(query.at.milliseconds)))
      fields.append(("step", seconds(range.step.milliseconds)))
    } else {
      fields.append(("time", seconds(query.at.milliseconds)))
    }
    // So that the server stops working for an answer nobody waits for.
    fields.append(("timeout", "\(max(1, timeout.milliseconds))ms"))
    return fields.map { "\($0)=\(escaped($1))" }.joined(separator: "&")
  }

  /// Seconds with three decimals; `Double` would not keep every millisecond.
  private static func seconds(_ milliseconds: Int64) -> String {
    let rest = "\(abs(milliseconds % 1000))"
    let sign = milliseconds < 0 ? "-" : ""
    return "\(sign)\(abs(milliseconds / 1000)).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        escaped += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
      }
    }
    return escaped
  }
}
