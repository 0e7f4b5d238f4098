import AWSSigning
import BackendHTTP
import Foundation
import LiveRig
import PipelineModel
import PluginKit
import Synchronization
import Testing

@testable import ALBPlugin

/// What AWS is asked for when a rule is made, and what its refusals mean; AWS is played by a server of the test.
@Suite struct HeaderRulesTests {
  private static let arn = "arn:aws:elasticloadbalancing:us-east-1:123:"
  private static let rule = HeaderRoute(header: "x-canary", value: "always", slot: .green)

  private static let forward =
    "<Actions><member><Type>forward</Type><ForwardConfig><TargetGroups><member><TargetGroupArn>\(arn)b</TargetGroupArn>"
    + "<Weight>1</Weight></member></TargetGroups></ForwardConfig></member></Actions>"

  /// A route's rule as AWS tells one with every sort of thing that an exception of it must have, too.
  private static let base = """
    <member><RuleArn>\(arn)listener-rule/app/edge/1/2/3</RuleArn><Priority>20</Priority><Conditions>
    <member><Field>host-header</Field><Values><member>shop.example</member></Values>
    <HostHeaderConfig><Values><member>shop.example</member></Values></HostHeaderConfig></member>
    <member><Field>query-string</Field><QueryStringConfig><Values><member><Key>a</Key><Value>b</Value></member>
    <member><Value>c</Value></member></Values></QueryStringConfig></member></Conditions>\(forward)
    <Transforms><member><Type>url-rewrite</Type><UrlRewriteConfig><Rewrites><member><Regex>^/shop</Regex>
    <Replace>/</Replace></member></Rewrites></UrlRewriteConfig></member></Transforms></member>
    """

  private func rules(_ texts: String) throws -> [ListenerRule] {
    let list = try #require(AnswerElement(parsing: Data("<Rules>\(texts)</Rules>".utf8)))
    return list.members.map { ListenerRule($0) }
  }

  private func route() throws -> ALBRoute {
    try ALBRoute(
      Settings([
        "rule": .text("\(Self.arn)listener-rule/app/edge/1/2/3"), "blue": .text("\(Self.arn)b"),
        "green": .text("\(Self.arn)g"), "headerPriority": .number(10),
      ]), name: "edge/shop")
  }

