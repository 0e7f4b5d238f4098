import ALBPlugin
import AlertmanagerPlugin
import CaddyPlugin
import CloudWatchPlugin
import EnvoyPlugin
import GraphitePlugin
import HTTPPlugin
import InfluxDBPlugin
import KubernetesPlugin
import LiveRig
import PipelineModel
import PluginKit
import PrometheusPlugin
import WebhookPlugin

extension Adapter {
  /// Every adapter that speaks HTTP; a new one is a line here.
  static let all = others + routers(asking: .percent(25)) + ofKubernetes + ofFiles

  private static let others: [Adapter] = [
    .provider(
      .prometheus, "up",
      answer: #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"5"]}]}}"#,
      ["bearer": .secret("s")]),
    .provider(.http, "GET /stats $.rate", answer: #"{"rate": 5, "more": [1, 2, 3]}"#, ["bearer": .secret("s")]),
    .provider(.graphite, "shop.err", answer: #"[{"target": "shop.err", "datapoints": [[5, 1699999999]]}]"#),
    .provider(
      .influxdb, "SELECT a FROM b WHERE $timeFilter",
      answer: #"{"results":[{"series":[{"name":"b","columns":["time","a"],"values":[[1,5]]}]}]}"#,
      ["database": .text("m")]),
    .provider(
      .cloudwatch, "Sum of Shop Errors",
      answer: #"{"MetricDataResults":[{"Id":"wanted","StatusCode":"Complete","Values":[5]}]}"#,
      ["region": .text("us-east-1"), "accessKey": .secret("a"), "secretKey": .secret("s")]),
    .provider(.envoy, "server.live", answer: #"{"stats":[{"name":"server.live","value":1}]}"#),
    .router(
      .alb, route: ["listener": .text("\(arn)l"), "blue": .text("\(arn)b"), "green": .text("\(arn)g")],
      ["region": .text("us-east-1"), "accessKey": .secret("a"), "secretKey": .secret("s")],
      good: { _ in RawServer.http(200, listener) }),
    Adapter(name: "header route alb", good: rules) { url, deadline throws(Failure) in
      let route = Settings([
        "listener": .text("\(arn)l"), "blue": .text("\(arn)b"), "green": .text("\(arn)g"), "headerPriority": .number(7),
      ])
      let router = try BackendFactory<any TrafficRouter>.alb.make(
        backend(
          "alb", url,
          [
            "region": .text("us-east-1"), "accessKey": .secret("a"), "secretKey": .secret("s"),
            "timeout": .duration(deadline), "routes": .map(Settings(["shop": .map(route)])),
          ]), context)
      return try await Extra.headerRoute.ask(router)
    },
    .notifier(.webhook, ["bearer": .secret("s")]),
    .notifier(.alertmanager, ["bearer": .secret("s")]),
  ]

  /// Routers that read with GET and write with anything else, asked for what a server in order does not give: only a write
  /// could make it so.
  static let writers = routers(asking: .percent(50)) + writersOfKubernetes

  private static func routers(asking weight: Weight) -> [Adapter] {
    [
      .router(
        .envoy, route: ["runtime": .text("shop"), "blue": .text("b"), "green": .text("g")], ["bearer": .secret("s")],
        asking: weight, good: envoy),
      .router(
        .caddy, route: ["id": .text("shop"), "blue": .text("b:1"), "green": .text("g:1")], asking: weight,
        good: { _ in RawServer.http(200, caddy) }),
      Adapter(name: "header route caddy", good: { _ in RawServer.http(200, caddy) }) { url, deadline throws(Failure) in
        let route = ["id": "shop", "blue": "b:1", "green": "g:1", "headers": "testers"].mapValues {
          Settings.Value.text($0)
        }
        let router = try BackendFactory<any TrafficRouter>.caddy.make(
          backend(
            "caddy", url, ["timeout": .duration(deadline), "routes": .map(Settings(["shop": .map(Settings(route))]))]),
          context)
        return try await Extra.headerRoute.ask(router, weight == .percent(25) ? Extra.rule.value : "other")
      },
      .router(
        .kubernetes, route: ["route": .text("shop"), "blue": .text("b"), "green": .text("g")],
        ["namespace": .text("n"), "bearer": .secret("s"), "waitForGateways": .bool(false)], asking: weight,
        good: { _ in RawServer.http(200, kubernetes, "Content-Type: application/json") }),
    ]
  }

  /// An Envoy whose runtime gives green a quarter.
  private static func envoy(_ request: String) -> String {
    switch request.split(separator: " ").dropFirst().first?.prefix(while: { $0 != "?" }) {
    case "/clusters": return RawServer.http(200, #"{"cluster_statuses":[{"name":"b"},{"name":"g"}]}"#)
    case "/runtime":
      return RawServer.http(200, #"{"entries":{"shop.b":{"final_value":"7500"},"shop.g":{"final_value":"2500"}}}"#)
    case "/config_dump":
      let split = #"{"runtime_key_prefix":"shop","clusters":[{"name":"b","weight":100},{"name":"g","weight":0}]}"#
      let route = #"{"routes":[{"route":{"weighted_clusters":\#(split)}}]}"#
      return RawServer.http(200, #"{"configs":[{"route_config":{"name":"r","virtual_hosts":[\#(route)]}}]}"#)
    default: return RawServer.http(200, "\"OK\"\n")
    }
  }

  /// A configuration that gives green a quarter, and everything with a header.
  private static let caddy = """
    {"apps": {"http": {"servers": {"edge": {"routes": [
      {"@id": "testers", "match": [{"header": {"x-canary": ["always"]}}], "terminal": true,
       "handle": [{"handler": "reverse_proxy", "upstreams": [{"dial": "g:1"}]}]},
      {"handle": [{"@id": "shop", "handler": "reverse_proxy",
      "upstreams": [{"dial": "b:1"}, {"dial": "b:1"}, {"dial": "b:1"}, {"dial": "g:1"}]}]}]}}}}}
    """

  /// An HTTPRoute that gives green a quarter.
  private static let kubernetes = """
    {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
     "metadata": {"name": "shop", "namespace": "n", "resourceVersion": "7", "generation": 1},
     "spec": {"rules": [{"backendRefs": [{"name": "b", "port": 80, "weight": 7500}, {"name": "g", "port": 80, "weight": 2500}]}]}}
    """

  private static let arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"

  /// A listener that gives green a quarter.
  private static let listener = """
    <DescribeListenersResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
    <DescribeListenersResult><Listeners><member><ListenerArn>\(arn)l</ListenerArn><DefaultActions><member>
    <Type>forward</Type><ForwardConfig><TargetGroups>
    <member><TargetGroupArn>\(arn)b</TargetGroupArn><Weight>75</Weight></member>
    <member><TargetGroupArn>\(arn)g</TargetGroupArn><Weight>25</Weight></member>
    </TargetGroups></ForwardConfig></member></DefaultActions></member></Listeners></DescribeListenersResult>
    </DescribeListenersResponse>
    """

  /// A listener whose rule for a header is there, and bears the route's name.
  private static func rules(_ request: String) -> String {
    let action = request.contains("Action=DescribeTags") ? "DescribeTags" : "DescribeRules"
    let forward = "<member><Type>forward</Type><TargetGroupArn>\(arn)"
    let rules = """
      <Rules><member><RuleArn>\(arn)r</RuleArn><Priority>7</Priority><Conditions><member><Field>http-header</Field>
      <HttpHeaderConfig><HttpHeaderName>x-canary</HttpHeaderName><Values><member>always</member></Values></HttpHeaderConfig>
      </member></Conditions><Actions>\(forward)g</TargetGroupArn></member></Actions></member>
      <member><RuleArn>\(arn)d</RuleArn><Priority>default</Priority><IsDefault>true</IsDefault>
      <Actions>\(forward)b</TargetGroupArn></member></Actions></member></Rules>
      """
    let tags = """
      <TagDescriptions><member><ResourceArn>\(arn)r</ResourceArn><Tags><member><Key>headgate:header-route</Key>
      <Value>alb/shop</Value></member></Tags></member></TagDescriptions>
      """
    let result = action == "DescribeTags" ? tags : rules
    return RawServer.http(200, "<\(action)Response><\(action)Result>\(result)</\(action)Result></\(action)Response>")
  }
}
