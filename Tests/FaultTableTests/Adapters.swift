import CloudWatchPlugin
import EnvoyPlugin
import GraphitePlugin
import HTTPPlugin
import InfluxDBPlugin
import PipelineModel
import PluginKit
import PrometheusPlugin

extension Adapter {
  /// Every adapter that speaks HTTP; a new one is a line here.
  static let all: [Adapter] = [
    .provider(
      .prometheus, "up",
      answer: #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"5"]}]}}"#,
      ["bearer": .secret("s")]),
    .provider(.http, "GET /stats $.rate", answer: #"{"rate": 5, "more": [1, 2, 3]}"#, ["bearer": .secret("s")]),
    .provider(.graphite, "shop.err", answer: #"[{"target": "shop.err", "datapoints": [[5, 1699999999]]}]"#),
    .provider(
      .influxdb, "SELECT a FROM b",
      answer: #"{"results":[{"series":[{"name":"b","columns":["time","a"],"values":[[1,5]]}]}]}"#,
      ["database": .text("m")]),
    .provider(
      .cloudwatch, "Sum of Shop Errors",
      answer: #"{"MetricDataResults":[{"Id":"wanted","StatusCode":"Complete","Values":[5]}]}"#,
      ["region": .text("us-east-1"), "accessKey": .secret("a"), "secretKey": .secret("s")]),
    .provider(.envoy, "server.live", answer: #"{"stats":[{"name":"server.live","value":1}]}"#),
  ]
}