  @Test func `an exception asks for all that its rule asks for, each once, and rewrites what it rewrites`() throws {
    let wanted = try HeaderRules(route: try route(), all: try rules(Self.base), own: []).wanted(Self.rule)
    #expect(
      wanted.fields.map { "\($0.0)=\($0.1)" } == [
        "Conditions.member.1.Field=host-header",
        "Conditions.member.1.HostHeaderConfig.Values.member.1=shop.example",
        "Conditions.member.2.Field=http-header",
        "Conditions.member.2.HttpHeaderConfig.HttpHeaderName=x-canary",
        "Conditions.member.2.HttpHeaderConfig.Values.member.1=always",
        "Conditions.member.3.Field=query-string",
        "Conditions.member.3.QueryStringConfig.Values.member.1.Key=a",
        "Conditions.member.3.QueryStringConfig.Values.member.1.Value=b",
        "Conditions.member.3.QueryStringConfig.Values.member.2.Value=c",
        "Actions.member.1.Type=forward", "Actions.member.1.TargetGroupArn=\(Self.arn)g",
        "Transforms.member.1.Type=url-rewrite",
        "Transforms.member.1.UrlRewriteConfig.Rewrites.member.1.Regex=^/shop",
        "Transforms.member.1.UrlRewriteConfig.Rewrites.member.1.Replace=/",
      ])
  }

  @Test func `a rule that logs people in first has no exception`() throws {
    let login = Self.base.replacingOccurrences(
      of: "<Actions>", with: "<Actions><member><Type>authenticate-oidc</Type></member>")
    let found = HeaderRules(route: try route(), all: try rules(login), own: [])
    let failure = #expect(throws: Failure.self) { try found.wanted(Self.rule) }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.contains("authenticate-oidc, forward, where one forward is needed") == true)
  }

  /// AWS with the route's rule and one of ours, which refuses all changes by a code. A rule it was to delete is gone.
  private final class AWS: Sendable {
    private let code: String
    private let hasOwn: Mutex<Bool>

    init(refusing code: String, hasOwn: Bool) {
      self.code = code
      self.hasOwn = Mutex(hasOwn)
    }

    func answer(_ request: String) -> String {
      switch request.firstMatch(of: #/Action=(\w+)/#).map({ String($0.1) }) ?? "" {
      case "DescribeRules":
        return Self.told("DescribeRules", "<Rules>\(base)\(hasOwn.withLock { $0 ? Self.own : "" })</Rules>")
      case "DescribeTags": return Self.told("DescribeTags", Self.tags)
      case let action:
        if action == "DeleteRule" { hasOwn.withLock { $0 = false } }
        let error = "<Error><Code>\(code)</Code><Message>\(action) is not done</Message></Error>"
        return RawServer.http(400, "<ErrorResponse>\(error)</ErrorResponse>", "Retry-After: 7")
      }
    }

    private static func told(_ action: String, _ result: String) -> String {
      RawServer.http(200, "<\(action)Response><\(action)Result>\(result)</\(action)Result></\(action)Response>")
    }

    private static let own =
      "<member><RuleArn>own</RuleArn><Priority>10</Priority><Conditions><member><Field>http-header</Field></member>"
      + "</Conditions>\(forward)</member>"
    private static let tags =
      "<TagDescriptions><member><ResourceArn>own</ResourceArn><Tags><member><Key>headgate:header-route</Key>"
      + "<Value>edge/shop</Value></member></Tags></member></TagDescriptions>"
  }

  /// What comes of a change that AWS refuses by a code.
  private func outcome(of code: String, hasOwn: Bool, _ rule: HeaderRoute?) async throws -> Failure? {
    let aws = AWS(refusing: code, hasOwn: hasOwn)
    let route = try route()
    return try await RawServer.with(.made(aws.answer)) { server in
      let keys = AWSKeys(accessKey: "id", secretKey: "key")
      let client = ELBClient(
        backend: HTTPBackend(
          name: "edge", url: server.url, timeout: .seconds(60),
          credentials: .aws(
            keys, region: "us-east-1", service: "elasticloadbalancing", now: MotoServer.context.now,
            MotoServer.context.secret), secret: MotoServer.context.secret))
      let router = ALBRouter(name: "edge", client: client, routes: ["shop": route])
      do throws(Failure) {
        try await router.setHeaderRoute(HeaderRouteChange(route: "shop", rule: rule, key: "k"))
        return nil
      } catch { return error }
    }
  }

  @Test(arguments: [
    ("PriorityInUse", Failure.Kind.transient, "PriorityInUse: CreateRule is not done"),
    ("Throttling", .transient, "Throttling: CreateRule is not done"),
    (
      "TooManyRules", .misconfigured,
      "TooManyRules: CreateRule is not done; make room, or have the load balancer's quota raised"
    ), ("TargetGroupNotFound", .rejected, "HTTP 400, TargetGroupNotFound: CreateRule is not done"),
  ])
  func `a refusal of a rule is told for what it is`(code: String, kind: Failure.Kind, message: String) async throws {
    let failure = try await outcome(of: code, hasOwn: false, Self.rule)
    #expect(failure?.kind == kind)
    #expect(failure?.message.hasSuffix(message) == true, "\(failure?.message ?? "")")
    if kind == .transient { #expect(failure?.retryAfter == .seconds(7)) }
  }

  @Test func `a rule that is there is changed and not made, and one that is gone is taken away`() async throws {
    let changed = try await outcome(of: "OperationNotPermitted", hasOwn: true, Self.rule)
    #expect(changed?.message.contains("OperationNotPermitted: ModifyRule is not done") == true)
    #expect(try await outcome(of: "RuleNotFound", hasOwn: true, nil) == nil)
    let vanished = try await outcome(of: "RuleNotFound", hasOwn: true, Self.rule)
    #expect(vanished?.kind == .transient, "\(vanished?.message ?? "")")
    let kept = try await outcome(of: "OperationNotPermitted", hasOwn: true, nil)
    #expect(kept?.message.contains("DeleteRule is not done") == true)
  }
}
