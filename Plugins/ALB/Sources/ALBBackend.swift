import AWSSigning
import BackendHTTP
import PipelineModel
package import PluginKit

extension BackendFactory<any TrafficRouter> {
  /// Application Load Balancers of AWS.
  package static var alb: Self {
    Self(
      kind: BackendKind(
        name: "alb", port: .traffic, about: "Moves traffic by the weights of two target groups behind an AWS ALB.",
        settings: [
          .init("region", .text, AWSSource.region, required: true, about: "Region, such as eu-central-1."),
          .init("url", .text, .url, about: "Endpoint; that of the region unless given."),
          .init("timeout", .duration, about: "Longest wait for one answer; 10s unless given."),
        ] + AWSSource.settings,
        routeSettings: SettingsSchema(
          [
            .init("listener", .text, ALBRoute.arn, about: "ARN of the listener whose default action forwards to both."),
            .init("rule", .text, ALBRoute.arn, about: "ARN of the rule that forwards to both."),
            .init("blue", .text, ALBRoute.arn, required: true, about: "ARN of the target group of slot blue."),
            .init("green", .text, ALBRoute.arn, required: true, about: "ARN of the target group of slot green."),
            .init(
              "headerPriority", .number, .whole(1...50_000),
              about: "Priority of the rule for requests with a header, 1 to 50000."),
          ], rules: [.oneOf(["listener", "rule"]), .differ("blue", "green")]),
        headerLimits: ALBRouter.headerLimits, capabilities: [.partialWeights, .readBack],
        conditional: [.headerRoute: "headerPriority"])
    ) { backend, context throws(Failure) in
      var routes: [String: ALBRoute] = [:]
      for (name, value) in (backend.settings.map("routes")?.values ?? [:]).sorted(by: { $0.key < $1.key }) {
        guard case .map(let settings) = value else { continue }
        routes[name] = try ALBRoute(settings, name: "\(backend.name)/\(name)")
      }
      return ALBRouter(name: backend.name, client: ELBClient(backend: try endpoint(backend, context)), routes: routes)
    }
  }
}

private func endpoint(_ backend: Backend, _ context: BackendContext) throws(Failure) -> HTTPBackend {
  do throws(Failure) {
    let region = backend.settings.text("region") ?? ""
    let isName = region.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
    guard isName, !region.isEmpty else {
      throw Failure(.misconfigured, "`region` is \"\(region.excerpt(40))\"; write one such as eu-central-1")
    }
    let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    let url = backend.settings.text("url") ?? "https://elasticloadbalancing.\(region).\(domain)"
    let source = try AWSSource(backend, context)
    var http = try HTTPBackend(backend, url: url, context, largestAnswer: 1 << 22)
    http.credentials = .aws(
      source, region: region, service: "elasticloadbalancing", now: context.now, context.secret)
    return http
  } catch {
    throw Failure(
      error.kind, error.message.hasPrefix("\(backend.name): ") ? error.message : "\(backend.name): \(error.message)")
  }
}
