package import BackendHTTP
import Foundation
package import PipelineModel
package import PluginKit

/// The API of Kubernetes by plain REST: one request, one answer; nothing is tried twice.
package struct KubernetesClient: Sendable {
  package var backend: HTTPBackend

  /// Name that changes are recorded under in `managedFields`.
  package var fieldManager = "headgate"

  package init(_ backend: HTTPBackend) { self.backend = backend }

  package var timeout: Interval { backend.timeout }

  package func get(_ name: KubernetesName) async throws(Failure) -> KubernetesAnswer {
    try await send(HTTPCall(.get, path(name)), "could not read \(name)")
  }

  package func create(_ object: KubernetesObject, in name: KubernetesName) async throws(Failure) -> KubernetesAnswer {
    let call = HTTPCall(.post, name.resource.path(name.namespace), query: [.init("fieldManager", fieldManager)])
    return try await send(call.sending(object.json.data, as: "application/json"), "could not create \(name)")
  }

  /// Changes what `patch` names and nothing else, by RFC 7386: a list is replaced as a whole. With
  /// `metadata.resourceVersion` in it, it is a conflict when somebody changed the object since.
  package func merge(_ patch: JSON, into name: KubernetesName) async throws(Failure) -> KubernetesAnswer {
    let call = HTTPCall(.patch, path(name), query: [.init("fieldManager", fieldManager)])
    return try await send(call.sending(patch.data, as: "application/merge-patch+json"), "could not change \(name)")
  }

  /// Says what the fields in `object` shall be, by server-side apply: the server keeps who owns which field.
  ///
  /// - Parameter force: takes fields over from other managers, instead of answering `owned`.
  package func apply(_ object: JSON, to name: KubernetesName, force: Bool = false) async throws(Failure)
    -> KubernetesAnswer
  {
    var object = object
    object["apiVersion"] = .text(name.resource.apiVersion)
    object["kind"] = .text(name.resource.kind)
    let query = [HTTPCall.Field("fieldManager", fieldManager), .init("force", "\(force)")]
    // JSON is YAML.
    let call = HTTPCall(.patch, path(name), query: query).sending(object.data, as: "application/apply-patch+yaml")
    return try await send(call, "could not apply \(name)")
  }

  package func delete(_ name: KubernetesName) async throws(Failure) -> KubernetesAnswer {
    try await send(HTTPCall(.delete, path(name)), "could not delete \(name)")
  }

  private func path(_ name: KubernetesName) -> String { "\(name.resource.path(name.namespace))/\(name.name)" }

  private func send(_ call: HTTPCall, _ attempt: String) async throws(Failure) -> KubernetesAnswer {
    try await backend.send(call, "\(attempt) at \(backend.url)") { reply throws(Failure) in
      try KubernetesAnswer(reply)
    }
  }
}
