import Foundation
import KubernetesClient
import PluginKit
import Testing

@testable import KubernetesPlugin

/// What gateways write into a route's status becomes one of three answers; without a server.
@Suite struct RouteAcceptanceTests {
  private func acceptance(_ accepted: String, _ resolved: String, needsRefs: Bool) throws -> String {
    let text = """
      {"metadata": {"generation": 2}, "status": {"parents": [{"parentRef": {"name": "edge"}, "conditions": [
        {"type": "Accepted", "status": "\(accepted)", "observedGeneration": 2},
        {"type": "ResolvedRefs", "status": "\(resolved)", "observedGeneration": 2}]}]}}
      """
    let object = KubernetesObject(try #require(JSON(parsing: Data(text.utf8))))
    return switch RouteAcceptance(object, needsRefs: needsRefs) {
    case .accepted: "accepted"
    case .waiting: "waiting"
    case .refused: "refused"
    }
  }

  @Test(arguments: [
    ("True", "True", "accepted", "accepted"), ("False", "True", "refused", "refused"),
    ("Unknown", "True", "waiting", "waiting"), ("True", "False", "waiting", "accepted"),
    ("True", "Unknown", "waiting", "accepted"), ("False", "False", "refused", "refused"),
    ("Unknown", "False", "waiting", "waiting"),
  ])
  func `only Accepted False refuses, and a Service that is missing is waited for where it gets traffic`(
    accepted: String, resolved: String, needed: String, unneeded: String
  ) throws {
    #expect(try acceptance(accepted, resolved, needsRefs: true) == needed)
    #expect(try acceptance(accepted, resolved, needsRefs: false) == unneeded)
  }
}
