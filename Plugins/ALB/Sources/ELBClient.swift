import BackendHTTP
import Foundation
import PipelineModel
import PluginKit

/// The query API of Elastic Load Balancing, version 2: a form in, XML out.
struct ELBClient: Sendable {
  var backend: HTTPBackend

  private static let version = "2015-12-01"

  /// The actions of a listener or rule, as AWS has them.
  func actions(of place: ALBRoute.Place) async throws(Failure) -> ForwardAction {
    let found: AnswerElement?
    switch place {
    case .listener(let arn):
      let answer = try await ask("DescribeListeners", [("ListenerArns.member.1", arn)])
      found = answer["DescribeListenersResult"]?["Listeners"]?.members.first?["DefaultActions"]
    case .rule(let arn):
      let answer = try await ask("DescribeRules", [("RuleArns.member.1", arn)])
      found = answer["DescribeRulesResult"]?["Rules"]?.members.first?["Actions"]
    }
    guard let found else { throw Failure(.rejected, "AWS knows nothing of \(place.arn.excerpt(160))") }
    return try ForwardAction(found.members)
  }

  /// Forwards by other weights, all else as it was.
  func forward(_ weights: TargetWeights, _ route: ALBRoute, as before: ForwardAction) async throws(Failure) {
    let (action, arn, prefix) =
      switch route.place {
      case .listener(let arn): ("ModifyListener", ("ListenerArn", arn), "DefaultActions.member.1")
      case .rule(let arn): ("ModifyRule", ("RuleArn", arn), "Actions.member.1")
      }
    let config = "\(prefix).ForwardConfig"
    var fields = [arn, ("\(prefix).Type", "forward")]
    for (index, group) in [(route.blue, weights.blue), (route.green, weights.green)].enumerated() {
      fields.append(("\(config).TargetGroups.member.\(index + 1).TargetGroupArn", group.0))
      fields.append(("\(config).TargetGroups.member.\(index + 1).Weight", "\(group.1)"))
    }
    if let stickiness = before.stickiness {
      fields.append(("\(config).TargetGroupStickinessConfig.Enabled", "\(stickiness.isEnabled)"))
      if let seconds = stickiness.duration {
        fields.append(("\(config).TargetGroupStickinessConfig.DurationSeconds", seconds))
      }
    }
    _ = try await ask(action, fields)
  }

  /// - Parameter harmless: codes of errors after which all is as it was to be.
  func ask(_ action: String, _ fields: [(String, String)], butFor harmless: Set<String> = [])
    async throws(Failure) -> AnswerElement
  {
    let all = [("Action", action), ("Version", Self.version)] + fields
    let call = HTTPCall(.post, "/").sending(form: all.map { .init($0.0, $0.1) })
    return try await backend.send(call, "\(action) failed at \(backend.url)") { reply throws(Failure) in
      guard let answer = AnswerElement(parsing: reply.body) else {
        if reply.isSuccess {
          throw Failure(.misconfigured, "HTTP \(reply.status) and no XML, so this is not AWS: \(reply.excerpt)")
        }
        throw reply.refusal()
      }
      if !reply.isSuccess, let code = answer["Error"]?["Code"]?.text, harmless.contains(code) { return answer }
      guard reply.isSuccess, answer.name == "\(action)Response" else { throw Self.refusal(reply, answer) }
      return answer
    }
  }

  /// Codes that AWS's common errors page lists, and those of this service.
  private static func refusal(_ reply: HTTPReply, _ answer: AnswerElement) -> Failure {
    guard let error = answer["Error"], let code = error["Code"]?.text else { return reply.refusal() }
    let said = "\(reply.quoted(code, 80)): \(reply.quoted(error["Message"]?.text ?? "", 300))"
    switch code {
    case "Throttling", "ThrottlingException", "RequestLimitExceeded", "ServiceUnavailable", "InternalFailure",
      // It was free a moment ago: the next try sees who has it, perhaps a try of our own whose answer was lost.
      "PriorityInUse":
      return Failure(.transient, said, retryAfter: reply.retryAfter)
    case "AccessDenied", "AccessDeniedException", "InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken",
      "UnrecognizedClientException", "IncompleteSignature", "MissingAuthenticationToken", "NotAuthorized",
      "OptInRequired", "RequestExpired":
      return Failure(.misconfigured, said)
    case "TooManyRules", "TooManyUniqueTargetGroupsPerLoadBalancer":
      return Failure(.misconfigured, "\(said); make room, or have the load balancer's quota raised")
    default: return reply.refusal(said, missing: .rejected)
    }
  }
}
