import AWSSigning
import BackendHTTP
import Foundation
import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import ALBPlugin

/// moto's server with a load balancer on it: it knows AWS's wire format and routes nothing.
struct MotoServer {
  let url: String
  let child: Child
  let listener: String
  let rule: String
  let authenticated: String
  /// Target groups.
  let blue: String
  let green: String
  let other: String
  let elb: ELBClient

  static let context = BackendContext(
    secret: { name throws(Failure) in name == "id" ? "AKIDEXAMPLE" : "geheimer-schluessel" }, stateDirectory: "/",
    baseDirectory: "/", now: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) })

  init(_ name: String = "moto", in rig: Rig) async throws {
    let port = try Rig.freePort()
    let url = "http://127.0.0.1:\(port)"
    child = try await rig.start(name, try Component.moto.required(), ["-H", "127.0.0.1", "-p", "\(port)"])
    try await Rig.wait(for: name) { await Rig.get("\(url)/moto-api/data.json")?.status == 200 }
    self.url = url
    elb = Self.client(url, "elasticloadbalancing")
    let subnets = try await Self.subnets(url)
    let balancer = try await Self.arn(
      elb.ask("CreateLoadBalancer", [("Name", "edge")] + subnets), "LoadBalancers", "LoadBalancerArn")
    var groups: [String] = []
    for name in ["blue", "green", "other"] {
      let group = try await elb.ask(
        "CreateTargetGroup", [("Name", name), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", try await Self.vpc(url))])
      groups.append(try Self.arn(group, "TargetGroups", "TargetGroupArn"))
    }
    (blue, green, other) = (groups[0], groups[1], groups[2])
    listener = try await Self.listener(elb, balancer, 80, [("Type", "forward"), ("TargetGroupArn", groups[0])])
    authenticated = try await Self.listener(
      elb, balancer, 81, [("Type", "fixed-response"), ("FixedResponseConfig.StatusCode", "200")])
    let config = "Actions.member.1.ForwardConfig"
    rule = try await Self.arn(
      elb.ask(
        "CreateRule",
        [
          ("ListenerArn", listener), ("Priority", "20"), ("Conditions.member.1.Field", "path-pattern"),
          ("Conditions.member.1.Values.member.1", "/checkout/*"), ("Actions.member.1.Type", "forward"),
          ("\(config).TargetGroups.member.1.TargetGroupArn", blue), ("\(config).TargetGroups.member.1.Weight", "1"),
          ("\(config).TargetGroups.member.2.TargetGroupArn", green), ("\(config).TargetGroups.member.2.Weight", "0"),
          ("\(config).TargetGroupStickinessConfig.Enabled", "true"),
          ("\(config).TargetGroupStickinessConfig.DurationSeconds", "600"),
        ]), "Rules", "RuleArn")
  }

  private static func client(_ url: String, _ service: String) -> ELBClient {
    let keys = AWSKeys(accessKey: "id", secretKey: "key")
    return ELBClient(
      backend: HTTPBackend(
        name: "aws", url: url, timeout: .seconds(60),
        credentials: .aws(keys, region: "us-east-1", service: service, now: context.now, context.secret),
        secret: context.secret))
  }

  private static func arn(_ answer: AnswerElement, _ list: String, _ name: String) throws -> String {
    try #require(answer.children.first?[list]?.members.first?[name]?.text)
  }

  private static func listener(_ elb: ELBClient, _ balancer: String, _ port: Int, _ action: [(String, String)])
    async throws -> String
  {
    let fields = action.map { ("DefaultActions.member.1.\($0.0)", $0.1) }
    let answer = try await elb.ask(
      "CreateListener", [("LoadBalancerArn", balancer), ("Protocol", "HTTP"), ("Port", "\(port)")] + fields)
    return try arn(answer, "Listeners", "ListenerArn")
  }

  /// What EC2 tells of the account's own network, which moto has from the start.
  private static func network(_ url: String, _ action: String) async throws -> AnswerElement {
    let call = HTTPCall(.post, "/").sending(form: [.init("Action", action), .init("Version", "2016-11-15")])
    return try await client(url, "ec2").backend.send(call, action) { reply throws(Failure) in
      guard let answer = AnswerElement(parsing: reply.body) else { throw reply.refusal() }
      return answer
    }
  }

  private static func subnets(_ url: String) async throws -> [(String, String)] {
    let items = try await network(url, "DescribeSubnets")["subnetSet"]?.children ?? []
    return items.prefix(2).enumerated().compactMap { index, item in
      item["subnetId"].map { ("Subnets.member.\(index + 1)", $0.text) }
    }
  }

  private static func vpc(_ url: String) async throws -> String {
    try await network(url, "DescribeVpcs")["vpcSet"]?.children.first?["vpcId"]?.text ?? ""
  }

  /// As `headgate.yaml` would have it, with routes by listener and by rule, and some that are wrong.
  func router(timeout: Interval = .seconds(60)) throws(Failure) -> any TrafficRouter {
    let routes: [String: [String: Settings.Value]] = [
      "listener": route(["listener": listener], headers: 40),
      "rule": route(["rule": rule], headers: 10),
      "plain": route(["rule": rule], headers: nil),
      "early": route(["listener": listener], headers: 5),
      "late": route(["rule": rule], headers: 20),
      "third": ["listener": .text(listener), "blue": .text(other), "green": .text(green)],
      "fixed": route(["listener": authenticated], headers: 1),
      "nobody": route(["listener": "\(listener)0"], headers: 1),
    ]
    let values = routes.mapValues { Settings.Value.map(Settings($0)) }
    return try BackendFactory<any TrafficRouter>.alb.make(
      Backend(
        name: "edge", kind: "alb",
        settings: Settings([
          "region": .text("us-east-1"), "url": .text(url), "timeout": .duration(timeout), "accessKey": .secret("id"),
          "secretKey": .secret("key"), "routes": .map(Settings(values)),
        ])), Self.context)
  }

  private func route(_ place: [String: String], headers priority: Int?) -> [String: Settings.Value] {
    var route = place.mapValues { Settings.Value.text($0) }
    route["blue"] = .text(blue)
    route["green"] = .text(green)
    route["headerPriority"] = priority.map { .number(Double($0)) }
    return route
  }

  /// Somebody else forwards everything to blue.
  func reset() async throws {
    for (action, arn, prefix) in [
      ("ModifyListener", ("ListenerArn", listener), "DefaultActions"), ("ModifyRule", ("RuleArn", rule), "Actions"),
    ] {
      let fields = [arn, ("\(prefix).member.1.Type", "forward"), ("\(prefix).member.1.TargetGroupArn", blue)]
      _ = try await elb.ask(action, fields)
    }
  }

  /// Somebody else makes a rule, for requests to another path unless told otherwise.
  ///
  /// - Returns: its ARN.
  @discardableResult
  func addRule(priority: Int, _ conditions: [(String, String)]? = nil) async throws -> String {
    let path = [("Conditions.member.1.Field", "path-pattern"), ("Conditions.member.1.Values.member.1", "/other/*")]
    let fields = [
      ("ListenerArn", listener), ("Priority", "\(priority)"), ("Actions.member.1.Type", "forward"),
      ("Actions.member.1.TargetGroupArn", other),
    ]
    return try Self.arn(try await elb.ask("CreateRule", fields + (conditions ?? path)), "Rules", "RuleArn")
  }

  /// Somebody else gives a rule another priority.
  func move(from old: Int, to new: Int) async throws {
    let rule = try #require(try await rules()[old])
    let prefix = "RulePriorities.member.1"
    _ = try await elb.ask(
      "SetRulePriorities", [("\(prefix).RuleArn", rule.arn), ("\(prefix).Priority", "\(new)")])
  }

  /// The rules of the listener by their priorities, the default one's as 0; the first page of them.
  func rules() async throws -> [Int: ListenerRule] {
    let answer = try await elb.ask("DescribeRules", [("ListenerArn", listener)])
    let rules = (answer["DescribeRulesResult"]?["Rules"]?.members ?? []).map { ListenerRule($0) }
    return Dictionary(uniqueKeysWithValues: rules.map { ($0.priority ?? 0, $0) })
  }

  func action(of place: ALBRoute.Place) async throws -> ForwardAction { try await elb.actions(of: place) }
}
