import KubernetesClient
import PipelineModel
import PluginKit

/// Whether the gateways of an HTTPRoute run it as it is.
enum RouteAcceptance: Hashable, Sendable {
  case accepted
  /// With what it waits for.
  case waiting(String)
  /// With the gateway's reason.
  case refused(String)

  /// - Parameter needsRefs: whether every Service must be there. A rollback must not wait for one of a version that has
  ///   gone already, and gateways complain of that whatever its weight.
  init(_ object: KubernetesObject, needsRefs: Bool) {
    let parents = object.status["parents"]?.list ?? []
    guard !parents.isEmpty else {
      self = .waiting("no gateway has taken it up")
      return
    }
    self = parents.map { Self.acceptance($0, object.generation, needsRefs) }.max { $0.rank < $1.rank } ?? .accepted
  }

  private static func acceptance(_ parent: JSON, _ generation: Int, _ needsRefs: Bool) -> RouteAcceptance {
    let gateway = (parent["parentRef"]?["name"]?.text ?? "a gateway").excerpt(60)
    let conditions = KubernetesCondition.all(in: parent["conditions"])
    for type in needsRefs ? ["Accepted", "ResolvedRefs"] : ["Accepted"] {
      guard let condition = conditions[type] else {
        return .waiting("the gateway \(gateway) has not said whether it is \(type)")
      }
      guard condition.observedGeneration >= generation else {
        return .waiting("the gateway \(gateway) has not seen the change")
      }
      guard condition.isTrue else {
        let said =
          "the gateway \(gateway) says \(type) is \(condition.status.excerpt(20)): "
          + "\(condition.reason.excerpt(60)) \(condition.message.excerpt(200))"
        // A Service may be made a moment after its route, and `Unknown` is no answer yet.
        return type == "Accepted" && condition.status == "False" ? .refused(said) : .waiting(said)
      }
    }
    return .accepted
  }

  /// One gateway that refuses or has not seen it speaks for all.
  private var rank: Int {
    switch self {
    case .accepted: 0
    case .waiting: 1
    case .refused: 2
    }
  }
}
