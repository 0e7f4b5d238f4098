import BackendHTTP
import Foundation
import PipelineModel
import PluginKit

/// What the API server says when it does not do what it was asked: the `Status` kind.
package struct KubernetesStatus: Hashable, Sendable {
  package struct Cause: Hashable, Sendable {
    package var reason: String
    package var message: String
    package var field: String
  }

  package var code: Int
  package var reason: String
  package var message: String
  package var causes: [Cause]

  /// `nil` when it is none.
  init?(_ json: JSON) {
    guard json["kind"]?.text == "Status" else { return nil }
    code = json["code"]?.integer ?? 0
    reason = json["reason"]?.text ?? ""
    message = json["message"]?.text ?? ""
    causes = (json["details"]?["causes"]?.list ?? []).map {
      Cause(
        reason: $0["reason"]?.text ?? "", message: $0["message"]?.text ?? "", field: $0["field"]?.text ?? "")
    }
  }

  /// Fields that another manager owns, and its name: `.spec.rules (argocd-controller)`; empty when that is not the reason.
  package var ownedFields: [String] {
    causes.filter { $0.reason == "FieldManagerConflict" }.map { cause in
      let parts = cause.message.split(separator: "\"")
      return parts.count > 1 ? "\(cause.field) (\(parts[1]))" : cause.field
    }
  }
}

/// What came of a request.
package enum KubernetesAnswer: Hashable, Sendable {
  case object(KubernetesObject)
  /// 404: there is no such object, or no such kind.
  case missing(String)
  /// 409: somebody changed it since it was read, or it is there already.
  case conflict(String)
  /// 409 to an apply: other managers own these fields.
  case owned([String])
}

extension KubernetesAnswer {
  /// - Throws: `misconfigured` when the server does not know us or does not let us, `rejected` when it cannot take what was
  ///   sent, `transient` when it cannot answer now.
  init(_ reply: HTTPReply) throws(Failure) {
    let json = JSON(parsing: reply.body)
    let status = json.flatMap { KubernetesStatus($0) }
    let said = status.map { reply.quoted($0.message, 400) }
    switch (reply.status, json) {
    case (200..<300, .object?): self = .object(KubernetesObject(json ?? [:]))
    case (200..<300, _):
      let isDamaged = reply.body.first == UInt8(ascii: "{")
      throw Failure(
        isDamaged ? .transient : .misconfigured,
        "HTTP \(reply.status) with \(isDamaged ? "damaged JSON" : "no JSON"), where an object was due: \(reply.excerpt)"
      )
    case (404, _) where status != nil: self = .missing(said ?? "")
    case (409, _):
      let owned = status?.ownedFields ?? []
      self = owned.isEmpty ? .conflict(said ?? reply.excerpt) : .owned(owned.map { reply.quoted($0, 200) })
    case (401, _):
      throw Failure(.misconfigured, "HTTP 401: the API server does not accept the credentials, or they have expired")
    case (403, _):
      throw Failure(.misconfigured, "HTTP 403: \(said ?? "the credentials do not allow it"); a Role must grant it")
    default: throw reply.refusal(said)
    }
  }
}
