package import PipelineModel
package import PluginKit

/// One object of the API: `apiVersion`, `kind`, `metadata`, and what its kind has.
package struct KubernetesObject: Hashable, Sendable {
  package var json: JSON

  package init(_ json: JSON) { self.json = json }

  package var name: String { json["metadata"]?["name"]?.text ?? "" }
  /// Another one after each change of anything; its order means nothing to clients.
  package var resourceVersion: String { json["metadata"]?["resourceVersion"]?.text ?? "" }
  /// One more after each change of what is wished for.
  package var generation: Int { json["metadata"]?["generation"]?.integer ?? 0 }
  package var spec: JSON { json["spec"] ?? [:] }
  package var status: JSON { json["status"] ?? [:] }

  /// Conditions of its own status, by type.
  package var conditions: [String: KubernetesCondition] { KubernetesCondition.all(in: status["conditions"]) }
}

/// What a controller says of an object.
package struct KubernetesCondition: Hashable, Sendable {
  /// `True`, `False` or `Unknown`.
  package var status: String
  package var reason: String
  package var message: String
  /// The generation of the object that it speaks of; 0 where it does not tell.
  package var observedGeneration: Int

  package var isTrue: Bool { status == "True" }

  package static func all(in list: JSON?) -> [String: KubernetesCondition] {
    var conditions: [String: KubernetesCondition] = [:]
    for entry in list?.list ?? [] {
      guard let type = entry["type"]?.text else { continue }
      conditions[type] = KubernetesCondition(
        status: entry["status"]?.text ?? "Unknown", reason: entry["reason"]?.text ?? "",
        message: entry["message"]?.text ?? "", observedGeneration: entry["observedGeneration"]?.integer ?? 0)
    }
    return conditions
  }
}

/// Where objects of one kind are in the API.
package struct KubernetesResource: Hashable, Sendable {
  /// `gateway.networking.k8s.io`; empty for the core group.
  package var group: String
  package var version: String
  /// `httproutes`
  package var plural: String
  package var kind: String

  package init(group: String, version: String, plural: String, kind: String) {
    self.group = group
    self.version = version
    self.plural = plural
    self.kind = kind
  }

  package static let httpRoutes = KubernetesResource(
    group: "gateway.networking.k8s.io", version: "v1", plural: "httproutes", kind: "HTTPRoute")
  package static let services = KubernetesResource(group: "", version: "v1", plural: "services", kind: "Service")
  package static let deployments = KubernetesResource(
    group: "apps", version: "v1", plural: "deployments", kind: "Deployment")

  package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  package func path(_ namespace: String) -> String {
    let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    return "\(root)/namespaces/\(namespace)/\(plural)"
  }
}

/// An object's place: its kind, namespace and name.
package struct KubernetesName: Hashable, Sendable, CustomStringConvertible {
  package var resource: KubernetesResource
  package var namespace: String
  package var name: String

  package init(_ resource: KubernetesResource, namespace: String, name: String) {
    self.resource = resource
    self.namespace = namespace
    self.name = name
  }

  package var description: String { "\(resource.kind) \(namespace)/\(name)" }

  /// What a name looks like.
  package static let format = SettingFormat.matching(
    "[a-z0-9][a-z0-9.-]*", example: "shop", help: "use small letters, digits, - and .")

  /// - Returns: `nil` when a part is not what Kubernetes calls a DNS subdomain: letters in small, digits, `-` and `.`.
  package init?(checked resource: KubernetesResource, namespace: String, name: String) {
    guard Self.isSubdomain(namespace), Self.isSubdomain(name) else { return nil }
    self.init(resource, namespace: namespace, name: name)
  }

  private static func isSubdomain(_ text: String) -> Bool {
    (1...253).contains(text.utf8.count) && text.first != "." && text.first != "-"
      && text.unicodeScalars.allSatisfy {
        ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "."
      }
  }
}
